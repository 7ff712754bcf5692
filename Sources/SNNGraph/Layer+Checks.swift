import SNNCore

// What layers check of their inputs, with one wording.

/// The one input of a layer that takes one.
@inline(never)
package func soleInput(_ inputs: [Shape], minimumRank: Int = 0) throws(SNNError) -> Shape {
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

/// The one input of a layer that takes one with so many axes beside the batch.
@inline(never)
package func soleInput(_ inputs: [Shape], rank: Int) throws(SNNError) -> Shape {
    let input = try soleInput(inputs)
    guard input.rank == rank else {
        throw SNNError(
            .shape,
            "expected an input of \(rank + 1) axes, the batch included, received "
                + input.batchText)
    }
    return input
}

/// The inputs of a layer that merges several.
@inline(never)
package func mergedInputs(_ inputs: [Shape]) throws(SNNError) -> [Shape] {
    guard inputs.count >= 2 else {
        throw SNNError(.shape, "expected at least two inputs, received \(inputs.count)")
    }
    return inputs
}

/// Throws unless `axis`, which counts the batch, is the last one, that of the channels.
@inline(never)
package func checkLastAxis(_ axis: Int, of input: Shape) throws(SNNError) {
    guard axis == -1 || axis == input.rank else {
        throw SNNError(
            .unsupported,
            "'axis' must be the last one, -1 or \(input.rank) for input \(input.batchText), "
                + "received \(axis)")
    }
}
