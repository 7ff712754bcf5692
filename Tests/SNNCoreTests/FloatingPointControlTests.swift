import CCPU
import SNNCore
import Testing

struct FloatingPointControlTests {
    private let upward: UInt32 = 0x1f80 | 0x4000
    private let flushingToZero: UInt32 = 0x1f80 | 0x8040

    @inline(never) private func third(_ divisor: Double) -> Double { 1 / divisor }

    @Test func theBodyRoundsToNearestAndTheCallerGetsItsModeBack() {
        let before = snnc_control_get()
        let expected = third(3)
        snnc_control_set(upward)
        let up = third(3)
        let within = withDefaultFloatingPoint { third(3) }
        let after = snnc_control_get()
        snnc_control_set(before)
        #expect(up > expected)
        #expect(within == expected)
        // The status flags are the caller's own: its division was inexact.
        #expect(after == upward | 0x20)
    }

    @Test func theModeComesBackAfterAnError() {
        let before = snnc_control_get()
        snnc_control_set(flushingToZero)
        var status: Status?
        do throws(SNNError) {
            try withDefaultFloatingPoint { () throws(SNNError) in
                throw SNNError(.internal, "expected")
            }
        } catch {
            status = error.status
        }
        let after = snnc_control_get()
        snnc_control_set(before)
        #expect(status == .internal)
        #expect(after == flushingToZero)
    }
}
