import CSystem
import Synchronization

/// Where the threads of a pool meet: one place a thread, number 0 the owner's of the running loop.
/// Never freed: workers live as long as the process.
///
/// A place has two cache lines. The owner writes the first one to call the thread to a loop: its
/// share of the tasks, and what to do with them, arrive in one transfer. The thread writes the
/// second one when it has done something.
struct ThreadPoolPlaces {
    /// A thread's call to a loop.
    struct Call: ~Copyable {
        /// Generation of the loop << 32 | tasks of the thread's share that nobody has claimed.
        /// Which loop a claim is for is so part of the claim: a late thread claims nothing.
        let share = Atomic<UInt64>(0)
        /// Tasks of the loop << 32 | its threads.
        let extent = Atomic<UInt64>(0)
        // To be read between claiming a task and reporting it only.
        var function: ThreadPool.Function?
        var context: UnsafeMutableRawPointer?
    }

    private static let stride = 128
    /// In `share`, beside no tasks: the thread sleeps on this word until it is called.
    private static let sleeps: UInt64 = 1 << 31
    private let memory: UnsafeMutableRawPointer

    /// nil when memory has run out.
    init?() {
        var memory: UnsafeMutableRawPointer?
        let size = ThreadPool.maximumThreads * ThreadPoolPlaces.stride
        guard posix_memalign(&memory, ThreadPoolPlaces.stride, size) == 0, let memory else {
            return nil
        }
        self.memory = memory
        for place in 0..<ThreadPool.maximumThreads {
            call(place).initialize(to: Call())
            reported(place).initialize(to: Atomic(0))
        }
    }

    private func call(_ place: Int) -> UnsafeMutablePointer<Call> {
        (memory + place &* ThreadPoolPlaces.stride).assumingMemoryBound(to: Call.self)
    }

    /// Generation of a loop << 32 | tasks of it that the thread has done. The owner, who knows what
    /// it has done, sleeps on its own.
    private func reported(_ place: Int) -> UnsafeMutablePointer<Atomic<UInt64>> {
        (memory + place &* ThreadPoolPlaces.stride + 64).assumingMemoryBound(to: Atomic.self)
    }

    /// For a new thread in this place.
    func reset(_ place: Int) {
        call(place).pointee.share.store(0, ordering: .relaxed)
        reported(place).pointee.store(0, ordering: .relaxed)
    }

    // MARK: Calling

    /// Gives a thread its share of a loop's tasks; a thread that sleeps is woken.
    func announce(
        _ place: Int, _ generation: UInt32, tasks: Int, threads: Int,
        _ function: @escaping ThreadPool.Function, _ context: UnsafeMutableRawPointer
    ) {
        let extent = UInt64(truncatingIfNeeded: tasks) << 32 | UInt64(truncatingIfNeeded: threads)
        let first = ThreadPoolPlaces.firstTask(place, extent)
        let count = ThreadPoolPlaces.firstTask(place &+ 1, extent) &- first
        let call = call(place)
        call.pointee.function = function
        call.pointee.context = context
        call.pointee.extent.store(extent, ordering: .relaxed)
        let last = call.pointee.share.exchange(
            UInt64(generation) << 32 | UInt64(truncatingIfNeeded: count),
            ordering: .acquiringAndReleasing)
        if last & ThreadPoolPlaces.sleeps != 0 { snnsys_futex_wake(call) }
    }

    /// The loop that the thread was called to last.
    func generation(_ place: Int) -> UInt32 {
        UInt32(truncatingIfNeeded: call(place).pointee.share.load(ordering: .acquiring) >> 32)
    }

    /// Sleeps until the thread is called to another loop than `last`, whose tasks are claimed.
    func sleep(_ place: Int, while last: UInt32) {
        let share = UInt64(last) << 32
        // From here on a call finds the mark and wakes.
        let (sleeps, _) = call(place).pointee.share.compareExchange(
            expected: share, desired: share | ThreadPoolPlaces.sleeps,
            ordering: .acquiringAndReleasing)
        guard sleeps else { return }
        // The word's low half, which comes first in memory.
        while generation(place) == last {
            snnsys_futex_wait(call(place), UInt32(ThreadPoolPlaces.sleeps))
        }
    }

