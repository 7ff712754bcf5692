import CSystem
import Synchronization

private let chosenCount = Atomic<Int>(0)
private let offeredCount = Atomic<Int>(0)

extension ThreadPool {
    /// How many threads a call uses that does not say: what was set, else SWIFTNN_NUM_THREADS
    /// (1 to 256, ignored when it is anything else), else the CPUs that the process may use.
    package static var defaultThreadCount: Int {
        let chosen = chosenCount.load(ordering: .relaxed)
        if chosen > 0 { return chosen }
        let offered = offeredCount.load(ordering: .relaxed)
        if offered > 0 { return offered }
        let found = environmentCount(getenv("SWIFTNN_NUM_THREADS")) ?? machineCount()
        offeredCount.store(found, ordering: .relaxed)
        return found
    }

    /// For the whole process; 0 is automatic again. Numbers outside 0 to 256 are clamped.
    package static func setDefaultThreadCount(_ count: Int) {
        chosenCount.store(min(max(count, 0), maximumThreads), ordering: .relaxed)
    }

    /// nil unless the text is a number from 1 to 256.
    package static func environmentCount(_ text: UnsafePointer<CChar>?) -> Int? {
        guard let text, let count = Int(String(cString: text)), 1...maximumThreads ~= count else {
            return nil
        }
        return count
    }

    /// The CPUs of the affinity mask, or fewer where a cgroup limits the process to less time.
    private static func machineCount() -> Int {
        let offered = Int(snnsys_affinity_count())
        let quota = CPUQuota.read(groups: "/proc/self/cgroup", root: "/sys/fs/cgroup") ?? offered
        return min(offered, quota, maximumThreads)
    }
}
