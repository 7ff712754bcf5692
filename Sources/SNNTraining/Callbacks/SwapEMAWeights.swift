import SNNCore

/// Validates with the averages of the weights in their place, which an optimizer with `use_ema` keeps:
/// Keras's `SwapEMAWeights`. With `swap_on_epoch` they also stand there from the end of an epoch to the
/// begin of the next, for the callbacks behind it in the list.
final class SwapEMAWeights: TrainingCallback {
    let className = "SwapEMAWeights"
    private let swapsOnEpoch: Bool

    init(_ options: inout Configuration) throws(SNNError) {
        swapsOnEpoch = try options.bool("swap_on_epoch", default: false)
    }

    func check(_ fit: FitMoment) throws(SNNError) {
        guard fit.loop.optimizer.rule.average.isUsed else {
            throw SNNError(
                .configuration,
                "callback 'SwapEMAWeights': expected an optimizer with 'use_ema' true, received one "
                    + "without")
        }
    }

    func testBegin(_ fit: FitMoment) { fit.loop.swapAverages() }

    func testEnd(_ fit: FitMoment) { fit.loop.unswapAverages() }

    /// The weights come back when the next epoch begins.
    func epochEnd(_ fit: FitMoment, epoch: Int) throws(SNNError) {
        if swapsOnEpoch { fit.loop.swapAverages() }
    }
}
