/// Why a call failed. The raw values are those of `snn_status` in swiftnn.h.
public enum Status: Int32, Sendable {
    case argument = -1
    case handle = -2
    case busy = -3
    case state = -4
    case shape = -5
    case configuration = -6
    case unsupported = -7
    case numeric = -8
    case memory = -9
    case io = -10
    case format = -11
    case checksum = -12
    case limit = -13
    case `internal` = -14
}

/// An error with a text that says what was expected and what came.
public struct SNNError: Error, Sendable {
    public let status: Status
    public let message: String

    public init(_ status: Status, _ message: String) {
        self.status = status
        self.message = message
    }

    /// The same error with a place in front: "layer 'stem': ...".
    package func within(_ place: String) -> SNNError {
        SNNError(status, "\(place): \(message)")
    }
}
