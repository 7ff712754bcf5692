import SNNCore
import SNNGraph

/// The layers of this module: those that merge, move, repeat and rescale. They are compiled for size,
/// since none is what a small network waits for.
package enum ShapeLayers {
    package static var kinds: [LayerKind] {
        [
            Merge.kind(.add),
            Merge.kind(.subtract),
            Merge.kind(.multiply),
            Merge.kind(.average),
            Merge.kind(.maximum),
            Merge.kind(.minimum),
            LayerKind("Permute") { (options) throws(SNNError) in try Permute(&options) },
            LayerKind("RepeatVector") { (options) throws(SNNError) in try RepeatVector(&options) },
            Margins.padding(axes: 1),
            Margins.padding(axes: 2),
            Margins.padding(axes: 3),
            Margins.cropping(axes: 1),
            Margins.cropping(axes: 2),
            Margins.cropping(axes: 3),
            UpSampling.kind(axes: 1),
            UpSampling.kind(axes: 2),
            UpSampling.kind(axes: 3),
            LayerKind("Rescaling") { (options) throws(SNNError) in try Rescaling(&options) },
            LayerKind("Normalization") { (options) throws(SNNError) in
                try Normalization(&options)
            },
        ]
    }
}
