import SNNCore
import SNNGraph

/// All axes but the batch as one, row-major (Keras's `Flatten`).
final class Flatten: Layer {
    let className = "Flatten"

    init(_ options: inout Configuration) throws(SNNError) {
        try options.refuse(
            "data_format", unless: [.null, "channels_last"], because: "data is channels last")
    }

    var configuration: [JSON.Member] { [] }

    func outputShapes(for inputs: [Shape]) throws(SNNError) -> [Shape] {
        [try Shape([soleInput(inputs).count])]
    }

    func operation(for call: LayerCall) -> any Operation { IdentityOperation() }
}
