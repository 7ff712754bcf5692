import CKernels
import SNNCore
import SNNGraph
import SNNKernels

/// A window's maximum or mean. What the backward pass needs of a maximum is which place won, a number
/// for each of the output: less than the input, which then need not be kept.
final class PoolingOperation: Operation {
    let needs: OperationNeeds
    private let picksLargest: Bool
    private let savesWinners: Bool
    private let geometry: ConvolutionGeometry

    init(_ call: LayerCall, _ kind: PoolingKind, _ geometry: ConvolutionGeometry) {
        picksLargest = kind == .maximum
        savesWinners = picksLargest && call.mode == .training
        self.geometry = geometry
        var needs = OperationNeeds()
        if savesWinners { needs.saved = FloatCount(perRow: call.outputs[0].count) }
        self.needs = needs
    }

    func forward(_ context: OperationContext) {
        run(context, lines: geometry.outputLines, cost: 2 &* geometry.places, dInput: nil)
    }

    func backward(_ context: OperationContext) {
        guard let dInput = context.dInput() else { return }
        run(context, lines: geometry.inputLines, cost: 8, dInput: dInput)
    }

    /// - Parameters:
    ///   - lines: in a sample.
    ///   - cost: of a number.
    private func run(
        _ context: OperationContext, lines: Int, cost: Int, dInput: UnsafeMutablePointer<Float>?
    ) {
        let lineCost = cost &* max(geometry.width.input, geometry.width.output) &* geometry.channels
        context.workers.split(
            context.rows &* lines, cost: lineCost, with: (self, context, dInput)
        ) { work, start, count in
            let (operation, context, dInput) = work
            operation.run(context, dInput, Int64(start), Int64(count))
        }
    }

    private func run(
        _ context: OperationContext, _ dInput: UnsafeMutablePointer<Float>?, _ start: Int64,
        _ count: Int64
    ) {
        let winners = savesWinners ? context.saved : nil
        withUnsafePointer(to: geometry.window) { window in
            if let dInput {
                context.kernels.pointee.pool_gradient(
                    window, context.dOutput(), winners, dInput, start, count)
            } else {
                context.kernels.pointee.pool(
                    window, context.input(), context.output(), winners, picksLargest ? 1 : 0,
                    start, count)
            }
        }
    }
}
