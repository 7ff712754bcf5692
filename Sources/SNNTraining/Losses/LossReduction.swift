/// How the values of a batch become one number: Keras's `reduction`.
package enum LossReduction: String, Sendable {
    /// Weighted, divided by the number of values.
    case sumOverBatchSize = "sum_over_batch_size"
    case sum
    /// Weighted, divided by the sum of the weights.
    case meanWithSampleWeight = "mean_with_sample_weight"
}
