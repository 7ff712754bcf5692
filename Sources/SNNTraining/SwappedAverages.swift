import SNNCore
import SNNGraph

/// Weights of a model as they stood, to be known again.
struct SwappedAverages {
    /// While it is the model's, nobody has touched them.
    private let version: Int
    /// Of their bits, for who has changed them and put them back.
    private let digest: UInt64

    init(in network: Network) {
        version = network.weightsVersion
        digest = SwappedAverages.digest(of: network.parameters)
    }

    func stand(in network: Network) -> Bool {
        version == network.weightsVersion
            || digest == SwappedAverages.digest(of: network.parameters)
    }

    /// FNV-1a, by words.
    private static func digest(of weights: Buffer<Float>) -> UInt64 {
        var digest: UInt64 = 0xcbf2_9ce4_8422_2325
        for index in 0 ..< weights.count {
            digest = (digest ^ UInt64(weights.pointer[index].bitPattern)) &* 0x100_0000_01b3
        }
        return digest
    }
}
