import SNNCore
import SNNGraph
import SNNKernels
import SNNLayers
import SNNModelTestSupport
import SNNTestSupport
import Testing

@testable import SNNTraining

/// Every optimizer, and what goes around its step, against Keras 3: `Golden/update_rules.json`.
@Suite struct GoldenUpdateRuleTests {
    @Test(arguments: try Golden.cases("update_rules.json").indices)
    func parametersGoWhereThoseOfKerasGo(_ index: Int) throws {
        let golden = try Golden.cases("update_rules.json")[index]
        for set in InstructionSet.supported { try compare(golden, set) }
    }

    private func compare(_ golden: JSON, _ set: InstructionSet) throws {
        let name = "\(golden["name"]?.text ?? ""), \(set)"
        let optimizer = try Optimizers.make(
            .keras(try #require(golden["class_name"]?.text), golden["config"] ?? .null))
        let shapes = try #require(golden["parameters"]?.elements).map {
            try #require(GoldenArray($0)).shape
        }
        let start = try arrays(golden["parameters"])
        let sequences = try Golden.read("update_rules.json")["gradients"]
        let steps = try #require(sequences?[golden["shapes"]?.text ?? ""]?.elements)
        if shapes == [[3, 4], [4]] {
            let run = try LoopUpdates(optimizer, parameters: start, kernels: set.kernels)
            for (step, gradients) in steps.enumerated() {
                try run.step(arrays(gradients))
                try check(golden, step + 1, name) { run.parameters($0) }
            }
            guard let averages = golden["averages"] else { return }
            run.loop.swapAverages()
            for (index, values) in try arrays(averages).enumerated() {
                let difference = Tolerance.goldenTraining.difference(run.parameters(index), values)
                #expect(difference == nil, "\(name), averages")
            }
        } else {
            let run = try BareUpdates(
                optimizer, shapes: shapes, parameters: start, kernels: set.kernels)
            for (step, gradients) in steps.enumerated() {
                try run.step(arrays(gradients))
                try check(golden, step + 1, name) { run.parameters($0) }
            }
            #expect(run.gapsAreUnchanged)
        }
    }

    private func check(
        _ golden: JSON, _ step: Int, _ name: String, _ parameters: (Int) -> [Float]
    ) throws {
        guard let expected = golden["after"]?[String(step)] else { return }
        for (index, values) in try arrays(expected).enumerated() {
            let difference = Tolerance.goldenTraining.difference(parameters(index), values)
            #expect(difference == nil, "\(name), variable \(index), step \(step)")
        }
    }

    private func arrays(_ json: JSON?) throws -> [[Float]] {
        try #require(json?.elements).map { try #require(GoldenArray($0)).values }
    }

    @Test func defaultsAreThoseOfKeras() throws {
        let defaults = try #require(try Golden.read("update_rules.json")["defaults"]?.members)
        let all = defaults.map(\.name) + ["AdamW", "LBFGS"]
        #expect(Optimizers.names.allSatisfy { all.contains($0) })
        for row in defaults {
            let plain = try Optimizers.make(.string(row.name))
            for member in plain.configuration where member.name != "name" {
                let value = try #require(row.value[member.name], "\(row.name) \(member.name)")
                #expect(value.means(member.value), "\(row.name) \(member.name)")
            }
            let read = try Optimizers.make(.keras(row.name, row.value))
            #expect(Optimizers.json(read) == Optimizers.json(plain))
            #expect(Optimizers.kerasJSON(read) == Optimizers.json(plain))
            // Its name in lower case serves as well.
            let lower = try Optimizers.make(.string(row.name.lowercased()))
            #expect(lower.className == row.name)
        }
    }
}

/// Updates of a training loop along given gradients: a Dense layer from three to four.
struct LoopUpdates {
    let loop: TrainingLoop
    private let batch: TrainingLoop.BatchInUse

    init(
        _ optimizer: any Optimizer, parameters: [[Float]], kernels: UnsafePointer<KernelTable>
    ) throws {
        var graph = Graph(isSequential: false)
        let x = try add("InputLayer", .object(("shape", [3])), named: "x", to: &graph)
        try add("Dense", .object(("units", 4)), named: "dense", to: &graph, on: x)
        let network = try Network(name: "model", graph: graph, seed: 1)
        let workers = Workers(threads: 2)
        let objective = try Objective(
            network.graph, loss: "mse", lossWeights: .null, metrics: .null)
        loop = try TrainingLoop(
            network, objective: objective, optimizer: optimizer, workers: workers,
            kernels: kernels)
        let engine = try loop.trainingEngine(capacity: 1)
        batch = TrainingLoop.BatchInUse(
            batch: try Batch(capacity: 1, inputs: [Shape([3])], targets: [Shape([4])]), rows: 1,
            executor: engine.executor, evaluation: engine.evaluation)
        for (variable, values) in zip(network.graph.variables, parameters) {
            _ = network.values(of: variable).update(from: values)
        }
    }

    /// What `TrainingLoop.step` does once the gradients are there.
    func step(_ gradients: [[Float]]) throws {
        let buffer = batch.executor.gradients.pointer
        for (variable, values) in zip(loop.network.graph.variables, gradients) {
            (buffer + variable.offset).update(from: values, count: values.count)
        }
        let survey = try loop.gradientSurvey()
        #expect(survey.examine(buffer, kernels: loop.kernels, workers: loop.workers))
        try loop.update(batch, 1)
        loop.position.step += 1
    }

    func parameters(_ index: Int) -> [Float] {
        Array(loop.network.values(of: loop.network.graph.variables[index]))
    }
}
