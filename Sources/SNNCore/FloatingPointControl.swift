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
    // Reading the word is cheap and writing is not, so it is written only where it differs.
    let control = snnc_control_get()
    let isDefault = control & ~UInt32(SNNC_STATUS_FLAGS) == UInt32(SNNC_DEFAULT_CONTROL)
    if !isDefault { snnc_control_set(UInt32(SNNC_DEFAULT_CONTROL)) }
    defer {
        if snnc_control_get() != control { snnc_control_set(control) }
    }
    return try body()
}
