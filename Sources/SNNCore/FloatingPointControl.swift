import CCPU

/// Runs `body` with the default floating-point control (round to nearest, nothing trapped,
/// subnormals kept) and gives the caller back its own, status flags included.
///
/// For the entry points of the library: a host may have set anything, and results may not depend
/// on it.
@inlinable @inline(__always)
package func withDefaultFloatingPoint<Result, Failure: Error>(
    _ body: () throws(Failure) -> Result
) throws(Failure) -> Result {
    let control = snnc_control_get()
    snnc_control_set(UInt32(SNNC_DEFAULT_CONTROL))
    defer { snnc_control_set(control) }
    return try body()
}
