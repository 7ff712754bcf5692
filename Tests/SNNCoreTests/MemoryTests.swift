import SNNCore
import SNNTestSupport
import Testing

/// In children, because limit and hook are the process's.
@Suite(.serialized)
struct MemoryTests {
    private func status(_ body: () throws(SNNError) -> Void) -> Status? {
        do throws(SNNError) {
            try body()
            return nil
        } catch {
            return error.status
        }
    }

    @Test func refusesWhatPassesTheLimit() {
        let result = inChild {
            Memory.setLimit(Memory.usage.bytes + 1000)
            guard let first = try? Buffer<Float>(count: 200) else { return 1 }
            guard status({ () throws(SNNError) in _ = try Buffer<Float>(count: 51) }) == .memory
            else { return 2 }
            guard status({ () throws(SNNError) in _ = try Memory.allocate(.max) }) == .memory
            else { return 3 }
            guard let second = try? Buffer<Float>(count: 50) else { return 4 }
            withExtendedLifetime((first, second)) {}
            Memory.setLimit(0)
            return (try? Buffer<Float>(count: 10_000)) == nil ? 5 : 0
        }
        #expect(result == 0)
    }

    @Test func theLimitsMessageSaysWhatIsNeededAndUsed() {
        let result = inChild {
            let used = Memory.usage.bytes
            Memory.setLimit(used + 100)
            do throws(SNNError) {
                _ = try Memory.allocate(101)
                return 1
            } catch {
                let expected =
                    "101 bytes are needed, \(used) are in use, and the limit is \(used + 100)"
                return error.message == expected ? 0 : 2
            }
        }
        #expect(result == 0)
    }

    @Test func countsWhatIsInUseItsPeakAndTheAllocations() {
        let result = inChild {
            let before = Memory.usage
            var buffer = try? Buffer<Double>(count: 1 << 20)
            guard buffer != nil else { return 1 }
            let during = Memory.usage
            buffer = nil
            let after = Memory.usage
            guard during.bytes == before.bytes + 8 << 20 else { return 2 }
            guard during.allocations == before.allocations + 1 else { return 3 }
            guard after.bytes == before.bytes, after.peakBytes >= during.bytes else { return 4 }
            guard (try? Memory.allocate(-1)) == nil, (try? Memory.allocate(1 << 62)) == nil
            else { return 5 }
            let failed = Memory.usage
            return failed.bytes == after.bytes && failed.allocations == after.allocations
                && failed.peakBytes == after.peakBytes ? 0 : 6
        }
        #expect(result == 0)
    }

    @Test func theHookFailsTheAllocationThatItCounts() {
        let result = inChild {
            Memory.failAllocation(2)
            let before = Memory.usage.bytes
            guard (try? Buffer<Int8>(count: 1)) != nil else { return 1 }
            guard status({ () throws(SNNError) in _ = try Buffer<Int8>(count: 1) }) == .memory
            else { return 2 }
            guard (try? Buffer<Int8>(count: 1)) != nil, Memory.usage.bytes == before
            else { return 3 }
            Memory.failAllocation(1)
            Memory.failAllocation(0)
            return (try? Buffer<Int8>(count: 1)) == nil ? 4 : 0
        }
        #expect(result == 0)
    }

    @Test func buffersAreZeroAndAligned() throws {
        for count in [0, 1, 17, 1000] {
            let buffer = try Buffer<Float>(count: count)
            #expect(UInt(bitPattern: buffer.pointer) % UInt(Memory.alignment) == 0)
            #expect((0..<count).allSatisfy { buffer.pointer[$0] == 0 })
        }
    }

    @Test(arguments: [-1, .min, .max, 1 << 45, Int.max / 4 + 1])
    func buffersRefuseCountsOutsideTheirRange(count: Int) {
        #expect(status { () throws(SNNError) in _ = try Buffer<Float>(count: count) } == .limit)
    }
}
