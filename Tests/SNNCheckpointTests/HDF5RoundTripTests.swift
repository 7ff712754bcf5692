import Foundation
import SNNCheckpoint
import SNNCore
import Testing

@Suite struct HDF5RoundTripTests {
    /// A file with what `write` puts in, opened again.
    private func reader(_ write: (HDF5Writer) throws -> Void) throws -> HDF5Reader {
        let writer = try HDF5Writer()
        try write(writer)
        return try HDF5Reader(try writer.finish())
    }

    @Test func datasetsComeBackBitForBit() throws {
        let floats: [Float] = [0, -0.0, .infinity, .nan, 1.5, .leastNonzeroMagnitude]
        let reader = try reader {
            try $0.writeFloats(floats, shape: [2, 3], at: "/a/b/c/floats")
            try $0.writeFloats([42], shape: [], at: "/a/scalar")
            try $0.writeDoubles([.pi, -1e300], shape: [2], at: "/a/doubles")
            try $0.writeIntegers([.min, .max], shape: [2, 1], at: "/a/integers")
            try $0.writeBytes([0, 255, 7], shape: [3], at: "/a/bytes")
            try $0.writeFloats([], shape: [0, 4], at: "/a/empty")
        }
        #expect(reader.isOwn)
        var read = [Float](repeating: 9, count: 6)
        try reader.readFloats("/a/b/c/floats", into: &read, shape: [2, 3])
        #expect(read.map(\.bitPattern) == floats.map(\.bitPattern))
        try reader.readFloats("/a/scalar", into: &read, shape: [])
        #expect(read[0] == 42)
        var doubles = [0.0, 0.0]
        try reader.readDoubles("/a/doubles", into: &doubles, shape: [2])
        #expect(doubles == [.pi, -1e300])
        var integers: [Int64] = [0, 0]
        try reader.readIntegers("/a/integers", into: &integers, shape: [2, 1])
        #expect(integers == [.min, .max])
        var bytes: [UInt8] = [1, 1, 1]
        try reader.readBytes("/a/bytes", into: &bytes, shape: [3])
        #expect(bytes == [0, 255, 7])
        try reader.readFloats("/a/empty", into: &read, shape: [0, 4])
        #expect(
            try reader.children(of: "/a") == [
                "b", "bytes", "doubles", "empty", "integers", "scalar",
            ])
        #expect(try reader.describe("/a/b/c/floats").text == "float32 (2, 3)")
    }

    @Test func attributesComeBack() throws {
        let long = String(repeating: "ä{}\"", count: 60_000)
        let reader = try reader {
            try $0.createGroup("/g")
            try $0.setString(long, attribute: "model_config", at: "/")
            try $0.setString("", attribute: "nothing", at: "/g")
            try $0.setInteger(-5, attribute: "integer", at: "/g")
            try $0.setDouble(0.1, attribute: "double", at: "/g")
            try $0.setStringList(["dense", "größer", ""], attribute: "names", at: "/g")
            try $0.setStringList([], attribute: "none", at: "/g")
        }
        #expect(try reader.string(attribute: "model_config", at: "/") == long)
        #expect(try reader.string(attribute: "nothing", at: "/g") == "")
        #expect(try reader.string(attribute: "absent", at: "/g") == nil)
        #expect(try reader.integer(attribute: "integer", at: "/g") == -5)
        #expect(try reader.double(attribute: "double", at: "/g") == 0.1)
        #expect(try reader.double(attribute: "integer", at: "/g") == -5)
        #expect(try reader.stringList(attribute: "names", at: "/g") == ["dense", "größer", ""])
        #expect(try reader.stringList(attribute: "none", at: "/g") == [])
        #expect(try reader.stringList(attribute: "absent", at: "/g") == nil)
        #expect(try reader.hasAttribute("names", at: "/g"))
        #expect(try !reader.hasAttribute("Names", at: "/g"))
    }

    @Test func longListsAreSplitAsKerasSplitsThem() throws {
        let names = (0..<7000).map { "layer_with_a_long_name_\($0)/kernel" }
        let reader = try reader {
            try $0.createGroup("/g")
            try $0.setStringList(names, attribute: "weight_names", at: "/g")
        }
        #expect(try !reader.hasAttribute("weight_names", at: "/g"))
        #expect(try reader.hasAttribute("weight_names0", at: "/g"))
        #expect(try reader.hasAttribute("weight_names3", at: "/g"))
        #expect(try reader.stringList(attribute: "weight_names", at: "/g") == names)
    }

    @Test func manyObjectsAndAttributesSurvive() throws {
        // More than an object header holds: libhdf5 moves them to indexed storage.
        let reader = try reader {
            for index in 0..<300 {
                try $0.writeFloats([Float(index)], shape: [1], at: "/group/dataset_\(index)")
                try $0.setInteger(Int64(index), attribute: "a\(index)", at: "/group")
            }
        }
        #expect(try reader.children(of: "/group").count == 300)
        var value: Float = 0
        for index in 0..<300 {
            try reader.readFloats("/group/dataset_\(index)", into: &value, shape: [1])
            #expect(value == Float(index))
            #expect(try reader.integer(attribute: "a\(index)", at: "/group") == Int64(index))
        }
    }

    @Test func equalContentGivesEqualBytes() throws {
        let first = try smallImage().array
        // Another second, which a stored time would show, and other memory underneath.
        usleep(1_100_000)
        let noise = try (1..<40).map { try Buffer<UInt8>(count: $0 * 1000) }
        noise.forEach { memset($0.pointer, 0xa5, $0.count) }
        let second = try smallImage().array
        #expect(first == second)
        #expect(first.count > 1000 && first.count < 100_000)
    }

    @Test func readingChecksShapeAndType() throws {
        let reader = try HDF5Reader(try smallImage())
        var values = [Float](repeating: 0, count: 6)
        let kernel = "/model_weights/dense/dense/kernel"
        let wrongShape = failure { try reader.readFloats(kernel, into: &values, shape: [3, 2]) }
        #expect(wrongShape.status == .format)
        #expect(
            wrongShape.message
                == "'/model_weights/dense/dense/kernel': expected the shape (3, 2), received (2, 3)"
        )
        var integers = [Int64](repeating: 0, count: 6)
        #expect(
            failure { try reader.readIntegers(kernel, into: &integers, shape: [2, 3]) }.status
                == .format)
        let missing = failure { try reader.readFloats("/nowhere/at/all", into: &values, shape: []) }
        #expect(missing.status == .format)
        #expect(missing.message.contains("'nowhere'"))
        #expect(
            failure { try reader.readFloats("/model_weights", into: &values, shape: []) }.status
                == .format)
        #expect(failure { _ = try reader.children(of: kernel) }.status == .format)
        #expect(
            failure { _ = try reader.string(attribute: "layer_names", at: kernel + "/x") }.status
                == .format)
        #expect(try reader.exists(kernel))
        #expect(try !reader.exists("/model_weights/dense/other"))
        #expect(try reader.isGroup("/model_weights"))
        #expect(try !reader.isGroup(kernel))
        #expect(try reader.readInteger("/swiftnn/step") == 1 << 40)
        #expect(failure { _ = try reader.exists("/a/./b") }.status == .format)
        #expect(
            failure { _ = try reader.exists(String(repeating: "/a", count: 65)) }.status == .limit)
    }

    @Test func writingTwiceOrAfterTheEndIsAnError() throws {
        let writer = try HDF5Writer()
        try writer.writeFloats([1], shape: [1], at: "/a")
        let twice = failure { try writer.writeFloats([1], shape: [1], at: "/a") }
        #expect(twice.status == .internal && twice.message.hasPrefix("'/a': "))
        #expect(
            failure { try writer.setString("a\0b", attribute: "x", at: "/") }.status == .argument)
        #expect(failure { try writer.writeFloats([1], shape: [-1], at: "/b") }.status == .shape)
        _ = try writer.finish()
        #expect(failure { _ = try writer.finish() }.status == .state)
        #expect(failure { try writer.createGroup("/late") }.status == .state)
    }

    @Test func openFilesInMemoryAreApart() throws {
        let writers = [try HDF5Writer(), try HDF5Writer()]
        try writers[0].writeFloats([1], shape: [1], at: "/a")
        try writers[1].writeFloats([2], shape: [1], at: "/a")
        let readers = try writers.map { try HDF5Reader(try $0.finish()) }
        var values: [Float] = [0, 0]
        try readers[0].readFloats("/a", into: &values[0], shape: [1])
        try readers[1].readFloats("/a", into: &values[1], shape: [1])
        #expect(values == [1, 2])
    }

    @Test(arguments: 1...5) func runningOutOfMemoryWhileWritingIsAnError(number: Int) {
        // In a child: the hook is the whole process's.
        let status = inChild {
            let before = Memory.usage.bytes
            let values = [Float](repeating: 1, count: 400_000)
            Memory.failAllocation(number)
            let error = failure {
                let writer = try HDF5Writer()
                for index in 0..<8 {
                    try writer.writeFloats(values, shape: [400_000], at: "/d\(index)")
                }
                _ = try writer.finish()
            }
            Memory.failAllocation(0)
            guard error.status == .memory else { return 1 }
            return Memory.usage.bytes == before ? 0 : 2
        }
        #expect(status == 0)
    }

    @Test func aChildOfABusyProcessCanReadAndWrite() async throws {
        let image = try smallImage()
        let busy = Task.detached {
            while !Task.isCancelled { _ = try? smallImage() }
        }
        defer { busy.cancel() }
        for _ in 0..<20 {
            let status = inChild {
                let again = (try? smallImage())?.array == image.array
                return again && (try? HDF5Reader(image)) != nil ? 0 : 1
            }
            // A child that hangs is killed, but only after 20 s.
            try #require(status == 0)
        }
    }
}
