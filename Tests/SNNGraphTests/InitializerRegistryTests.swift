import SNNCore
import Testing

@testable import SNNGraph

@Suite struct InitializerRegistryTests {
    @Test func everyNameOfKerasMakesItsClass() throws {
        let names = [
            "Zeros": ["zeros", "zero"], "Ones": ["ones", "one"], "Constant": ["constant"],
            "Identity": ["identity", "IdentityInitializer"], "STFT": ["stft", "STFTInitializer"],
            "RandomNormal": ["random_normal", "normal"],
            "RandomUniform": ["random_uniform", "uniform"],
            "TruncatedNormal": ["truncated_normal"], "VarianceScaling": ["variance_scaling"],
            "Orthogonal": ["orthogonal", "OrthogonalInitializer"],
            "GlorotUniform": ["glorot_uniform"], "GlorotNormal": ["glorot_normal"],
            "HeUniform": ["he_uniform"], "HeNormal": ["he_normal"],
            "LecunUniform": ["lecun_uniform"], "LecunNormal": ["lecun_normal"],
        ]
        for (className, aliases) in names {
            for name in [className] + aliases {
                #expect(try Initializers.make(.string(name), for: "test").className == className)
            }
        }
        #expect(Set(Initializers.rows.map(\.name)) == Set(names.keys))
    }

    @Test func noNameIsTakenTwice() {
        let names = Initializers.rows.flatMap { [$0.name] + $0.aliases }
        #expect(Set(names).count == names.count)
    }

