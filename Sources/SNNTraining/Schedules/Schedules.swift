import SNNCore

/// The schedules by name.
package enum Schedules {
    private struct Kind: Sendable {
        let className: String
        let make: @Sendable (inout Configuration) throws(SNNError) -> any Schedule

        init(
            _ className: String,
            make: @escaping @Sendable (inout Configuration) throws(SNNError) -> any Schedule
        ) {
            self.className = className
            self.make = make
        }
    }

    /// {class_name, config}.
    package static func make(_ json: JSON, of owner: String) throws(SNNError) -> any Schedule {
        let name = json["class_name"]?.text ?? ""
        guard let kind = kinds.first(where: { $0.className == name }) else {
            throw SNNError(
                .configuration, "\(owner): " + unknownName("schedule", name, among: names))
        }
        var options = try Configuration(json["config"] ?? .null, of: "schedule '\(name)'")
        options.ignore("name")
        let schedule = try kind.make(&options)
        try options.finish()
        return schedule
    }

    /// {module, class_name, config} as Keras writes and wants it.
    package static func json(_ schedule: any Schedule) -> JSON {
        .object(
            ("module", "keras.optimizers.schedules"), ("class_name", .string(schedule.className)),
            ("config", .object(schedule.configuration)), ("registered_name", .null))
    }

    package static var names: [String] { kinds.map { $0.className } }

    private static let kinds: [Kind] = [
        Kind("ExponentialDecay") { (options) throws(SNNError) in try ExponentialDecay(&options) },
        Kind("PiecewiseConstantDecay") { (options) throws(SNNError) in
            try PiecewiseConstantDecay(&options)
        },
        Kind("PolynomialDecay") { (options) throws(SNNError) in try PolynomialDecay(&options) },
        Kind("InverseTimeDecay") { (options) throws(SNNError) in try InverseTimeDecay(&options) },
        Kind("CosineDecay") { (options) throws(SNNError) in try CosineDecay(&options) },
        Kind("CosineDecayRestarts") { (options) throws(SNNError) in
            try CosineDecayRestarts(&options)
        },
        Kind("LinearWarmup") { (options) throws(SNNError) in try LinearWarmup(&options) },
        Kind("OneCycleLR") { (options) throws(SNNError) in try OneCycleLR(&options) },
    ]
}

extension Configuration {
    /// A learning rate that must be there, or has a default.
    mutating func rate(_ key: String, default value: Double? = nil) throws(SNNError) -> Double {
        try number(key, default: value, in: LearningRate.range)
    }

    /// A number of steps, which may be a fraction as in Keras.
    mutating func steps(_ key: String) throws(SNNError) -> Double {
        try number(key, in: 1 ... 0x1p53)
    }
}
