import SNNCore

/// The host's losses by name, for the whole process.
package enum HostLosses {
    /// Guarded by the process's lock.
    nonisolated(unsafe) private static var functions: [(name: String, function: HostLoss.Function)] =
        []

    /// nil removes the name; what was made with it goes on.
    package static func register(
        _ name: String, _ callback: HostLoss.Callback?, user: UnsafeMutableRawPointer?
    ) throws(SNNError) {
        guard !name.isEmpty, name.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7f }) else {
            throw SNNError(.argument, "expected a loss's name of printable characters")
        }
        guard !Losses.isBuiltIn(name) else {
            throw SNNError(
                .argument,
                "expected a name that no loss of the library has, received '\(name)'; give yours "
                    + "another name")
        }
        ProcessLock.whileLocked {
            functions.removeAll { $0.name == name }
            if let callback {
                functions.append((name, HostLoss.Function(callback: callback, user: user)))
            }
        }
    }

    static func function(_ name: String) -> HostLoss.Function? {
        ProcessLock.whileLocked { functions.first { $0.name == name }?.function }
    }
}