    // MARK: Working

    /// Runs the tasks of the thread's own share, in their order, then those that other threads have
    /// not begun. Reports as soon as a share has no more of them.
    ///
    /// - Returns: how many it ran; 0 where it came too late.
    func work(_ place: Int, _ generation: UInt32) -> Int {
        // This loop's extent, or a later one's; then no claim of this loop succeeds.
        let extent = call(place).pointee.extent.load(ordering: .relaxed)
        let threads = Int(truncatingIfNeeded: extent & 0xffff_ffff)
        var done = 0
        var victim = place
        for _ in 0..<threads {
            let before = done
            let end = ThreadPoolPlaces.firstTask(victim &+ 1, extent)
            while let remaining = claimTask(of: victim, generation) {
                if let function = call(place).pointee.function,
                    let context = call(place).pointee.context
                {
                    function(context, end &- remaining)
                }
                done &+= 1
            }
            if done != before && place != 0 { report(place, generation, done) }
            victim = victim &+ 1 == threads ? 0 : victim &+ 1
        }
        return done
    }

    /// Where the share of a thread begins: the same for each loop of as many tasks and threads, so
    /// that a thread finds in its caches what it used the last time.
    private static func firstTask(_ place: Int, _ extent: UInt64) -> Int {
        Int(
            truncatingIfNeeded: UInt64(truncatingIfNeeded: place) &* (extent >> 32)
                / max(extent & 0xffff_ffff, 1))
    }

    /// How many tasks of the share were left, this one included; nil when there was none or the
    /// loop is over.
    private func claimTask(of place: Int, _ generation: UInt32) -> Int? {
        let share = call(place)
        var seen = share.pointee.share.load(ordering: .acquiring)
        while true {
            let remaining = seen & (ThreadPoolPlaces.sleeps &- 1)
            guard seen >> 32 == UInt64(generation), remaining > 0 else { return nil }
            let (exchanged, original) = share.pointee.share.weakCompareExchange(
                expected: seen, desired: seen &- 1, ordering: .acquiringAndReleasing)
            if exchanged { return Int(truncatingIfNeeded: remaining) }
            seen = original
        }
    }

    // MARK: Joining

    // The thread writes its report and then reads whether the owner sleeps, the owner writes that
    // and then reads the reports, all sequentially consistent: one of them sees the other.

    /// From here on the owner may return and start another loop.
    private func report(_ place: Int, _ generation: UInt32, _ done: Int) {
        reported(place).pointee.store(
            UInt64(generation) << 32 | UInt64(truncatingIfNeeded: done),
            ordering: .sequentiallyConsistent)
        if reported(0).pointee.load(ordering: .sequentiallyConsistent) != 0 {
            reported(0).pointee.store(0, ordering: .sequentiallyConsistent)
            snnsys_futex_wake(reported(0))
        }
    }

    /// How many tasks of the loop all threads but the owner have done.
    func reports(_ generation: UInt32, threads: Int) -> Int {
        var done: UInt64 = 0
        for place in 1..<max(threads, 1) {
            let report = reported(place).pointee.load(ordering: .sequentiallyConsistent)
            if report >> 32 == UInt64(generation) { done &+= report & 0xffff_ffff }
        }
        return Int(truncatingIfNeeded: done)
    }

    /// Sleeps until the other threads have done `tasks` tasks of the loop.
    func sleep(untilReported tasks: Int, _ generation: UInt32, threads: Int) {
        let sleeps: UInt64 = 1
        while true {
            reported(0).pointee.store(sleeps, ordering: .sequentiallyConsistent)
            if reports(generation, threads: threads) == tasks { break }
            snnsys_futex_wait(reported(0), UInt32(sleeps))
        }
        reported(0).pointee.store(0, ordering: .relaxed)
    }
}
