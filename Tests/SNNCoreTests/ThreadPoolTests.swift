import CSystem
import Foundation
import SNNCore
import SNNTestSupport
import Synchronization
import Testing

private func threadNames() -> [String] {
    let tasks = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/task")) ?? []
    return tasks.map {
        ((try? String(contentsOfFile: "/proc/self/task/\($0)/comm", encoding: .utf8)) ?? "")
            .trimmingCharacters(in: .newlines)
    }
}

/// How often each of `count` tasks ran.
private func runCounts(_ count: Int, threads: Int) -> [Int] {
    let counts = UnsafeMutablePointer<Atomic<Int>>.allocate(capacity: count)
    defer { counts.deallocate() }
    for task in 0..<count { (counts + task).initialize(to: Atomic(0)) }
    ThreadPool.shared.run(tasks: count, threads: threads) {
        counts[$0].wrappingAdd(1, ordering: .relaxed)
    }
    return (0..<count).map { counts[$0].load(ordering: .relaxed) }
}

@Suite(.serialized)
struct ThreadPoolTests {
    @Test(arguments: [1, 2, 3, 5, 300])
    func everyTaskRunsOnce(threads: Int) {
        for count in [0, 1, 2, 7, 1000, 100_000] {
            #expect(runCounts(count, threads: threads).allSatisfy { $0 == 1 })
        }
    }

