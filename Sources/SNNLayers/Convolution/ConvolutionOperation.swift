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
    private let epilogue: Epilogue
    /// Of the kernel, [kernelRows, filters].
    private let kernelRows: Int

    /// - Parameter sums: the shape of the output before its activation.
    init(
        _ call: LayerCall, _ method: any ConvolutionMethod, isTransposed: Bool = false,
        usesBias: Bool, activation: any Activation, kernelRows: Int = 0, sums shape: Shape
    ) {
        epilogue = call.epilogue
        self.kernelRows = kernelRows
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
        let folding = epilogue.affine == nil ? 0 : (kernelRows + 2) * filters
        needs.scratch = FloatCount(
            perRow: sums.scratchCount + reduction.perRow, fixed: reduction.fixed + own + folding)
        if !isTraining && !isTransposed {
            needs.packed = method.packedCount + (folding > 0 ? filters : 0)
        }
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
        let scratch = scratch(context)
        guard let affine = epilogue.affine else {
            return method.pack(context.variable(0), into: packed, scratch: scratch, context)
        }
        // (x * kernel + bias) * scale + shift is a convolution again.
        let (scale, shift) = (scratch, packed + method.packedCount)
        affine.map.fold(
            channels: filters, variables: context.variables + affine.firstVariable, scale: scale,
            shift: shift)
        if usesBias {
            context.kernels.pointee.column_affine(
                context.variable(1), scale, shift, shift, 1, Int64(filters))
        }
        let (zeros, kernel) = (scale + filters, scale + 2 &* filters)
        context.kernels.pointee.fill(zeros, Int64(filters), 0)
        context.kernels.pointee.column_affine(
            context.variable(0), scale, zeros, kernel, Int64(kernelRows), Int64(filters))
        method.pack(kernel, into: packed, scratch: kernel + kernelRows &* filters, context)
    }

    /// What comes on top of the sums in inference: a bias that holds the shift, too.
    private func bias(_ context: OperationContext) -> UnsafePointer<Float>? {
        if epilogue.affine != nil, let packed = context.packed {
            return UnsafePointer(packed + method.packedCount)
        }
        return usesBias ? UnsafePointer(context.variable(1)) : nil
    }

    func forward(_ context: OperationContext) {
        let target = sums.target(context)
        let bias = bias(context)
        if isTransposed {
            method.inputGradient(
                context.input(), context.variable(0), into: target, bias: bias,
                scratch: scratch(context), context)
            finish(target, context)
        } else {
            method.forward(
                context.input(), context.variable(0), packed: context.packed, into: target,
                bias: bias, addend: epilogue.addend.map { UnsafePointer(context.input($0)) },
                end: epilogue.rectifier.map { ProductEnd($0) } ?? sums.end,
                scratch: scratch(context), context)
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
                dSums, context.variable(0), packed: nil, into: dInput, bias: nil, addend: nil,
                end: .none, scratch: scratch, context)
        } else {
            method.inputGradient(
                dSums, context.variable(0), into: dInput, bias: nil, scratch: scratch, context)
        }
    }
}
