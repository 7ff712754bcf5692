import SNNCore
import SNNGraph
import SNNProducts

/// y = x for x > 0, else alpha * x, with an alpha of its own for each place but along the axes that
/// share one (He et al. 2015, Keras's `PReLU`).
final class PReLU: Layer {
    let className = "PReLU"
    private let alpha: VariableOptions
    private let sharedAxes: [Int]?

    init(_ options: inout Configuration) throws(SNNError) {
        alpha = try VariableOptions(&options, "alpha", default: Initializers.zeros)
        sharedAxes = try options.optionalIntegers(
            "shared_axes", count: 0 ... Shape.maximumRank, in: 1 ... Shape.maximumRank)
    }

    var configuration: [JSON.Member] {
        alpha.configuration + [
            .init(
                "shared_axes", sharedAxes.map { .array($0.map { .integer(Int64($0)) }) } ?? .null)
        ]
    }

    func outputShapes(for inputs: [Shape]) throws(SNNError) -> [Shape] {
        let input = try soleInput(inputs, minimumRank: 1)
        for axis in sharedAxes ?? [] where axis > input.rank {
            throw SNNError(
                .shape,
                "'shared_axes' must be from 1 to \(input.rank) for input \(input.batchText), "
                    + "received \(axis)")
        }
        return [input]
    }

    func variables(for inputs: [Shape]) throws(SNNError) -> [VariableSpecification] {
        [alpha.specification(alphaShape(for: inputs[0]))]
    }

    func operation(for call: LayerCall) -> any Operation {
        PReLUOperation(Period(alphaShape(for: call.inputs[0]), in: call.inputs[0]), call)
    }

    private func alphaShape(for input: Shape) -> Shape {
        input.keeping((0 ..< input.rank).filter { !(sharedAxes ?? []).contains($0 + 1) })
    }
}

private final class PReLUOperation: Operation, JobRunner {
    let needs: OperationNeeds
    private let period: Period
    private let count: Int
    /// Sums the gradients of alpha over places of a row, where they are not columns.
    private let sum: StridedCopy?
    /// For each row of the batch how many rows of them are left.
    private let outer: Int

    init(_ period: Period, _ call: LayerCall) {
        self.period = period
        count = call.inputs[0].count
        sum = period.copy?.mirrored
        outer = sum == nil ? period.outer : 1
        var needs = OperationNeeds()
        needs.backwardReadsInputs = true
        needs.scratch.fixed = period.floats
        if call.mode == .training {
            let columns = period.small.count
            let reduction = ColumnReduction.scratch(outer: outer, columns: columns)
            needs.scratch.fixed += reduction.fixed
            needs.scratch.perRow = count + columns + reduction.perRow
        }
        self.needs = needs
    }

    func forward(_ context: OperationContext) {
        run(context.input(), context.output(), context)
    }

    func backward(_ context: OperationContext) {
        if let dInput = context.dInput() { run(context.dOutput(), dInput, context) }
        if let dAlpha = context.dVariable(0) { sumGradients(into: dAlpha, context) }
    }

    /// y = v where the input is above 0, else alpha * v: of the input itself, or of dy.
    private func run(
        _ v: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ context: OperationContext
    ) {
        let alpha = context.scratch
        period.lay(context.variable(0), into: alpha, context)
        period.run(self, 0, v, y, context)
    }

    func run(_ job: Job, _ start: Int, _ count: Int) {
        let context = job.context
        let (input, alpha) = (context.input(), context.scratch)
        guard job.phase == 0 else {
            for index in start ..< start &+ count {
                let x = input[index]
                job.y[index] = x > 0 ? 0 : x * job.x[index]
            }
            return
        }
        period.stretches(job, start, count) { first, count in
            let (x, v, y) = (input + first, job.x + first, job.y + first)
            for index in 0 ..< count {
                y[index] = x[index] > 0 ? v[index] : alpha[index] * v[index]
            }
        }
    }

    /// The sum of x * dy where x is not above 0.
    private func sumGradients(
        into dAlpha: UnsafeMutablePointer<Float>, _ context: OperationContext
    ) {
        let terms = context.scratch
        context.run(
            self, 1, context.dOutput(), terms, count: context.rows &* count, cost: 2, granule: 16)
        let columns = period.small.count
        var sums = terms
        var scratch = terms + context.rows &* count
        if let sum {
            sums = scratch
            scratch += context.rows &* columns
            sum.run(terms, sums, context)
        }
        ColumnReduction.sum(
            sums, rows: context.rows &* outer, columns: columns, scratch: scratch, into: dAlpha,
            context)
    }
}
