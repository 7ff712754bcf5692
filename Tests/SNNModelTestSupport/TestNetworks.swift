import SNNCore
import SNNGraph
import SNNLayers
import SNNTestSupport

/// A model of one layer, "layer", on inputs "x0", "x1" ... of these shapes without the batch. An
/// InputLayer stands alone.
///
/// - Parameter isBuried: each input is added to itself on its way to the layer, and the output to
///   itself behind it: what the layer reads and writes is then memory that the plan gives and takes.
package func oneLayerGraph(
    _ className: String, _ config: JSON, inputs: [[Int]], isBuried: Bool = false
) throws -> Graph {
    var graph = Graph(isSequential: false)
    if className == "InputLayer" {
        try add(className, config, named: "layer", to: &graph)
        return graph
    }
    func doubled(_ tensors: [Int], _ name: String) throws -> [Int] {
        isBuried ? try add("Add", named: name, to: &graph, on: tensors + tensors) : tensors
    }
    let tensors = try inputs.enumerated().map { index, extents in
        try add(
            "InputLayer", .object(("shape", .array(extents.map { .integer(Int64($0)) }))),
            named: "x\(index)", to: &graph)
    }
    let arguments = try tensors.enumerated().flatMap { try doubled($1, "x\($0)_twice") }
    let outputs = try add(className, config, named: "layer", to: &graph, on: arguments)
    try graph.setOutputs(doubled(outputs, "output_twice"))
    return graph
}

/// Adds a layer as Keras's configuration describes it; gives its outputs.
@discardableResult
package func add(
    _ className: String, _ config: JSON = .null, named name: String, to graph: inout Graph,
    on inputs: [Int] = []
) throws -> [Int] {
    let description = try LayerRegistry.all.make(className, config)
    return try graph.add(
        description.layer, name: name, isTrainable: description.isTrainable, on: inputs)
}

extension Network {
    /// Gives every variable numbers that are nothing special; variances positive ones.
    package func scramble(seed: UInt64) {
        for (index, variable) in graph.variables.enumerated() {
            let numbers = testNumbers(variable.shape.count, seed: seed &* 1000 &+ UInt64(index))
            let isVariance = variable.name.hasSuffix("variance")
            for (place, number) in numbers.enumerated() {
                values(of: variable)[place] = isVariance ? number.magnitude + 0.5 : number
            }
        }
    }
}
