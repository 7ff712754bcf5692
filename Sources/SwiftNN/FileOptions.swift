import SNNCheckpoint
import SNNCore

/// How a file is written: `keep_previous` and `verify` of the options.
struct SavingOptions {
    private let keepsPrevious: Bool
    /// nil: whole files up to 64 MiB.
    private let verifies: Bool?

    init(_ text: String?, of owner: String) throws(SNNError) {
        var options = try Configuration(text: text, of: owner)
        keepsPrevious = try options.bool("keep_previous", default: true)
        verifies = try options.optionalBool("verify")
        try options.finish()
    }

    func save(_ image: FileImage, to path: FilePath) throws(SNNError) {
        guard !path.text.hasSuffix(".keras") else {
            throw SNNError(
                .unsupported,
                "'\(path.text)': a '.keras' file is a zip, which this version does not write; "
                    + "expected a name that ends in '.h5'")
        }
        let result = try FileStorage.save(
            image, to: path,
            FileStorage.SaveOptions(
                keepsPrevious: keepsPrevious, verifies: verifies ?? (image.count <= 64 << 20)))
        if keepsPrevious, !result.keptPrevious {
            Log.write(.debug, "'\(path.text)': there is no previous file to keep")
        }
    }
}

/// How a file is read: `foreign`, `previous`, `seed`, and a trainer's `threads` and `scale`.
struct LoadingOptions {
    let allowsForeign: Bool
    let takesPrevious: Bool
    let seed: UInt64
    let threads: Int
    let scale: Float

    init(_ text: String?, of owner: String, forTrainer: Bool = false) throws(SNNError) {
        var options = try Configuration(text: text, of: owner)
        allowsForeign = try options.bool("foreign", default: true)
        takesPrevious = try options.bool("previous", default: false)
        seed = UInt64(try options.integer("seed", default: 0, in: 0 ... Int.max))
        threads = forTrainer ? try options.integer("threads", default: 0, in: 0 ... 256) : 0
        scale = forTrainer ? try Dataset.scale(&options) : 1
        try options.finish()
    }

    /// Reads the file at `path` or, where asked for and it is missing or damaged, the previous one.
    func read<Result>(
        _ path: FilePath, _ body: (FileImage) throws(SNNError) -> Result
    ) throws(SNNError) -> Result {
        do throws(SNNError) {
            return try LoadingOptions.read(path, body)
        } catch {
            guard takesPrevious, [.checksum, .format, .io].contains(error.status) else {
                throw error
            }
            guard let previous = try? path.previous,
                let result = try? LoadingOptions.read(previous, body)
            else { throw error }
            Log.write(.warning, "\(error.message); '\(previous.text)' was loaded instead")
            return result
        }
    }

    private static func read<Result>(
        _ path: FilePath, _ body: (FileImage) throws(SNNError) -> Result
    ) throws(SNNError) -> Result {
        let image = try FileStorage.read(path)
        guard !image.bytes.prefix(4).elementsEqual([0x50, 0x4b, 0x03, 0x04]) else {
            throw SNNError(
                .unsupported,
                "'\(path.text)': expected an HDF5 file, received a zip; a '.keras' file can be saved "
                    + "as '.h5' by Keras")
        }
        do throws(SNNError) {
            return try body(image)
        } catch {
            throw error.within("'\(path.text)'")
        }
    }
}
