import SNNCore
import SNNGraph
import SNNKernels
import SNNProducts

/// A depthwise convolution, whose outputs a pointwise one mixes: y = activation((x * depthwise) .
/// pointwise + bias) (Keras's `SeparableConv1D` and `SeparableConv2D`, channels last).
final class SeparableConv: Layer {
    let className: String
    private let filters: Int
    private let window: WindowOptions
    private let multiplier: Int
    private let usesBias: Bool
    private let activation: any Activation
    private let depthwise: VariableOptions
    private let pointwise: VariableOptions
    private let bias: VariableOptions

    init(_ options: inout Configuration, axes: Int) throws(SNNError) {
        className = "SeparableConv\(axes)D"
        filters = try options.integer("filters", in: 1 ... Int(Int32.max))
        window = try WindowOptions(&options, axes: axes, padding: Padding.choices)
        multiplier = try options.integer("depth_multiplier", default: 1, in: 1 ... Int(Int32.max))
        activation = try options.activation("activation")
        usesBias = try options.bool("use_bias", default: true)
        depthwise = try VariableOptions(
            &options, "depthwise", default: Initializers.glorotUniform)
        pointwise = try VariableOptions(
            &options, "pointwise", default: Initializers.glorotUniform)
        bias = try VariableOptions(&options, "bias", default: Initializers.zeros)
    }

    var configuration: [JSON.Member] {
        [
            .init("filters", .integer(Int64(filters))),
            .init("depth_multiplier", .integer(Int64(multiplier))),
        ] + window.configuration + [
            .init("activation", activation.json),
            .init("use_bias", .bool(usesBias)),
        ] + depthwise.configuration + pointwise.configuration + bias.configuration
    }

    var unknownToKeras: [String] { activation.isKeras ? [] : [activation.name] }

    private func geometry(for inputs: [Shape]) throws(SNNError) -> ConvolutionGeometry {
        let input = try soleInput(inputs)
        return try ConvolutionGeometry.depthwise(
            window.axes(for: input), channels: input.last, multiplier: multiplier)
    }

    private func sumShape(for inputs: [Shape]) throws(SNNError) -> Shape {
        try Shape(geometry(for: inputs).outputExtents(window.axes) + [filters])
    }

    func outputShapes(for inputs: [Shape]) throws(SNNError) -> [Shape] {
        [try activation.outputShape(for: sumShape(for: inputs))]
    }

    func variables(for inputs: [Shape]) throws(SNNError) -> [VariableSpecification] {
        let geometry = try geometry(for: inputs)
        let ones = [Int](repeating: 1, count: window.axes)
        let kernels = [
            depthwise.specification(
                try Shape(window.kernelSize + [geometry.channels, multiplier]),
                named: "depthwise_kernel"),
            pointwise.specification(
                try Shape(ones + [geometry.filters, filters]), named: "pointwise_kernel"),
        ]
        return usesBias ? kernels + [bias.specification(try Shape([filters]))] : kernels
    }

    func operation(for call: LayerCall) -> any Operation {
        // Both were checked when the layer was called.
        guard let geometry = try? geometry(for: call.inputs),
            let sums = try? sumShape(for: call.inputs)
        else { return IdentityOperation() }
        return SeparableOperation(
            call, geometry, filters: filters, usesBias: usesBias, activation: activation,
            sums: sums)
    }
}

private final class SeparableOperation: Operation {
    let needs: OperationNeeds
    private let depthwise: any ConvolutionMethod
    private let pointwise: any ConvolutionMethod
    private let usesBias: Bool
    private let sums: ActivatedSums
    private let filters: Int
    private let places: Int
    /// Between the two, in a sample.
    private let middle: Int
    private let isTraining: Bool
    private let reduction: FloatCount

