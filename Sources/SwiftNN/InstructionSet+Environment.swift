import CSystem
import SNNCore
import SNNKernels

extension InstructionSet {
    /// The kernels of the process. Throws where SWIFTNN_ISA asks for what nobody knows.
    static func chosenKernels() throws(SNNError) -> UnsafePointer<KernelTable> {
        guard isChoiceKnown else {
            let received = getenv("SWIFTNN_ISA").map { String(cString: $0) } ?? ""
            throw SNNError(
                .configuration,
                "environment variable SWIFTNN_ISA: expected 'base', 'avx2' or 'avx512', received "
                    + JSON.string(received).shortText)
        }
        return best.kernels
    }
}
