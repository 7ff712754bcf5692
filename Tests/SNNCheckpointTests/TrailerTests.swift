import SNNCheckpoint
import SNNCore
import Testing

@Suite struct TrailerTests {
    @Test func anOwnImageIsValidAndItsBodyAForeignOne() throws {
        let image = try smallImage()
        let body = UnsafeRawBufferPointer(rebasing: image.bytes.dropLast(Trailer.count))
        #expect(Trailer.inspect(image.bytes) == .valid(bodyCount: body.count))
        #expect(Trailer.inspect(body) == .missing)
        let reader = try HDF5Reader(borrowing: body)
        #expect(!reader.isOwn)
        #expect(try reader.exists("/model_weights/dense/dense/kernel"))
        #expect(try Trailer.append(to: body).array == image.array)
    }

    @Test func everyTruncationIsRefused() throws {
        let whole = try smallImage().array
        let body = whole.count - Trailer.count
        for count in Array(stride(from: 0, to: whole.count, by: 97)) + [
            body - 1, body + 1, whole.count - 1,
        ] {
            let image = try FileImage.of(Array(whole[..<count]))
            let status = failure { _ = try HDF5Reader(image) }.status
            // Little more than the superblock does not tell whose it was.
            #expect(status == .checksum || count < 400 && status == .format, "\(count): \(status)")
        }
    }

    @Test func everyFlippedBitIsRefused() throws {
        var bytes = try smallImage().array
        for bit in stride(from: 0, to: bytes.count * 8, by: 61) {
            bytes[bit / 8] ^= 1 << UInt8(bit % 8)
            let image = try FileImage.of(bytes)
            let status = failure { _ = try HDF5Reader(image) }.status
            #expect(status == .checksum, "bit \(bit): \(status)")
            bytes[bit / 8] ^= 1 << UInt8(bit % 8)
        }
        for bit in (bytes.count - Trailer.count) * 8..<bytes.count * 8 {
            bytes[bit / 8] ^= 1 << UInt8(bit % 8)
            let image = try FileImage.of(bytes)
            #expect(failure { _ = try HDF5Reader(image) }.status == .checksum, "trailer bit \(bit)")
            bytes[bit / 8] ^= 1 << UInt8(bit % 8)
        }
    }

    @Test func truncatedForeignFilesAndOthersAreNoHDF5() throws {
        // Without the attribute that marks the file as ours.
        var bytes = try smallImage().array
        bytes.removeLast(Trailer.count)
        let mark = Array("swiftnn_trailer".utf8)
        let at = try #require(bytes.indices.first { bytes[$0...].starts(with: mark) })
        bytes[at] = 0x53
        for count in stride(from: 1, to: bytes.count, by: 97) {
            let image = try FileImage.of(Array(bytes[..<count]))
            #expect(failure { _ = try HDF5Reader(image) }.status == .format, "\(count)")
        }
        for foreign in ["", "PK\u{3}\u{4}", "{}", String(repeating: "no", count: 5000)] {
            let image = try FileImage.of(Array(foreign.utf8))
            #expect(failure { _ = try HDF5Reader(image) }.status == .format)
        }
    }
}
