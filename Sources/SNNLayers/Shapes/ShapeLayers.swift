import SNNCore
import SNNGraph

/// The rows of the layers that merge, move, repeat and rescale.
enum ShapeLayers {
    static var kinds: [LayerKind] {
        var kinds = [
            LayerKind("Permute") { (options) throws(SNNError) in try Permute(&options) },
            LayerKind("RepeatVector") { (options) throws(SNNError) in try RepeatVector(&options) },
            LayerKind("Rescaling") { (options) throws(SNNError) in try Rescaling(&options) },
            LayerKind("Normalization") { (options) throws(SNNError) in
                try Normalization(&options)
            },
        ]
        for rule in MergeRule.all { kinds.append(Merge.kind(rule)) }
        // In a loop, so that each is there once and not for each number of axes.
        for axes in 1 ... 3 {
            kinds.append(Margins.padding(axes: axes))
            kinds.append(Margins.cropping(axes: axes))
            kinds.append(UpSampling.kind(axes: axes))
        }
        return kinds
    }
}