    /// The texts are what `keras.initializers.serialize` of Keras 3.15 writes.
    @Test(arguments: [
        ("Zeros", #"{}"#),
        ("Ones", #"{}"#),
        ("Constant", #"{"value": 0.0}"#),
        ("Identity", #"{}"#),
        ("STFT", #"{"side": "real", "window": "hann", "periodic": false, "scaling": "density"}"#),
        ("RandomNormal", #"{"seed": null, "mean": 0.0, "stddev": 0.05}"#),
        ("RandomUniform", #"{"seed": null, "minval": -0.05, "maxval": 0.05}"#),
        ("TruncatedNormal", #"{"seed": null, "mean": 0.0, "stddev": 0.05}"#),
        ("Orthogonal", #"{"seed": null, "gain": 1.0}"#),
        (
            "VarianceScaling",
            #"{"seed": null, "scale": 1.0, "mode": "fan_in", "distribution": "truncated_normal", "#
                + #""input_axes": null, "output_axes": null}"#
        ),
        ("GlorotUniform", #"{"seed": null, "input_axes": null, "output_axes": null}"#),
        ("GlorotNormal", #"{"seed": null, "input_axes": null, "output_axes": null}"#),
        ("HeUniform", #"{"seed": null, "input_axes": null, "output_axes": null}"#),
        ("HeNormal", #"{"seed": null, "input_axes": null, "output_axes": null}"#),
        ("LecunUniform", #"{"seed": null, "input_axes": null, "output_axes": null}"#),
        ("LecunNormal", #"{"seed": null, "input_axes": null, "output_axes": null}"#),
    ])
    func defaultsAreWrittenAsKerasWritesThem(className: String, config: String) throws {
        let json = Initializers.json(try Initializers.make(.string(className), for: "test"))
        #expect(
            json.write()
                == #"{"module": "keras.initializers", "class_name": "\#(className)", "#
                + #""config": \#(config), "registered_name": null}"#)
        let again = try Initializers.make(json, for: "test")
        #expect(Initializers.json(again) == json)
    }

    @Test(arguments: [
        "{class_name: 'Constant', config: {value: -2.5}}",
        "{class_name: 'Identity', config: {gain: 0.25}}",
        """
        {class_name: 'STFT', config:
         {side: 'imag', window: [1.0, 0.5], periodic: true, scaling: null}}
        """,
        """
        {class_name: 'STFT', config:
         {side: 'real', window: null, periodic: false, scaling: 'spectrum'}}
        """,
        "{class_name: 'RandomNormal', config: {seed: 9, mean: 1.5, stddev: 0.25}}",
        "{class_name: 'RandomUniform', config: {seed: -1, minval: 0.0, maxval: 1.0}}",
        """
        {class_name: 'TruncatedNormal', config:
         {seed: 9223372036854775807, mean: 1.5, stddev: 0.0}}
        """,
        "{class_name: 'Orthogonal', config: {seed: 3, gain: 1.4142135623730951}}",
        """
        {class_name: 'VarianceScaling', config: {seed: 1, scale: 0.1, mode: 'fan_avg',
         distribution: 'untruncated_normal', input_axes: [0, -2], output_axes: [1]}}
        """,
        "{class_name: 'GlorotNormal', config: {seed: 4, input_axes: [0], output_axes: null}}",
        """
        {class_name: 'HeUniform', config: {seed: {module: 'keras.random',
         class_name: 'SeedGenerator', config: {seed: 3, name: 'g'}, registered_name: null},
         input_axes: null, output_axes: [-1]}}
        """,
    ])
    func everyOptionSurvivesWritingAndReading(text: String) throws {
        let given = try JSON.read(text)
        let json = Initializers.json(try Initializers.make(given, for: "test"))
        #expect(json["class_name"] == given["class_name"])
        #expect(json["config"] == given["config"])
        #expect(Initializers.json(try Initializers.make(json, for: "test")) == json)
    }

    @Test func whatKerasWritesBesideTheConfigurationHasNoEffect() throws {
        let text = """
            {module: 'keras.initializers', class_name: 'Constant',
             config: {value: 2, dtype: 'float32'}, registered_name: null,
             build_config: {input_shape: [1]}, shared_object_id: 7}
            """
        #expect(try initialized(text, [2]) == [2, 2])
        #expect(try initialized("{class_name: 'ones'}", [2]) == [1, 1])
    }

    @Test(arguments: [
        (
            "'glorot_unifrom'",
            "unknown initializer \"glorot_unifrom\"; did you mean 'glorot_uniform'?"
        ),
        (
            "3",
            "expected an initializer's name or an object {class_name, config}, received 3"
        ),
        (
            "null",
            "expected an initializer's name or an object {class_name, config}, received null"
        ),
        (
            "{class_name: 'HeNormal', conifg: {}}",
            "unknown key 'conifg'; did you mean 'config'?"
        ),
        (
            "{class_name: 'Zeros', config: {value: 1}}",
            "Zeros: unknown key 'value'; there are no options"
        ),
        ("{class_name: 'Zeros', config: 3}", "Zeros: expected an object of options, received 3"),
        (
            "{class_name: 'HeNormal', config: {seed: 'x'}}",
            "HeNormal: 'seed' must be an integer or null, received \"x\""
        ),
        (
            "{class_name: 'HeNormal', config: {seed: 1.5}}",
            "HeNormal: 'seed' must be an integer or null, received 1.5"
        ),
        (
            "{class_name: 'HeNormal', config: {input_axes: ['x']}}",
            "HeNormal: 'input_axes' must be"
        ),
        (
            "{class_name: 'RandomNormal', config: {stddev: -1}}",
            "RandomNormal: 'stddev' must be a number from 0 to"
        ),
        (
            "{class_name: 'RandomNormal', config: {mean: NaN}}",
            "RandomNormal: 'mean' must be"
        ),
        (
            "{class_name: 'Constant', config: {value: Infinity}}",
            "Constant: 'value' must be"
        ),
        (
            "{class_name: 'Constant', config: {value: [1, 2]}}",
            "Constant: 'value' must be"
        ),
        (
            "{class_name: 'RandomUniform', config: {minval: 1}}",
            "RandomUniform: 'minval' must be at most 'maxval', received 1.0 and 0.05"
        ),
        (
            "{class_name: 'VarianceScaling', config: {scale: 0}}",
            "VarianceScaling: 'scale' must be a number greater than 0"
        ),
        (
            "{class_name: 'VarianceScaling', config: {mode: 'fan'}}",
            "VarianceScaling: 'mode' must be 'fan_in' or 'fan_out' or 'fan_avg', received \"fan\""
        ),
        (
            "{class_name: 'VarianceScaling', config: {distribution: 'gamma'}}",
            "VarianceScaling: 'distribution' must be 'uniform' or 'truncated_normal' or "
                + "'untruncated_normal', received \"gamma\""
        ),
        (
            "{class_name: 'STFT', config: {side: 'left'}}",
            "STFT: 'side' must be 'real' or 'imag', received \"left\""
        ),
        (
            "{class_name: 'STFT', config: {window: 'hamning'}}",
            "STFT: unknown window \"hamning\"; did you mean 'hamming'?"
        ),
        (
            "{class_name: 'STFT', config: {window: 'kaiser'}}",
            "STFT: unknown window \"kaiser\""
        ),
        (
            "{class_name: 'STFT', config: {window: [1, NaN]}}",
            "STFT: 'window' must be a window's name, a list of finite numbers or null, received"
        ),
        (
            "{class_name: 'STFT', config: {scaling: 'power'}}",
            "STFT: 'scaling' must be 'density' or 'spectrum', received \"power\""
        ),
    ])
    func badConfigurationIsRefusedWithTheOwnersName(text: String, expected: String) throws {
        let owner = "Dense 'stem': kernel_initializer"
        let message = initializerError(.configuration) {
            _ = try Initializers.make(JSON.read(text), for: owner)
        }
        #expect(message.hasPrefix(owner + ": " + expected), "\(message)")
    }

    @Test func lettersOfADistributionMayBeOfAnyCase() throws {
        for name in ["NORMAL", "normal", "Truncated_Normal"] {
            let initializer = try Initializers.make(
                .keras("VarianceScaling", .object(("distribution", .string(name)))), for: "test")
            #expect(
                Initializers.json(initializer)["config"]?["distribution"] == "truncated_normal")
        }
    }
}
