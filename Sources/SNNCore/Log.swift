/// The log of the process: silent until somebody asks for its lines.
package enum Log {
    package enum Level: Int32, Sendable {
        case debug = 0
        case info = 1
        case warning = 2
        case error = 3
    }

    /// Takes a line; the text is valid during the call.
    package typealias Callback =
        @convention(c) (Int32, UnsafePointer<CChar>?, UnsafeMutableRawPointer?) -> Int32

    private struct Receiver: @unchecked Sendable {
        // Sendable: what `user` is belongs to the host.
        let callback: Callback
        let user: UnsafeMutableRawPointer?
    }

    /// Guarded by the process's lock.
    nonisolated(unsafe) private static var receiver: Receiver?

    /// nil is silence.
    package static func setCallback(_ callback: Callback?, user: UnsafeMutableRawPointer?) {
        ProcessLock.whileLocked {
            receiver = callback.map { Receiver(callback: $0, user: user) }
        }
    }

    /// Only on a thread of the host. The lock is not held while the callback runs.
    package static func write(_ level: Level, _ text: @autoclosure () -> String) {
        guard let receiver = ProcessLock.whileLocked({ receiver }) else { return }
        var line = text()
        line.withUTF8 { bytes in
            withUnsafeTemporaryAllocation(of: CChar.self, capacity: bytes.count + 1) { buffer in
                for (index, byte) in bytes.enumerated() {
                    buffer[index] = CChar(bitPattern: byte < 0x20 || byte == 0x7f ? 0x3f : byte)
                }
                buffer[bytes.count] = 0
                _ = receiver.callback(
                    level.rawValue, UnsafePointer(buffer.baseAddress), receiver.user)
            }
        }
    }
}
