import CCPU
import CSystem
import Synchronization

/// The process's threads for parallel loops: fork and join, the caller takes part.
///
/// No thread is made before a loop asks for a second one; idle threads sleep. Who runs a task is
/// decided by chance, so a task's result may depend on its index only. After `fork` the child
/// starts without threads and makes its own.
package final class ThreadPool: @unchecked Sendable {
    // Sendable: the plain fields are written only by the owner of `isBusy`; workers read them only
    // between claiming a task and reporting it done, while the owner waits.

    package static let shared = ThreadPool()
    package static let maximumThreads = 256

    /// Works on the context for one task. It captures nothing: a capture would be an allocation.
    package typealias Function = (UnsafeMutableRawPointer, Int) -> Void

    private let isBusy = Atomic<Bool>(false)
    /// Generation of the loop << 32 | tasks not yet claimed. A late worker of an earlier loop
    /// finds another generation here and claims nothing.
    private let claim = Atomic<UInt64>(0)
    private let isOwnerAsleep = Atomic<Bool>(false)

    /// Words of their own cache lines: word 0 counts the tasks that are not done, and each
    /// worker has a ticket. They are futexes, hence the fixed addresses.
    private var words: ThreadPoolWords?
    private var generation: UInt32 = 0
    private var workers = 0
    private var canStartThreads = true
    private var hasForkHandler = false

    private var function: Function?
    private var context: UnsafeMutableRawPointer?
    private var tasks = 0

    private init() {}

    /// Calls `body` with 0 ..< `tasks`, each once, on at most `threads` threads, and returns when
    /// all are done. `body` may run on several threads at once.
    ///
    /// On the calling thread alone where another thread's loop, or an outer one, has the pool. One
    /// small allocation a call; the form with a context makes none.
    package func run(tasks: Int, threads: Int, _ body: (Int) -> Void) {
        guard tasks > 1, threads > 1 else {
            for task in 0..<max(tasks, 0) { body(task) }
            return
        }
        withoutActuallyEscaping(body) { body in
            var holder = BodyHolder(body: body)
            withUnsafeMutablePointer(to: &holder) { holder in
                run(tasks: tasks, threads: threads, context: holder) { context, task in
                    context.assumingMemoryBound(to: BodyHolder.self).pointee.body(task)
                }
            }
        }
    }

    /// The same for a function and what it works on; allocates nothing once the threads are there.
    package func run(
        tasks: Int, threads: Int, context: UnsafeMutableRawPointer,
        _ function: @escaping Function
    ) {
        guard tasks > 1, threads > 1, tasks <= Int(Int32.max), takePool() else {
            for task in 0..<max(tasks, 0) { function(context, task) }
            return
        }
        let helpers = startWorkers(min(threads, tasks, ThreadPool.maximumThreads) - 1)
        if let words, helpers > 0 {
            self.function = function
            self.context = context
            self.tasks = tasks
            announce(tasks, to: helpers, words)
            work(generation, words)
            waitForWorkers(words)
        } else {
            for task in 0..<tasks { function(context, task) }
        }
        isBusy.store(false, ordering: .releasing)
    }

    private func takePool() -> Bool {
        isBusy.compareExchange(expected: false, desired: true, ordering: .acquiring).exchanged
    }

    private func announce(_ tasks: Int, to helpers: Int, _ words: ThreadPoolWords) {
        generation &+= 1
        if generation == 0 { generation = 1 }
        words.pending.pointee.store(UInt32(truncatingIfNeeded: tasks), ordering: .relaxed)
        claim.store(
            UInt64(generation) << 32 | UInt64(truncatingIfNeeded: tasks), ordering: .releasing)
        for worker in 0..<helpers { words.hand(generation, to: worker) }
    }

    /// Claims and runs tasks of a loop until none is left.
    private func work(_ generation: UInt32, _ words: ThreadPoolWords) {
        var done: UInt32 = 0
        while let remaining = claimTask(of: generation), let function, let context {
            function(context, tasks - remaining)
            done += 1
        }
        guard done > 0 else { return }
        // From here on the owner may return and start another loop.
        let pending = words.pending.pointee.wrappingSubtract(
            done, ordering: .sequentiallyConsistent
        ).newValue
        if pending == 0 && isOwnerAsleep.load(ordering: .sequentiallyConsistent) {
            snnsys_futex_wake(words.pending)
        }
    }

    /// How many tasks were left, this one included; nil when there was none or the loop is over.
    private func claimTask(of generation: UInt32) -> Int? {
        var seen = claim.load(ordering: .acquiring)
        while true {
            let remaining = Int(seen & 0xffff_ffff)
            guard seen >> 32 == UInt64(generation), remaining > 0 else { return nil }
            let (exchanged, original) = claim.weakCompareExchange(
                expected: seen, desired: seen - 1, ordering: .acquiringAndReleasing)
            if exchanged { return remaining }
            seen = original
        }
    }

    private func waitForWorkers(_ words: ThreadPoolWords) {
        let isDone = { words.pending.pointee.load(ordering: .acquiring) == 0 }
        if spin(until: isDone) { return }
        isOwnerAsleep.store(true, ordering: .sequentiallyConsistent)
        while true {
            let pending = words.pending.pointee.load(ordering: .sequentiallyConsistent)
            if pending == 0 { break }
            snnsys_futex_wait(words.pending, pending)
        }
        isOwnerAsleep.store(false, ordering: .relaxed)
    }

    /// Makes up to `wanted` workers, and tells how many of them there are.
    private func startWorkers(_ wanted: Int) -> Int {
        guard workers < wanted, canStartThreads else { return min(workers, wanted) }
        if words == nil { words = ThreadPoolWords() }
        guard let words else { return 0 }
        if !hasForkHandler {
            // Without the handler a child of fork() would wait for threads that it does not have.
            guard pthread_atfork(nil, nil, { ThreadPool.shared.forgetWorkers() }) == 0 else {
                return 0
            }
            hasForkHandler = true
        }
        while workers < wanted {
            words.reset(workers)
            let argument = UnsafeMutableRawPointer(bitPattern: workers + 1)
            guard snnsys_start_thread({ ThreadPool.shared.serve($0) }, argument) == 0 else {
                // Not tried again at every loop: the process is at a limit.
                canStartThreads = false
                break
            }
            workers += 1
        }
        return min(workers, wanted)
    }

    /// In the child of a fork: its only thread is the one that called it.
    private func forgetWorkers() {
        workers = 0
        canStartThreads = true
        isOwnerAsleep.store(false, ordering: .relaxed)
        isBusy.store(false, ordering: .relaxed)
    }

    /// A worker's life: wait for a ticket, work, spin for the next one, sleep.
    private func serve(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
        pthread_setname_np(pthread_self(), "swiftnn")
        snnc_control_set(UInt32(SNNC_DEFAULT_CONTROL))
        guard let words else { return nil }
        let worker = Int(bitPattern: argument) - 1
        var ticket: UInt32 = 0
        while true {
            let last = ticket
            let isCalled = { words.ticket(worker) != last }
            if last == 0 || !spin(until: isCalled) { words.sleep(worker, while: last) }
            ticket = words.ticket(worker)
            work(ticket, words)
        }
    }

    /// Whether the condition came true within 50 µs.
    private func spin(until condition: () -> Bool) -> Bool {
        if condition() { return true }
        let end = snnsys_monotonic_time() + 50_000
        repeat {
            for _ in 0..<32 {
                if condition() { return true }
                snnc_pause()
            }
        } while snnsys_monotonic_time() < end
        return false
    }
}

private struct BodyHolder {
    let body: (Int) -> Void
}
