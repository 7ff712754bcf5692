import CHDF5
import Foundation
import SNNCheckpoint
import SNNCore
import Testing

@Suite struct HDF5ForeignTests {
    private let folder = TemporaryFolder()
    private let six: [Float] = [1, 2, 3, 4, 5, 6]

    private func foreign(_ build: (ForeignFile) throws -> Void) throws -> HDF5Reader {
        let path = folder.path + "/" + UUID().uuidString
        try ForeignFile.make(path, build)
        return try HDF5Reader(try FileStorage.read(try FilePath(path)))
    }

    @Test func otherTypesOrdersAndFiltersAreRead() throws {
        let reader = try foreign { file in
            let half = H5Tcopy(snnh5_file_float())
            H5Tset_fields(half, 15, 10, 5, 0, 10)
            H5Tset_ebias(half, 15)
            H5Tset_size(half, 2)
            let big = H5Tcopy(snnh5_file_double())
            H5Tset_order(big, H5T_ORDER_BE)
            file.dataset("half", six, [6], type: half)
            file.dataset("big", six, [2, 3], type: big)
            file.dataset("bytes", six, [6], type: snnh5_file_uint8())
            file.dataset("chunked", six, [2, 3], type: snnh5_file_float()) { creation in
                H5Pset_chunk(creation, 2, [2, 2])
                H5Pset_shuffle(creation)
                H5Pset_deflate(creation, 6)
                H5Pset_fletcher32(creation)
            }
        }
        #expect(!reader.isOwn)
        for (name, shape) in [
            ("half", [6]), ("big", [2, 3]), ("bytes", [6]), ("chunked", [2, 3]),
        ] {
            var values = [Float](repeating: 0, count: 6)
            try reader.readFloats("/" + name, into: &values, shape: shape)
            #expect(values == six, "\(name)")
        }
    }

    @Test func stringsOfEveryKindAreRead() throws {
        let reader = try foreign { file in
            file.strings("full", ["abc", "de", "fgh"], width: 3)
            file.strings("spaces", ["ab", "c"], width: 5, padding: H5T_STR_SPACEPAD)
            file.variableStrings("variable", ["one", "two", ""])
            let space = file.space([0])
            H5Aclose(H5Acreate2(file.file, "none", snnh5_file_double(), space, 0, 0))
            H5Aclose(H5Acreate2(file.file, "null", snnh5_file_double(), H5Screate(H5S_NULL), 0, 0))
            H5Sclose(space)
            let scalar = file.space([])
            H5Aclose(H5Acreate2(file.file, "number", snnh5_file_double(), scalar, 0, 0))
            H5Sclose(scalar)
        }
        #expect(try reader.stringList(attribute: "full", at: "/") == ["abc", "de", "fgh"])
        #expect(try reader.stringList(attribute: "spaces", at: "/") == ["ab", "c"])
        #expect(try reader.stringList(attribute: "variable", at: "/") == ["one", "two", ""])
        #expect(try reader.stringList(attribute: "none", at: "/") == [])
        #expect(try reader.stringList(attribute: "null", at: "/") == [])
        #expect(failure { _ = try reader.string(attribute: "full", at: "/") }.status == .format)
        let number = failure { _ = try reader.string(attribute: "number", at: "/") }
        #expect(number.status == .format)
        #expect(number.message == "'/': attribute 'number': expected text")
    }

    @Test func nothingIsFollowedOutOfTheFile() throws {
        ForeignFile.make(folder.path + "/secret.h5") {
            $0.dataset("x", six, [6], type: snnh5_file_float())
        }
        try Data(repeating: 0x41, count: 4096).write(to: URL(fileURLWithPath: folder.path + "/raw"))
        let reader = try foreign { file in
            file.dataset("x", six, [6], type: snnh5_file_float())
            H5Lcreate_soft("/x", file.file, "soft", 0, 0)
            H5Lcreate_external(folder.path + "/secret.h5", "/x", file.file, "external", 0, 0)
            H5Lcreate_external(folder.path + "/secret.h5", "/", file.file, "group", 0, 0)
            file.dataset("raw", [], [6], type: snnh5_file_float()) {
                H5Pset_external($0, folder.path + "/raw", 0, 24)
            }
            file.dataset("virtual", [], [6], type: snnh5_file_float()) {
                let space = file.space([6])
                H5Pset_virtual($0, space, folder.path + "/secret.h5", "/x", space)
                H5Sclose(space)
            }
            file.dataset("filter", [], [6], type: snnh5_file_float()) {
                H5Pset_chunk($0, 1, [6])
                H5Pset_filter($0, 32001, UInt32(H5Z_FLAG_OPTIONAL), 0, nil)
            }
        }
        var values = [Float](repeating: 0, count: 6)
        try reader.readFloats("/x", into: &values, shape: [6])
        values = [Float](repeating: 0, count: 6)
        for (path, word) in [
            ("/soft", "link"), ("/external", "link"), ("/group/x", "link"), ("/raw", "external"),
            ("/virtual", "virtual"), ("/filter", "32001"),
        ] {
            let error = failure { try reader.readFloats(path, into: &values, shape: [6]) }
            #expect(error.status == .format && error.message.contains(word), "\(path): \(error)")
            #expect(error.message.hasPrefix("'\(path)'"))
        }
        #expect(failure { _ = try reader.exists("/soft") }.status == .format)
        #expect(failure { _ = try reader.string(attribute: "a", at: "/group") }.status == .format)
        #expect(values == [0, 0, 0, 0, 0, 0])
    }

