import Foundation
import SNNCheckpoint
import SNNCore
import Testing

/// The error that `body` throws; a test fails where it throws none.
func failure(_ body: () throws -> Void) -> SNNError {
    do {
        try body()
    } catch let error as SNNError {
        return error
    } catch {
        Issue.record("another error: \(error)")
    }
    return SNNError(.internal, "nothing was thrown")
}

/// A folder of its own for one test, removed with it.
final class TemporaryFolder {
    let path: String

    init() {
        path = FileManager.default.temporaryDirectory.path + "/swiftnn-" + UUID().uuidString
        try? FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    func file(_ name: String) throws -> FilePath {
        try FilePath(path + "/" + name)
    }

    var names: [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted()
    }

    func bytes(_ name: String) -> [UInt8] {
        FileManager.default.contents(atPath: path + "/" + name).map { Array($0) } ?? []
    }
}

extension FileImage {
    var array: [UInt8] { Array(bytes) }

    static func of(_ array: [UInt8]) throws -> FileImage {
        try array.withUnsafeBytes { try FileImage(copying: $0) }
    }
}

/// A small file of ours with something of every kind.
func smallImage() throws -> FileImage {
    let writer = try HDF5Writer()
    try writer.setString("3.0.0", attribute: "keras_version", at: "/")
    try writer.setString(#"{"class_name": "Sequential"}"#, attribute: "model_config", at: "/")
    try writer.createGroup("/model_weights/dense")
    try writer.setStringList(["dense"], attribute: "layer_names", at: "/model_weights")
    try writer.setStringList(
        ["dense/kernel", "dense/bias"], attribute: "weight_names", at: "/model_weights/dense")
    try writer.writeFloats(
        [1, 2, 3, 4, 5, 6], shape: [2, 3], at: "/model_weights/dense/dense/kernel")
    try writer.writeFloats([7, 8, 9], shape: [3], at: "/model_weights/dense/dense/bias")
    try writer.writeIntegers([1 << 40], shape: [], at: "/swiftnn/step")
    return try writer.finish()
}

// Swift's import of the C library leaves these out.
@_silgen_name("fork") private func fork() -> Int32
@_silgen_name("setresuid") private func setresuid(_ r: UInt32, _ e: UInt32, _ s: UInt32) -> Int32

/// Held by tests that call libhdf5 themselves, and around a fork: the child of a process whose
/// other thread is inside libhdf5 would wait for its lock for ever. (Calls of our library are kept
/// out of it in that moment.)
let foreignLibraryLock = NSLock()

/// Runs `body` in a forked child and returns what it returns; -1 when the child died of a signal.
///
/// A child that hangs for 10 s is killed and, up to three times, replaced: the regular build's
/// runtime has locks of its own (for the first use of a type), which another test may hold in the
/// moment of the fork. A hang of ours comes again. The Embedded build has no such runtime.
func inChild(asNobody: Bool = false, _ body: () -> Int32) -> Int32 {
    for _ in 0..<3 {
        let status = runInChild(asNobody: asNobody, body)
        if status & 0x7f == 0 { return (status >> 8) & 0xff }
        if status & 0x7f != SIGALRM { break }
    }
    return -1
}

/// What waitpid() says of the child.
private func runInChild(asNobody: Bool, _ body: () -> Int32) -> Int32 {
    let child = foreignLibraryLock.withLock { fork() }
    if child == 0 {
        // The threads that tests run on have signals blocked.
        var none = sigset_t()
        sigemptyset(&none)
        pthread_sigmask(SIG_SETMASK, &none, nil)
        alarm(10)
        if asNobody && setresuid(65534, 65534, 65534) != 0 { _exit(99) }
        _exit(body())
    }
    var status: Int32 = 0
    guard child > 0, waitpid(child, &status, 0) == child else { return 98 << 8 }
    return status
}
