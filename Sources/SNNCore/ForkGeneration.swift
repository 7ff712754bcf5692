import CSystem
import Synchronization

/// How many forks lie between this process and the one that first asked: what was in use by a
/// thread of the parent can be told by it.
package enum ForkGeneration {
    private static let count = Atomic<Int>(0)

    /// Registered once; without memory for it, a child counts as its parent.
    private static let handler: Int32 = pthread_atfork(
        nil, nil, { ForkGeneration.count.wrappingAdd(1, ordering: .relaxed) })

    package static var current: Int {
        _ = handler
        return count.load(ordering: .relaxed)
    }
}
