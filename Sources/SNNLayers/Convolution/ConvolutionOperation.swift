import SNNCore
import SNNGraph
import SNNKernels
import SNNProducts

/// y = activation(x * kernel + bias), by a method; or the transposed convolution, which is what the
/// input's gradient of that of the method is.
final class ConvolutionOperation: Operation {
    let needs: OperationNeeds
    private let method: any ConvolutionMethod
    private let isTransposed: Bool
    private let usesBias: Bool
    private let sums: ActivatedSums
    private let filters: Int
    /// Of the output, in a sample.
    private let places: Int
    private let reduction: FloatCount

    /// - Parameter sums: the shape of the output before its activation.
    init(
        _ call: LayerCall, _ method: any ConvolutionMethod, isTransposed: Bool = false,
        usesBias: Bool, activation: any Activation, sums shape: Shape
    ) {
        self.method = method
        self.isTransposed = isTransposed
        self.usesBias = usesBias
        filters = shape.last
        places = shape.outerCount
        sums = ActivatedSums(activation, shape, output: call.outputs[0].count, mode: call.mode)
        reduction = ColumnReduction.scratch(outer: places, columns: filters)

        var needs = OperationNeeds()
        needs.backwardReadsInputs = true
        sums.extend(&needs)
        let isTraining = call.mode == .training
        // A transposed one packs its kernel in each call.
        let own = isTraining || isTransposed ? method.scratchCount.training : method.scratchCount.inference
        needs.scratch = FloatCount(
            perRow: sums.scratchCount + reduction.perRow, fixed: reduction.fixed + own)
        if !isTraining && !isTransposed { needs.packed = method.packedCount }
        needs.workspace = method.workspace
        self.needs = needs
    }

    /// The method's part of the scratch, behind the sums and what adds up the bias's gradient.
    private func scratch(_ context: OperationContext) -> UnsafeMutablePointer<Float> {
        let perRow = sums.scratchCount &+ reduction.perRow
        return context.scratch + (perRow &* context.rows &+ reduction.fixed)
    }

    func pack(_ context: OperationContext) {
        guard let packed = context.packed else { return }
        method.pack(
            context.variable(0), into: packed, scratch: scratch(context), context)
    }

    func forward(_ context: OperationContext) {
        let target = sums.target(context)
        let bias = usesBias ? UnsafePointer(context.variable(1)) : nil
        if isTransposed {
            method.inputGradient(
                context.input(), context.variable(0), into: target, bias: bias,
                scratch: scratch(context), context)
            finish(target, context)
        } else {
            method.forward(
                context.input(), context.variable(0), packed: context.packed, into: target,
                bias: bias, end: sums.end, scratch: scratch(context), context)
            sums.activate(context)
        }
    }

    /// The activation as a pass of its own.
    private func finish(_ target: UnsafeMutablePointer<Float>, _ context: OperationContext) {
        guard !sums.activation.isIdentity else { return }
        sums.activation.forward(
            target, context.output(), rows: context.rows, shape: sums.shape, context)
    }

    func backward(_ context: OperationContext) {
        let dSums = sums.gradient(context)
        if usesBias, let dBias = context.dVariable(1) {
            ColumnReduction.sum(
                dSums, rows: context.rows &* places, columns: filters,
                scratch: context.scratch + sums.scratchCount &* context.rows, into: dBias, context)
        }
        let (input, scratch) = (UnsafePointer(context.input()), scratch(context))
        if let dKernel = context.dVariable(0) {
            method.kernelGradient(
                isTransposed ? dSums : input, isTransposed ? input : dSums, into: dKernel,
                scratch: scratch, context)
        }
        guard let dInput = context.dInput() else { return }
        if isTransposed {
            method.forward(
                dSums, context.variable(0), packed: nil, into: dInput, bias: nil, end: .none,
                scratch: scratch, context)
        } else {
            method.inputGradient(
                dSums, context.variable(0), into: dInput, bias: nil, scratch: scratch, context)
        }
    }
}
