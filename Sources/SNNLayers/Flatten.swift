import SNNCore
import SNNGraph

/// All axes but the batch as one, row-major, the channels as the last of them (Keras's `Flatten`).
final class Flatten: Layer {
    let className = "Flatten"

    var configuration: [JSON.Member] { [] }

    func outputShapes(for inputs: [Shape]) throws(SNNError) -> [Shape] {
        [try Shape([soleInput(inputs).count])]
    }

    func operation(for call: LayerCall) -> any Operation { IdentityOperation() }
}
