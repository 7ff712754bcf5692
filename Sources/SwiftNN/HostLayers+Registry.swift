import SNNCore
import SNNGraph
import SNNLayers

extension HostLayers {
    /// Registers a class of the host's under a name that no other layer has; nil removes the name.
    ///
    /// Here, and not inlined: the tables of the layers would be in the C entries' module once more.
    @inline(never)
    package static func register(
        _ name: String, _ hostClass: (any HostLayerClass)?
    ) throws(SNNError) {
        try register(name, hostClass, besides: .all)
    }
}
