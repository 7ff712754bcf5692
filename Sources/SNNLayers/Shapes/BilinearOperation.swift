import SNNCore
import SNNGraph

/// Bilinear upsampling: along each axis number j of the output is at (j + 0.5) / factor - 0.5 of the
/// input, whose ends go on beyond it. First along the width, then along the height.
final class BilinearOperation: Operation, JobRunner {
    let needs: OperationNeeds
    private let width: LinearPass
    private let height: LinearPass

    init(_ call: LayerCall, height factor: Int, width widthFactor: Int) {
        let input = call.inputs[0]
        width = LinearPass(
            outer: input[0], length: input[1], inner: input[2], factor: widthFactor)
        height = LinearPass(
            outer: 1, length: input[0], inner: input[1] * widthFactor * input[2], factor: factor)
        var needs = OperationNeeds()
        // What is between the two.
        needs.scratch.perRow = input.count * widthFactor
        self.needs = needs
    }

    func forward(_ context: OperationContext) {
        run(width, 0, context.input(), context.scratch, context)
        run(height, 1, context.scratch, context.output(), context)
    }

    func backward(_ context: OperationContext) {
        guard let dInput = context.dInput() else { return }
        run(height, 3, context.dOutput(), context.scratch, context)
        run(width, 2, context.scratch, dInput, context)
    }

    private func run(
        _ pass: LinearPass, _ phase: Int, _ x: UnsafePointer<Float>,
        _ y: UnsafeMutablePointer<Float>, _ context: OperationContext
    ) {
        // Numbers that each is made of.
        let (vectors, terms) =
            phase < 2 ? (pass.length &* pass.factor, 2) : (pass.length, 2 &* pass.factor)
        context.run(
            self, phase, x, y, count: context.rows &* pass.outer &* vectors,
            cost: 2 &* terms &* pass.inner)
    }

    func run(_ job: Job, _ start: Int, _ count: Int) {
        let pass = job.phase & 1 == 0 ? width : height
        pass.run(job.x, job.y, start, start &+ count, isBackward: job.phase >= 2)
    }
}

/// y = linear interpolation of x along the middle axis of [outer, length, inner].
private struct LinearPass {
    let outer: Int
    let length: Int
    let inner: Int
    let factor: Int

    /// Between which neighbours number j of the output is, and how much of it is the second's.
    private func place(_ j: Int) -> (first: Int, second: Int, weight: Float) {
        let position = (Float(j) + 0.5) / Float(factor) - 0.5
        let floor = position.rounded(.down)
        let first = Int(floor)
        return (max(first, 0), min(first &+ 1, length &- 1), position - floor)
    }

    func run(
        _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ start: Int, _ end: Int,
        isBackward: Bool
    ) {
        let (from, to) = isBackward ? (length &* factor, length) : (length, length &* factor)
        for vector in start ..< end {
            let x = x + vector / to &* from &* inner
            let y = y + vector &* inner
            if isBackward {
                gather(x, y, vector % to)
            } else {
                interpolate(x, y, vector % to)
            }
        }
    }

    private func interpolate(
        _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ j: Int
    ) {
        let (first, second, weight) = place(j)
        let (a, b) = (x + first &* inner, x + second &* inner)
        var index = 0
        while index < inner {
            y[index] = a[index] * (1 - weight) + b[index] * weight
            index &+= 1
        }
    }

    /// The gradient of number i of the input: from all that it is a neighbour of.
    private func gather(
        _ dy: UnsafePointer<Float>, _ dx: UnsafeMutablePointer<Float>, _ i: Int
    ) {
        dx.update(repeating: 0, count: inner)
        var j = max(i &- 1, 0) &* factor
        let end = min(i &+ 2, length) &* factor
        while j < end {
            let (first, second, weight) = place(j)
            let share = (first == i ? 1 - weight : 0) + (second == i ? weight : 0)
            let dy = dy + j &* inner
            var index = 0
            while share != 0, index < inner {
                dx[index] += dy[index] * share
                index &+= 1
            }
            j &+= 1
        }
    }
}