    @Test func negativeCountsRunNothing() {
        ThreadPool.shared.run(tasks: -1, threads: 4) { _ in Issue.record("ran") }
        ThreadPool.shared.run(tasks: 1, threads: -4) { #expect($0 == 0) }
    }

    @Test func manyShortLoopsInARow() {
        var total = 0
        for round in 0..<20_000 {
            let sum = Atomic<Int>(0)
            ThreadPool.shared.run(tasks: 3, threads: 3) {
                sum.wrappingAdd($0 + round, ordering: .relaxed)
            }
            total += sum.load(ordering: .relaxed) - 3 * round
        }
        #expect(total == 60_000)
    }

    @Test func loopsAfterASleepOfTheWorkers() {
        for _ in 0..<50 {
            usleep(500)
            #expect(runCounts(64, threads: 4).allSatisfy { $0 == 1 })
        }
    }

    @Test func theOwnerSleepsForASlowWorker() {
        for _ in 0..<5 {
            let done = Atomic<Int>(0)
            ThreadPool.shared.run(tasks: 4, threads: 4) { _ in
                usleep(3000)
                done.wrappingAdd(1, ordering: .relaxed)
            }
            #expect(done.load(ordering: .relaxed) == 4)
        }
    }

    /// Which tasks began first, on which thread: each thread begins one and waits for the others.
    private func firstTasks(_ tasks: Int, threads: Int) -> [Int: pthread_t] {
        let begun = Atomic<Int>(0)
        let firsts = UnsafeMutablePointer<pthread_t?>.allocate(capacity: tasks)
        defer { firsts.deallocate() }
        firsts.initialize(repeating: nil, count: tasks)
        ThreadPool.shared.run(tasks: tasks, threads: threads) { task in
            if begun.wrappingAdd(1, ordering: .relaxed).newValue > threads { return }
            firsts[task] = pthread_self()
            while begun.load(ordering: .relaxed) < threads { usleep(10) }
        }
        return (0..<tasks).reduce(into: [:]) { $0[$1] = firsts[$1] }
    }

    // In a child, where no other test has the pool.
    @Test func aThreadBeginsWithItsOwnShareInEveryLoop() {
        let status = inChild {
            let expected = firstTasks(13, threads: 3)
            guard Set(expected.keys) == [0, 4, 8], Set(expected.values).count == 3 else { return 1 }
            for _ in 0..<50 where firstTasks(13, threads: 3) != expected { return 2 }
            return 0
        }
        #expect(status == 0)
    }

    /// The thread that has the slow task cannot come to the rest of its share.
    @Test(arguments: [0, 1, 4, 5, 6, 7]) func othersTakeWhatALateThreadLeaves(slow: Int) {
        let status = inChild {
            let done = Atomic<Int>(0)
            ThreadPool.shared.run(tasks: 8, threads: 2) { task in
                while task == slow && done.load(ordering: .relaxed) < 7 { usleep(10) }
                done.wrappingAdd(1, ordering: .relaxed)
            }
            return done.load(ordering: .relaxed) == 8 ? 0 : 1
        }
        #expect(status == 0)
    }

    @Test func nestedLoopsRunInline() {
        let sum = Atomic<Int>(0)
        ThreadPool.shared.run(tasks: 8, threads: 4) { outer in
            ThreadPool.shared.run(tasks: 8, threads: 4) { inner in
                sum.wrappingAdd(outer * inner, ordering: .relaxed)
            }
        }
        #expect(sum.load(ordering: .relaxed) == 28 * 28)
    }

    @Test func callersOnSeveralThreadsDoNotDisturbEachOther() {
        let failures = Atomic<Int>(0)
        let finished = DispatchSemaphore(value: 0)
        for _ in 0..<4 {
            Thread.detachNewThread {
                for _ in 0..<500 where !runCounts(37, threads: 3).allSatisfy({ $0 == 1 }) {
                    failures.wrappingAdd(1, ordering: .relaxed)
                }
                finished.signal()
            }
        }
        for _ in 0..<4 { finished.wait() }
        #expect(failures.load(ordering: .relaxed) == 0)
    }

    @Test func aFunctionGetsItsContext() {
        var sums = [Int](repeating: 0, count: 64)
        sums.withUnsafeMutableBytes { sums in
            ThreadPool.shared.run(tasks: 64, threads: 3, context: sums.baseAddress!) {
                $0.assumingMemoryBound(to: Int.self)[$1] += $1
            }
        }
        #expect(sums == Array(0..<64))
    }

    @Test func threadsAppearOnlyWhenALoopNeedsThem() {
        let status = inChild {
            guard threadNames().count == 1 else { return 1 }
            _ = runCounts(1, threads: 4)
            _ = runCounts(100, threads: 1)
            guard threadNames().count == 1 else { return 2 }
            _ = runCounts(100, threads: 3)
            guard threadNames().count == 3 else { return 3 }
            _ = runCounts(2, threads: 200)
            guard threadNames().count == 3 else { return 4 }
            _ = runCounts(100, threads: 5)
            usleep(20_000)
            guard threadNames().filter({ $0 == "swiftnn" }).count == 4 else { return 5 }
            return 0
        }
        #expect(status == 0)
    }

    @Test func workersBlockSignalsAndHaveTheDefaultFloatingPointControl() {
        let status = inChild {
            _ = runCounts(100, threads: 2)
            usleep(20_000)
            for task in (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/task")) ?? [] {
                let path = "/proc/self/task/\(task)/status"
                let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
                guard text.hasPrefix("Name:\tswiftnn\n") else { continue }
                let mask = text.components(separatedBy: "SigBlk:\t")[1].prefix(16)
                // All but SIGKILL, SIGSTOP and glibc's own two.
                return mask == "fffffffe7ffbfeff" ? 0 : 1
            }
            return 2
        }
        #expect(status == 0)
    }

    @Test func aForkedChildMakesItsOwnThreads() {
        _ = runCounts(100, threads: 3)
        for _ in 0..<20 {
            #expect(inChild { runCounts(1000, threads: 3).allSatisfy { $0 == 1 } ? 0 : 1 } == 0)
        }
        #expect(runCounts(100, threads: 3).allSatisfy { $0 == 1 })
    }

    @Test func aForkDuringAnotherThreadsLoopLeavesThePoolUsable() {
        let ends = Atomic<Bool>(false)
        let finished = DispatchSemaphore(value: 0)
        Thread.detachNewThread {
            while !ends.load(ordering: .relaxed) {
                ThreadPool.shared.run(tasks: 4, threads: 3) { _ in usleep(1000) }
            }
            finished.signal()
        }
        for _ in 0..<10 {
            usleep(1500)
            let status = inChild {
                // Not before the pool is free do the names prove that the child took it.
                ThreadPool.shared.run(tasks: 100, threads: 3) { _ in usleep(100) }
                guard let count = try? FileManager.default.contentsOfDirectory(
                    atPath: "/proc/self/task").count else { return 2 }
                return count == 3 ? 0 : 1
            }
            #expect(status == 0)
        }
        ends.store(true, ordering: .relaxed)
        finished.wait()
    }

    @Test func idleWorkersSleep() {
        let status = inChild {
            _ = runCounts(10_000, threads: 4)
            let before = clock()
            usleep(200_000)
            return clock() - before < CLOCKS_PER_SEC / 50 ? 0 : 1
        }
        #expect(status == 0)
    }

    @Test func worksWhereNoThreadCanBeMade() {
        let status = inChild {
            // No address space for a stack: as root, the limit on processes would not bite.
            var limit = rlimit(rlim_cur: 1 << 20, rlim_max: 1 << 20)
            guard setrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit) == 0 else { return 2 }
            let sum = Atomic<Int>(0)
            for _ in 0..<3 {
                ThreadPool.shared.run(tasks: 10, threads: 4) {
                    sum.wrappingAdd($0, ordering: .relaxed)
                }
            }
            return sum.load(ordering: .relaxed) == 135 ? 0 : 1
        }
        #expect(status == 0)
    }
}
