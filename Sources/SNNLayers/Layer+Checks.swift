import SNNCore
import SNNGraph

// What layers check of their inputs, with one wording.

/// The one input of a layer that takes one.
func soleInput(_ inputs: [Shape], minimumRank: Int = 0) throws(SNNError) -> Shape {
    guard inputs.count == 1 else {
        throw SNNError(.shape, "expected one input, received \(inputs.count)")
    }
    guard inputs[0].rank >= minimumRank else {
        throw SNNError(
            .shape,
            "expected an input of at least \(minimumRank + 1) axes, the batch included, received "
                + inputs[0].batchText)
    }
    return inputs[0]
}

/// The inputs of a layer that merges several.
func mergedInputs(_ inputs: [Shape]) throws(SNNError) -> [Shape] {
    guard inputs.count >= 2 else {
        throw SNNError(.shape, "expected at least two inputs, received \(inputs.count)")
    }
    return inputs
}
