import SNNCore

/// What a fit tells, batch by batch and epoch by epoch, and what may act on it: a callback of
/// Keras. One call at a time, on the thread of the fit, with the model held by it.
///
/// A new callback is a class of this protocol in one file and one row in `Callbacks`.
package protocol TrainingCallback: AnyObject {
    /// Keras's class name.
    var className: String { get }
    /// What a resumed fit needs to go on, but for weights.
    var state: JSON { get }
    /// Weights that belong to the state.
    var keptWeights: WeightSnapshot? { get set }
    /// Whether `batchEnd` is to be called.
    var listensToBatches: Bool { get }
    /// Whether a loss or gradient that is not finite ends the fit, and is no error.
    var endsOnNonFinite: Bool { get }

    /// Throws when the callback cannot do its work in this fit. Nothing has changed yet.
    func check(_ fit: FitMoment) throws(SNNError)
    /// A training that was saved and not finished, for this fit to go on with.
    func backup(_ fit: FitMoment) throws(SNNError) -> TrainingLoop?
    /// Takes over what `state` gave.
    func restore(_ state: JSON) throws(SNNError)
    /// Before the first batch; not when a paused fit goes on.
    func begin(_ fit: FitMoment) throws(SNNError)
    /// After a step; `batch` counts from 0 within the epoch.
    func batchEnd(_ fit: FitMoment, batch: Int) throws(SNNError)
    /// Around the batches of validation, and around each part of them where a pause divides them.
    func testBegin(_ fit: FitMoment)
    func testEnd(_ fit: FitMoment)
    func epochEnd(_ fit: FitMoment, epoch: Int) throws(SNNError)
    /// Whether `saveTraining` is to be called at this batch's or epoch's end.
    func wantsTrainingSaved(atEpochEnd: Bool) -> Bool
    /// Saves the training, after the batch's or the epoch's end has reached all callbacks, so that
    /// what is saved holds what they took from it.
    func saveTraining(_ fit: FitMoment) throws(SNNError)
    /// After the last epoch, or when a callback stopped the fit; not when it is paused.
    func end(_ fit: FitMoment) throws(SNNError)
}

extension TrainingCallback {
    package var state: JSON { .null }
    package var keptWeights: WeightSnapshot? {
        get { nil }
        set {}
    }
    package var listensToBatches: Bool { false }
    package var endsOnNonFinite: Bool { false }
    package func check(_ fit: FitMoment) throws(SNNError) {}
    package func backup(_ fit: FitMoment) throws(SNNError) -> TrainingLoop? { nil }
    package func restore(_ state: JSON) throws(SNNError) {}
    package func begin(_ fit: FitMoment) throws(SNNError) {}
    package func batchEnd(_ fit: FitMoment, batch: Int) throws(SNNError) {}
    package func testBegin(_ fit: FitMoment) {}
    package func testEnd(_ fit: FitMoment) {}
    package func epochEnd(_ fit: FitMoment, epoch: Int) throws(SNNError) {}
    package func wantsTrainingSaved(atEpochEnd: Bool) -> Bool { false }
    package func saveTraining(_ fit: FitMoment) throws(SNNError) {}
    package func end(_ fit: FitMoment) throws(SNNError) {}
}
