import CFork
import CHDF5
import CSystem
import SNNCore
import Synchronization

/// The door to libhdf5: one thread at a time, silent, and safe around `fork`.
///
/// A child forked while another thread is inside libhdf5 would inherit its lock for ever, so ours
/// is taken before a fork and given back after it on both sides. (A host that uses libhdf5 itself
/// has to do the same for its own calls.) Names of this module that talk
/// to libhdf5 may only be used inside `locked`, which does not nest.
package enum HDF5Library {
    /// libhdf5's version, such as "1.10.8"; "unknown" when it does not tell.
    package static var version: String {
        var (major, minor, release): (UInt32, UInt32, UInt32) = (0, 0, 0)
        let status = try? locked { () throws(SNNError) in
            H5get_libversion(&major, &minor, &release)
        }
        return status ?? -1 >= 0 ? "\(major).\(minor).\(release)" : "unknown"
    }

    static func locked<Result>(
        _ body: () throws(SNNError) -> Result
    ) throws(SNNError) -> Result {
        snnf_lock(Int32(SNNF_FILES))
        defer { snnf_unlock(Int32(SNNF_FILES)) }
        snnh5_silence_errors()
        return try body()
    }

    /// The same for work that cannot fail, such as closing.
    static func lockedForClosing(_ body: () -> Void) {
        snnf_lock(Int32(SNNF_FILES))
        defer { snnf_unlock(Int32(SNNF_FILES)) }
        snnh5_silence_errors()
        body()
    }

    /// A name for a file in memory that no other one has: libhdf5 takes two of one name for the
    /// same file.
    static func memoryFileName() -> String {
        "swiftnn-memory-\(fileNumber.wrappingAdd(1, ordering: .relaxed).newValue)"
    }

    private static let fileNumber = Atomic<UInt64>(0)

    /// An error with libhdf5's innermost reason; to be made before the next call of libhdf5,
    /// which forgets it.
    static func failure(_ status: Status, _ message: String) -> SNNError {
        let reason = withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { text in
            guard let base = text.baseAddress else { return "" }
            snnh5_last_error(base, text.count)
            return PlainText.text(of: base, count: strlen(base))
        }
        return SNNError(status, reason.isEmpty ? message : "\(message) (libhdf5: \(reason))")
    }
}

/// An object of libhdf5, closed with its owner. Only inside `HDF5Library.locked`.
struct HDF5Object: ~Copyable {
    let id: hid_t

    /// Takes over what a call returned; nil when that is a failure.
    init?(_ id: hid_t) {
        guard id >= 0 else { return nil }
        self.id = id
    }

    deinit {
        // Closes any kind of object; a failure leaves nothing that could be done.
        _ = H5Idec_ref(id)
    }
}
