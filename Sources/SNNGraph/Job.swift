import SNNCore

/// Work of an operation from one tensor to another, to be done in pieces. One form for layers that
/// are not in every network: each other form of `Workers.split` is a kilobyte of the library.
package struct Job {
    package let context: OperationContext
    /// Which of the runner's jobs it is.
    package let phase: Int
    package let x: UnsafePointer<Float>
    package let y: UnsafeMutablePointer<Float>
}

package protocol JobRunner: AnyObject, Sendable {
    /// Does pieces `start ..< start + count`.
    func run(_ job: Job, _ start: Int, _ count: Int)
}

extension OperationContext {
    /// Runs a job whose `count` pieces cost about so many arithmetic operations each, among the
    /// threads; they start at multiples of `granule`.
    @inline(never)
    package func run(
        _ runner: any JobRunner, _ phase: Int, _ x: UnsafePointer<Float>,
        _ y: UnsafeMutablePointer<Float>, count: Int, cost: Int, granule: Int = 1
    ) {
        workers.split(
            count, cost: cost, granule: granule,
            with: (runner, Job(context: self, phase: phase, x: x, y: y))
        ) { work, start, count in work.0.run(work.1, start, count) }
    }
}