    init(
        _ call: LayerCall, _ geometry: ConvolutionGeometry, filters: Int, usesBias: Bool,
        activation: any Activation, sums shape: Shape
    ) {
        let second = ConvolutionGeometry.pointwise(
            places: geometry.outputPlaces, channels: geometry.filters, filters: filters)
        (depthwise, pointwise) = (geometry.method(in: call.mode), second.method(in: call.mode))
        self.usesBias = usesBias
        self.filters = filters
        places = shape.outerCount
        middle = geometry.outputPlaces * geometry.filters
        isTraining = call.mode == .training
        sums = ActivatedSums(activation, shape, output: call.outputs[0].count, mode: call.mode)
        reduction = ColumnReduction.scratch(outer: places, columns: filters)

        var needs = OperationNeeds()
        needs.backwardReadsInputs = true
        sums.extend(&needs)
        if isTraining { needs.saved.perRow += middle }
        let own = isTraining
            ? max(depthwise.scratchCount.training, pointwise.scratchCount.training)
            : max(depthwise.scratchCount.inference, pointwise.scratchCount.inference)
        needs.scratch = FloatCount(
            perRow: sums.scratchCount + middle + reduction.perRow, fixed: reduction.fixed + own)
        if !isTraining { needs.packed = depthwise.packedCount + pointwise.packedCount }
        needs.workspace = max(depthwise.workspace, pointwise.workspace)
        self.needs = needs
    }

    /// Behind the sums: what lies between the two or its gradient, what adds up the bias's gradient,
    /// and the methods' own.
    private func middleScratch(_ context: OperationContext) -> UnsafeMutablePointer<Float> {
        context.scratch + sums.scratchCount &* context.rows
    }

    private func reductionScratch(_ context: OperationContext) -> UnsafeMutablePointer<Float> {
        middleScratch(context) + middle &* context.rows
    }

    private func methodScratch(_ context: OperationContext) -> UnsafeMutablePointer<Float> {
        reductionScratch(context) + (reduction.perRow &* context.rows &+ reduction.fixed)
    }

    /// The sums that are saved come first.
    private func between(_ context: OperationContext) -> UnsafeMutablePointer<Float> {
        isTraining
            ? context.saved + (needs.saved.perRow &- middle) &* context.rows
            : middleScratch(context)
    }

    func pack(_ context: OperationContext) {
        guard let packed = context.packed else { return }
        let scratch = methodScratch(context)
        depthwise.pack(context.variable(0), into: packed, scratch: scratch, context)
        pointwise.pack(
            context.variable(1), into: packed + depthwise.packedCount, scratch: scratch, context)
    }

    func forward(_ context: OperationContext) {
        let (scratch, between) = (methodScratch(context), between(context))
        depthwise.forward(
            context.input(), context.variable(0), packed: context.packed, into: between,
            bias: nil, addend: nil, end: .none, scratch: scratch, context)
        pointwise.forward(
            between, context.variable(1),
            packed: context.packed.map { $0 + depthwise.packedCount }, into: sums.target(context),
            bias: usesBias ? UnsafePointer(context.variable(2)) : nil, addend: nil, end: sums.end,
            scratch: scratch, context)
        sums.activate(context)
    }

    func backward(_ context: OperationContext) {
        let dSums = sums.gradient(context)
        if usesBias, let dBias = context.dVariable(2) {
            ColumnReduction.sum(
                dSums, rows: context.rows &* places, columns: filters,
                scratch: reductionScratch(context), into: dBias, context)
        }
        let scratch = methodScratch(context)
        if let dPointwise = context.dVariable(1) {
            pointwise.kernelGradient(
                between(context), dSums, into: dPointwise, scratch: scratch, context)
        }
        guard context.dVariable(0) != nil || context.dInput() != nil else { return }
        let dBetween = middleScratch(context)
        pointwise.inputGradient(
            dSums, context.variable(1), into: dBetween, bias: nil, scratch: scratch, context)
        if let dDepthwise = context.dVariable(0) {
            depthwise.kernelGradient(
                context.input(), dBetween, into: dDepthwise, scratch: scratch, context)
        }
        if let dInput = context.dInput() {
            depthwise.inputGradient(
                dBetween, context.variable(0), into: dInput, bias: nil, scratch: scratch, context)
        }
    }
}

extension ConvolutionGeometry {
    /// Each place by itself.
    static func pointwise(places: Int, channels: Int, filters: Int) -> ConvolutionGeometry {
        let axis = SpatialAxis(
            input: places, kernel: 1, stride: 1, dilation: 1, before: 0, output: places)
        return ConvolutionGeometry([axis], channels: channels, filters: filters, groups: 1)
    }
}
