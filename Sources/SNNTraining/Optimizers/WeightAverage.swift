import SNNCore

/// The exponential moving average of the weights (`use_ema`), as Keras keeps it: after each batch
/// average = momentum * average + (1 - momentum) * w, in the first update average = w. Every
/// `ema_overwrite_frequency` updates the weights become their average, and at the end of a fit.
struct WeightAverage: Sendable {
    let isUsed: Bool
    private let momentum: Double
    private let overwriteFrequency: Int?

    init(_ options: inout Configuration) throws(SNNError) {
        isUsed = try options.bool("use_ema", default: false)
        momentum = try options.number("ema_momentum", default: 0.99, in: 0 ... 1)
        overwriteFrequency = try options.optionalInteger(
            "ema_overwrite_frequency", in: 1 ... Int(Int32.max))
        guard overwriteFrequency == nil || isUsed else {
            throw options.failure("'ema_overwrite_frequency' was given, but 'use_ema' is not true")
        }
    }

    /// Keras's keys where it is used.
    var configuration: [JSON.Member] {
        guard isUsed else { return [] }
        let frequency: JSON = overwriteFrequency.map { .integer(Int64($0)) } ?? .null
        return [
            .init("use_ema", true), .init("ema_momentum", .number(momentum)),
            .init("ema_overwrite_frequency", frequency),
        ]
    }

    /// What remains of the average in the batch after `iteration` updates.
    func momentum(after iteration: Int64) -> Double { iteration == 0 ? 0 : momentum }

    /// Whether the weights then become the average.
    func overwrites(after iteration: Int64) -> Bool {
        overwriteFrequency.map { (iteration + 1) % Int64($0) == 0 } ?? false
    }
}
