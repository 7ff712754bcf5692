/// Ends the fit at a loss or gradient that is not finite: Keras's `TerminateOnNaN`. Unlike in Keras
/// the weights are still those before that step. The epoch ends without validation, with a loss of
/// NaN in the history, and the trainer's position is the batch that gave it.
final class TerminateOnNaN: TrainingCallback {
    let className = "TerminateOnNaN"
    let endsOnNonFinite = true
}
