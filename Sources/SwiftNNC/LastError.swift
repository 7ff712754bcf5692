import CSwiftNN
import CSystem

@_cdecl("snn_last_error") @implementation
public func snn_last_error() -> UnsafePointer<CChar>! {
    UnsafePointer(LastError.buffer)
}

/// The text of a thread's last error, in memory of the thread.
enum LastError {
    // The variable of an inline C function exists once in each file that calls it: here only.
    @inline(never)
    static var buffer: UnsafeMutablePointer<CChar>? { snnsys_last_error() }

    static func set(_ message: String) {
        guard let buffer else { return }
        let capacity = Int(SNNSYS_ERROR_CAPACITY)
        var message = message
        message.withUTF8 { bytes in
            var count = min(bytes.count, capacity - 1)
            // Not in the middle of a character.
            while count > 0, count < bytes.count, bytes[count] & 0xc0 == 0x80 { count -= 1 }
            for index in 0 ..< count {
                // Names from files may hold anything.
                let byte = bytes[index]
                buffer[index] = CChar(bitPattern: byte < 0x20 || byte == 0x7f ? 0x3f : byte)
            }
            buffer[count] = 0
        }
    }
}
