import CCPU
import CFork
import CSystem
import Synchronization

/// The process's threads for parallel loops: fork and join, the caller takes part.
///
/// No thread is made before a loop asks for a second one; idle threads sleep. Each thread first
/// runs the tasks of its own share, the same one in every loop of as many tasks and threads, then
/// what others have not begun: so a thread's caches serve it from loop to loop, and one that comes
/// late holds nobody up. Who runs a task is therefore left to chance, and its result may depend on
/// its index only. After `fork` the child starts without threads and makes its own.
///
/// A loop whose tasks take no time costs 0.2 µs on two threads that are awake.
package final class ThreadPool: @unchecked Sendable {
    // Sendable: the plain fields are written only by the owner of `isBusy`; a worker reads
    // `places` alone, which was there before it.

    package static let shared = ThreadPool()
    package static let maximumThreads = 256

    /// Works on the context for one task. It captures nothing: a capture would be an allocation.
    package typealias Function = (UnsafeMutableRawPointer, Int) -> Void

    private let isBusy = Atomic<Bool>(false)
    private var places: ThreadPoolPlaces?
    private var generation: UInt32 = 0
    private var workers = 0
    private var canStartThreads = true

    /// Registered once, before a loop has the pool: a child that nobody tells so would take the pool
    /// for busy, and wait for threads that it does not have.
    private static let childHook: Bool = {
        snnf_add_child_hook { ThreadPool.shared.forgetWorkers() }
        return true
    }()

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
    @inline(__always)
    package func run(
        tasks: Int, threads: Int, context: UnsafeMutableRawPointer,
        _ function: @escaping Function
    ) {
        let loop = Loop(tasks: tasks, threads: threads, context: context, function: function)
        withUnsafePointer(to: loop) { run($0) }
    }

    private struct Loop {
        let tasks: Int
        let threads: Int
        let context: UnsafeMutableRawPointer
        let function: Function
    }

    /// From memory: the optimizer makes a copy of this for each function that it sees (30 KB).
    @inline(never)
    private func run(_ loop: UnsafePointer<Loop>) {
        let (tasks, threads) = (loop.pointee.tasks, loop.pointee.threads)
        let (context, function) = (loop.pointee.context, loop.pointee.function)
        guard tasks > 1, threads > 1, tasks <= Int(Int32.max), takePool() else {
            for task in 0..<max(tasks, 0) { function(context, task) }
            return
        }
        let helpers = startWorkers(min(threads, tasks, ThreadPool.maximumThreads) - 1)
        if let places, helpers > 0 {
            generation = generation == .max ? 1 : generation &+ 1
            for place in 0...helpers {
                places.announce(
                    place, generation, tasks: tasks, threads: helpers &+ 1, function, context)
            }
            let own = places.work(0, generation)
            join(places, missing: tasks &- own, threads: helpers &+ 1)
        } else {
            for task in 0..<tasks { function(context, task) }
        }
        isBusy.store(false, ordering: .releasing)
    }

    private func takePool() -> Bool {
        _ = ThreadPool.childHook
        return isBusy.compareExchange(expected: false, desired: true, ordering: .acquiring).exchanged
    }

    /// Waits for the tasks that other threads have claimed.
    private func join(_ places: ThreadPoolPlaces, missing: Int, threads: Int) {
        guard missing > 0 else { return }
        let generation = generation
        if !spin(until: { places.reports(generation, threads: threads) == missing }) {
            places.sleep(untilReported: missing, generation, threads: threads)
        }
    }

    /// Makes up to `wanted` workers, and tells how many of them there are.
    private func startWorkers(_ wanted: Int) -> Int {
        guard workers < wanted, canStartThreads else { return min(workers, wanted) }
        if places == nil { places = ThreadPoolPlaces() }
        guard let places else { return 0 }
        while workers < wanted {
            places.reset(workers + 1)
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
        places?.reset(0)
        isBusy.store(false, ordering: .relaxed)
    }

    /// A worker's life: wait for a call, work, spin for the next one, sleep.
    private func serve(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
        pthread_setname_np(pthread_self(), "swiftnn")
        snnc_control_set(UInt32(SNNC_DEFAULT_CONTROL))
        guard let places else { return nil }
        let place = Int(bitPattern: argument)
        var last: UInt32 = 0
        while true {
            if !spin(until: { places.generation(place) != last }) {
                places.sleep(place, while: last)
            }
            last = places.generation(place)
            _ = places.work(place, last)
        }
    }

    /// Whether the condition came true within 50 µs.
    private func spin(until condition: () -> Bool) -> Bool {
        var end: UInt64 = 0
        while true {
            // A microsecond or more: the clock is dear where it is a system call.
            for _ in 0..<64 {
                if condition() { return true }
                snnc_pause()
            }
            let now = snnsys_monotonic_time()
            if end == 0 { end = now &+ 50_000 }
            if now >= end { return false }
        }
    }
}

private struct BodyHolder {
    let body: (Int) -> Void
}
