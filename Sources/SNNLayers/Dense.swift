import CKernels
import SNNCore
import SNNGraph
import SNNKernels
import SNNProducts

/// y = activation(x · kernel + bias) on the last axis of an input of any rank (Keras's `Dense`).
final class Dense: Layer {
    let className = "Dense"
    private let units: Int
    private let usesBias: Bool
    private let activation: any Activation
    private let kernel: VariableOptions
    private let bias: VariableOptions

    init(_ options: inout Configuration) throws(SNNError) {
        units = try options.integer("units", in: 1 ... Int(Int32.max))
        activation = try options.activation("activation")
        usesBias = try options.bool("use_bias", default: true)
        kernel = try VariableOptions(&options, "kernel", default: Initializers.glorotUniform)
        bias = try VariableOptions(&options, "bias", default: Initializers.zeros)
        try options.refuse(unlessNull: "lora_rank", "lora_alpha", "quantization_config")
    }

    var configuration: [JSON.Member] {
        [
            .init("units", .integer(Int64(units))),
            .init("activation", activation.json),
            .init("use_bias", .bool(usesBias)),
        ] + kernel.configuration + bias.configuration
    }

    var isAffine: Bool { activation.isIdentity }

    var unknownToKeras: [String] { activation.isKeras ? [] : [activation.name] }

    func outputShapes(for inputs: [Shape]) throws(SNNError) -> [Shape] {
        let input = try soleInput(inputs, minimumRank: 1)
        return [try activation.outputShape(for: input.replacingLast(with: units))]
    }

    func variables(for inputs: [Shape]) throws(SNNError) -> [VariableSpecification] {
        let kernel = kernel.specification(try Shape([inputs[0].last, units]))
        guard usesBias else { return [kernel] }
        return [kernel, bias.specification(try Shape([units]))]
    }

    func operation(for call: LayerCall) -> any Operation {
        DenseOperation(call, units: units, usesBias: usesBias, activation: activation)
    }
}

private final class DenseOperation: Operation {
    let needs: OperationNeeds
    private let inputs: Int
    private let units: Int
    /// Vectors in a sample.
    private let outer: Int
    private let usesBias: Bool
    private let sums: ActivatedSums

    init(_ call: LayerCall, units: Int, usesBias: Bool, activation: any Activation) {
        inputs = call.inputs[0].last
        outer = call.inputs[0].outerCount
        self.units = units
        self.usesBias = usesBias
        // Equal to the input's shape but for the last axis, as `outputShapes` has checked.
        let sumShape = (try? call.inputs[0].replacingLast(with: units)) ?? call.outputs[0]
        sums = ActivatedSums(
            activation, sumShape, output: call.outputs[0].count, mode: call.mode)

        var needs = OperationNeeds()
        needs.backwardReadsInputs = true
        sums.extend(&needs)
        let reduction = ColumnReduction.scratch(outer: outer, columns: units)
        needs.scratch = FloatCount(
            perRow: sums.scratchCount + reduction.perRow, fixed: reduction.fixed)
        switch call.mode {
        case .inference:
            needs.packed = OperationContext.panelCount(n: units, k: inputs)
            needs.workspace = OperationContext.productWorkspace(k: inputs)
        case .training:
            // As deep as the batch is large, which is not known yet.
            needs.workspace = OperationContext.productWorkspace()
        }
        self.needs = needs
    }

    func pack(_ context: OperationContext) {
        guard let panels = context.packed else { return }
        context.packPanels(
            n: units, k: inputs, Matrix(context.variable(0), columns: units), into: panels)
    }

    func soleProduct(_ context: OperationContext) -> snnk_product? {
        sums.areOutput ? product(context, rows: 1, into: context.output()) : nil
    }

    func forward(_ context: OperationContext) {
        context.run(product(context, rows: context.rows, into: sums.target(context)))
        sums.activate(context)
    }

    private func product(
        _ context: OperationContext, rows: Int, into target: UnsafeMutablePointer<Float>
    ) -> snnk_product {
        context.makeProduct(
            m: rows &* outer, n: units, k: inputs, Matrix(context.input(), columns: inputs),
            Matrix(context.variable(0), columns: units), panels: context.packed, into: target,
            bias: usesBias ? UnsafePointer(context.variable(1)) : nil, end: sums.end)
    }

    func backward(_ context: OperationContext) {
        let vectors = context.rows &* outer
        let dSums = sums.gradient(context)
        if usesBias, let dBias = context.dVariable(1) {
            ColumnReduction.sum(
                dSums, rows: vectors, columns: units, scratch: context.scratch + sums.scratchCount &* context.rows, into: dBias, context)
        }
        if let dKernel = context.dVariable(0) {
            context.product(
                m: inputs, n: units, k: vectors,
                Matrix(context.input(), columns: inputs).transposed, Matrix(dSums, columns: units),
                into: dKernel)
        }
        if let dInput = context.dInput() {
            context.product(
                m: vectors, n: inputs, k: units, Matrix(dSums, columns: units),
                Matrix(context.variable(0), columns: units).transposed, into: dInput)
        }
    }
}
