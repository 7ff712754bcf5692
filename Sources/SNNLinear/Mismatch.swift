import SNNCore

/// "what: expected a, received b": one function for all the places that say it, because each text
/// that is put together takes a kilobyte.
@inline(never)
package func mismatch(
    _ status: Status, _ what: String, expected: String, received: String
) -> SNNError {
    SNNError(status, what + ": expected " + expected + ", received " + received)
}

/// The same for numbers of things.
@inline(never)
package func mismatch(_ what: StaticString, expected: Int, received: Int) -> SNNError {
    mismatch(.shape, what.description, expected: String(expected), received: String(received))
}