    @Test func sizesThatTheFileCannotHoldAreRefused() throws {
        let reader = try foreign { file in
            file.dataset("unwritten", [], [1000, 1000], type: snnh5_file_float())
            file.dataset("bomb", [], [1 << 30, 64], type: snnh5_file_float()) {
                H5Pset_chunk($0, 2, [1024, 64])
                H5Pset_deflate($0, 9)
            }
            file.dataset("chunk", [], [1 << 29], type: snnh5_file_float()) {
                H5Pset_chunk($0, 1, [1 << 29])
            }
            file.dataset("text", [], [4], type: snnh5_string())
            file.dataset("nine", [1], [1, 1, 1, 1, 1, 1, 1, 1, 1], type: snnh5_file_float())
        }
        var value: Float = 0
        for (path, status) in [
            ("/unwritten", Status.format), ("/bomb", .limit), ("/chunk", .limit),
            ("/text", .format),
            ("/nine", .format),
        ] {
            let error = failure { _ = try reader.describe(path) }
            #expect(error.status == status, "\(path): \(error)")
            #expect(
                failure { try reader.readFloats(path, into: &value, shape: []) }.status == status)
        }
    }

    @Test func contiguousDataAreFoundForPread() throws {
        let path = folder.path + "/data.h5"
        ForeignFile.make(path) { file in
            let big = H5Tcopy(snnh5_file_float())
            H5Tset_order(big, H5T_ORDER_BE)
            file.dataset("x", six, [3, 2], type: snnh5_file_float())
            file.dataset("y", six, [6], type: snnh5_file_uint8())
            file.dataset("big", six, [6], type: big)
            file.dataset("chunked", six, [6], type: snnh5_file_float()) { H5Pset_chunk($0, 1, [2]) }
            file.dataset("packed", six, [6], type: snnh5_file_float()) {
                H5Pset_chunk($0, 1, [2])
                H5Pset_deflate($0, 6)
            }
        }
        let readable = try ReadableFile(try FilePath(path))
        let reader = try HDF5Reader(onDisk: readable)
        let x = try reader.contiguousExtent("/x")
        #expect(x.element == .float32 && x.shape == [3, 2])
        var values = [Float](repeating: 0, count: 6)
        try readable.read(into: &values, count: 24, at: x.offset)
        #expect(values == six)
        let y = try reader.contiguousExtent("/y")
        var bytes = [UInt8](repeating: 0, count: 6)
        try readable.read(into: &bytes, count: 6, at: y.offset)
        #expect(y.element == .uint8 && bytes == [1, 2, 3, 4, 5, 6])
        for (name, word) in [
            ("big", "big-endian"), ("chunked", "chunked"), ("packed", "compressed"),
        ] {
            let error = failure { _ = try reader.contiguousExtent("/" + name) }
            #expect(error.status == .unsupported && error.message.contains(word), "\(error)")
        }
        #expect(failure { _ = try reader.contiguousExtent("/z") }.status == .format)
        let end = failure { try readable.read(into: &bytes, count: 6, at: readable.count - 3) }
        #expect(end.status == .io)
    }

    @Test func nothingIsPrintedByFailures() throws {
        // Every kind of failure above, with stderr in a file.
        let path = folder.path + "/stderr"
        let status = inChild {
            let output = creat(path, 0o600)
            dup2(output, 2)
            dup2(output, 1)
            guard let image = try? smallImage(), let reader = try? HDF5Reader(image) else {
                return 1
            }
            for _ in 0..<3 {
                var value: Float = 0
                _ = failure { try reader.readFloats("/no", into: &value, shape: []) }
                let bytes = UnsafeRawBufferPointer(rebasing: image.bytes.dropLast(Trailer.count))
                guard var broken = (try? FileImage(copying: bytes))?.array else { return 2 }
                for index in 48..<120 { broken[index] = 0xff }
                guard let foreign = try? FileImage.of(broken) else { return 3 }
                guard failure({ _ = try HDF5Reader(foreign).children(of: "/") }).status == .format
                else { return 4 }
            }
            return 0
        }
        #expect(status == 0)
        #expect(folder.bytes("stderr").isEmpty)
    }
}
