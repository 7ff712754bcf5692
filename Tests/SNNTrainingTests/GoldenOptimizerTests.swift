import SNNCore
import SNNGraph
import SNNKernels
import SNNTestSupport
import SNNTraining
import Testing

/// Optimizers against Keras 3: `Golden/optimizers.json`.
@Suite struct GoldenOptimizerTests {
    @Test(arguments: try Golden.cases("optimizers.json").indices)
    func parametersGoWhereThoseOfKerasGo(_ index: Int) throws {
        let golden = try Golden.cases("optimizers.json")[index]
        for set in InstructionSet.supported { try compare(golden, set) }
    }

    private func compare(_ golden: JSON, _ set: InstructionSet) throws {
        let optimizer = try Optimizers.make(
            .object(
                ("class_name", golden["class_name"] ?? .null),
                ("config", golden["config"] ?? .null)))
        let initial = try arrays(golden["parameters"])
        let run = try BareUpdates(
            optimizer, shapes: [[3, 4], [5]], parameters: initial, kernels: set.kernels)
        for (step, json) in try #require(golden["gradients"]?.elements).enumerated() {
            let step = step + 1
            try run.step(arrays(json))
            guard let expected = golden["after"]?[String(step)] else { continue }
            // Keras rounds the powers of beta to float32, which adds up.
            let tolerance = step > 10 ? Tolerance.goldenTraining : .golden
            for (index, values) in try arrays(expected).enumerated() {
                let difference = tolerance.difference(run.parameters(index), values)
                #expect(difference == nil, "\(golden["config"]?.shortText ?? "") step \(step) \(set)")
            }
        }
        #expect(run.gapsAreUnchanged, "numbers outside of the ranges were changed")
    }

    private func arrays(_ json: JSON?) throws -> [[Float]] {
        try #require(json?.elements).map { try #require(GoldenArray($0)).values }
    }

    @Test func defaultsAreThoseOfKeras() throws {
        let defaults = try #require(try Golden.read("optimizers.json")["defaults"]?.members)
        #expect(defaults.map(\.name) == ["SGD", "Adam", "AdamW"])
        for row in defaults {
            let plain = try Optimizers.make(.string(row.name))
            for member in plain.configuration where member.name != "name" {
                #expect(row.value[member.name]?.means(member.value) ?? false, "\(member.name)")
            }
            // All that Keras writes is read.
            let read = try Optimizers.make(.keras(row.name, row.value))
            #expect(Optimizers.json(read) == Optimizers.json(plain))
        }
    }

    @Test func whatAnOptimizerCannotDoIsRefused() throws {
        let cases: [(String, Status, String)] = [
            ("'Adamm'", .configuration, "did you mean 'Adam'"),
            ("null", .configuration, "expected a name"),
            ("'Adamv'", .configuration, "did you mean 'Adam'"),
            ("{class_name: 'SGD', config: {ema_overwrite_frequency: 1}}", .configuration, "use_ema"),
            ("{class_name: 'SGD', config: {loss_scale_factor: 2}}", .unsupported, "loss_scale_factor"),
            ("{class_name: 'SGD', config: {clipnorm: -1}}", .configuration, "'clipnorm' must be"),
            ("{class_name: 'SGD', config: {clipnorm: NaN}}", .configuration, "'clipnorm' must be"),
            (
                "{class_name: 'Adam', config: {clipvalue: Infinity}}", .configuration,
                "'clipvalue' must be"
            ),
            (
                "{class_name: 'Adam', config: {global_clipnorm: '1'}}", .configuration,
                "'global_clipnorm' must be"
            ),
            (
                "{class_name: 'SGD', config: {weight_decay: true}}", .configuration,
                "'weight_decay' must be"
            ),
            (
                "{class_name: 'SGD', config: {weight_decay: -0.1}}", .configuration,
                "'weight_decay' must be"
            ),
            (
                "{class_name: 'AdamW', config: {weight_decay: null}}", .configuration,
                "'weight_decay' must be"
            ),
            (
                "{class_name: 'SGD', config: {clipnorm: 1, clipvalue: 0.5}}", .configuration,
                "only one of 'clipnorm', 'clipvalue' and 'global_clipnorm' may be set, received "
                    + "'clipnorm' 1.0 and 'clipvalue' 0.5"
            ),
            (
                "{class_name: 'AdamW', config: {clipnorm: 0, global_clipnorm: 0}}", .configuration,
                "only one of"
            ),
            (
                "{class_name: 'SGD', config: {clipnormm: 1}}", .configuration,
                "did you mean 'clipnorm'"
            ),
            ("{class_name: 'SGD', config: {use_ema: 1}}", .configuration, "use_ema"),
            ("{class_name: 'SGD', config: {learning_rate: -1}}", .configuration, "learning_rate"),
            ("{class_name: 'SGD', config: {learning_rate: NaN}}", .configuration, "learning_rate"),
            ("{class_name: 'SGD', config: {momentum: 2}}", .configuration, "momentum"),
            ("{class_name: 'Adam', config: {beta_1: 1}}", .configuration, "beta_1"),
            ("{class_name: 'Adam', config: {beta1: 0.5}}", .configuration, "did you mean 'beta_1'"),
            (
                "{class_name: 'SGD', config: {learning_rate: {class_name: 'CosineDecay', config: {}}}}",
                .configuration, "initial_learning_rate"
            ),
        ]
        for (text, status, part) in cases {
            let error = #expect(throws: SNNError.self) { try Optimizers.make(JSON.read(text)) }
            #expect(error?.status == status, "\(text): \(error?.message ?? "")")
            #expect(error?.message.contains(part) ?? false, "\(text): \(error?.message ?? "")")
        }
    }
}
