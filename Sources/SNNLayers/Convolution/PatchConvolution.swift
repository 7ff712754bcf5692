import CKernels
import SNNCore
import SNNGraph
import SNNKernels
import SNNProducts

/// Any convolution as products of matrices: what the kernel covers at each place, its patch, is a row
/// of the one and the kernel, [reach, filters], is the other. Patches are written block by block, and
/// not at all where they are the input's rows.
final class PatchConvolution: ConvolutionMethod {
    private let geometry: ConvolutionGeometry
    private let window: snnk_window
    /// Places of a block, which may be of several samples.
    private let block: Int

    /// Floats of patches at once: some of two cores' second caches.
    private static let blockFloats = 384 * 1024

    init(_ geometry: ConvolutionGeometry) {
        self.geometry = geometry
        window = geometry.window
        block = max(PatchConvolution.blockFloats / geometry.reach / 48, 1) * 48
    }

    private var panelCount: Int {
        OperationContext.panelCount(n: geometry.groupFilters, k: geometry.reach)
    }
    private var patchCount: Int { isDirect ? 0 : block * geometry.reach }
    private var isDirect: Bool { geometry.isPointwise && geometry.groups == 1 }

    var packedCount: Int { geometry.groups * panelCount }
    var scratchCount: (inference: Int, training: Int) { (patchCount, patchCount + packedCount) }
    var workspace: Int { OperationContext.productWorkspace() }

    func pack(
        _ kernel: UnsafePointer<Float>, into packed: UnsafeMutablePointer<Float>,
        scratch: UnsafeMutablePointer<Float>, _ context: OperationContext
    ) {
        var group = 0
        while group < geometry.groups {
            context.packPanels(
                n: geometry.groupFilters, k: geometry.reach, kernelMatrix(kernel, group),
                into: packed + group &* panelCount)
            group &+= 1
        }
    }

    /// [reach, filters of a group]
    private func kernelMatrix(_ kernel: UnsafePointer<Float>, _ group: Int) -> Matrix {
        Matrix(kernel + group &* geometry.groupFilters, columns: geometry.filters)
    }

    // MARK: The three products

    func forward(
        _ x: UnsafePointer<Float>, _ kernel: UnsafePointer<Float>,
        packed: UnsafeMutablePointer<Float>?, into y: UnsafeMutablePointer<Float>,
        bias: UnsafePointer<Float>?, addend: UnsafePointer<Float>?, end: ProductEnd,
        scratch: UnsafeMutablePointer<Float>, _ context: OperationContext
    ) {
        let panels = packed ?? scratch + patchCount
        if packed == nil { pack(kernel, into: panels, scratch: scratch, context) }
        forEachBlock(context) { places, group in
            let patches = patches(of: x, places, group, scratch, context)
            let first = group &* geometry.groupFilters
            var product = context.makeProduct(
                m: places.count, n: geometry.groupFilters, k: geometry.reach,
                Matrix(patches, columns: geometry.reach), kernelMatrix(kernel, group),
                panels: panels + group &* panelCount,
                into: y + (places.first &* geometry.filters &+ first),
                bias: bias.map { $0 + first }, end: end)
            product.cRowStride = Int64(geometry.filters)
            product.addend = addend.map { $0 + (places.first &* geometry.filters &+ first) }
            context.run(product)
        }
    }

    func inputGradient(
        _ dy: UnsafePointer<Float>, _ kernel: UnsafePointer<Float>,
        into dx: UnsafeMutablePointer<Float>, bias: UnsafePointer<Float>?,
        scratch: UnsafeMutablePointer<Float>, _ context: OperationContext
    ) {
        if !isDirect || bias != nil {
            context.fillRows(
                dx, rows: context.rows &* geometry.inputPlaces, geometry.channels, with: bias)
        }
        forEachBlock(context) { places, group in
            let target = isDirect ? dx + places.first &* geometry.channels : scratch
            let first = places.first &* geometry.filters &+ group &* geometry.groupFilters
            var product = context.makeProduct(
                m: places.count, n: geometry.reach, k: geometry.groupFilters,
                Matrix(dy + first, columns: geometry.filters),
                kernelMatrix(kernel, group).transposed, into: target)
            if isDirect, bias != nil { product.addend = UnsafePointer(target) }
            context.run(product)
            if !isDirect { scatter(scratch, to: dx, places, group, context) }
        }
    }

    func kernelGradient(
        _ x: UnsafePointer<Float>, _ dy: UnsafePointer<Float>,
        into dKernel: UnsafeMutablePointer<Float>, scratch: UnsafeMutablePointer<Float>,
        _ context: OperationContext
    ) {
        forEachBlock(context) { places, group in
            let patches = patches(of: x, places, group, scratch, context)
            let first = group &* geometry.groupFilters
            let target = dKernel + first
            var product = context.makeProduct(
                m: geometry.reach, n: geometry.groupFilters, k: places.count,
                Matrix(patches, columns: geometry.reach).transposed,
                Matrix(dy + (places.first &* geometry.filters &+ first), columns: geometry.filters),
                into: target)
            product.cRowStride = Int64(geometry.filters)
            if places.first > 0 { product.addend = UnsafePointer(target) }
            context.run(product)
        }
    }

    // MARK: Steps of the above

    /// Places of the output, numbered through the batch.
    private struct Places {
        let first: Int
        let count: Int
    }

    /// Block by block, and in each group by group.
    private func forEachBlock(
        _ context: OperationContext, _ body: (_ places: Places, _ group: Int) -> Void
    ) {
        let total = context.rows &* geometry.outputPlaces
        let block = isDirect ? total : block
        var first = 0
        while first < total {
            let places = Places(first: first, count: min(block, total &- first))
            var group = 0
            while group < geometry.groups {
                body(places, group)
                group &+= 1
            }
            first &+= block
        }
    }

    /// [places, reach]
    private func patches(
        of x: UnsafePointer<Float>, _ places: Places, _ group: Int,
        _ scratch: UnsafeMutablePointer<Float>, _ context: OperationContext
    ) -> UnsafePointer<Float> {
        guard !isDirect else { return x + places.first &* geometry.channels }
        // A number costs what some operations do: it is read, written, and read again.
        context.workers.split(
            places.count, cost: 8 &* geometry.reach, granule: 12,
            with: (self, context.kernels, x + group &* geometry.groupChannels, scratch, places)
        ) { work, start, count in
            let (method, kernels, x, scratch, places) = work
            method.forEachSample(Places(first: places.first &+ start, count: count)) {
                sample, first, count, done in
                withUnsafePointer(to: method.window) { window in
                    kernels.pointee.gather_patches(
                        window, x + sample &* method.inputCount,
                        scratch + (start &+ done) &* method.geometry.reach, Int64(first),
                        Int64(count))
                }
            }
        }
        return UnsafePointer(scratch)
    }

    /// Adds patches to what they are of. A sample's are added by one thread, in order.
    private func scatter(
        _ patches: UnsafePointer<Float>, to dx: UnsafeMutablePointer<Float>, _ places: Places,
        _ group: Int, _ context: OperationContext
    ) {
        let size = geometry.outputPlaces
        let firstSample = places.first / size
        let samples = (places.first &+ places.count &- 1) / size &- firstSample &+ 1
        context.workers.split(
            samples, cost: size &* geometry.reach,
            with: (
                self, context.kernels, patches, dx + group &* geometry.groupChannels, places,
                firstSample
            )
        ) { work, start, count in
            let (method, kernels, patches, dx, places, firstSample) = work
            let size = method.geometry.outputPlaces
            let from = max((firstSample &+ start) &* size, places.first)
            let to = min((firstSample &+ start &+ count) &* size, places.first &+ places.count)
            method.forEachSample(Places(first: from, count: to &- from)) {
                sample, first, count, done in
                withUnsafePointer(to: method.window) { window in
                    kernels.pointee.scatter_patches(
                        window,
                        patches + (from &- places.first &+ done) &* method.geometry.reach,
                        dx + sample &* method.inputCount, Int64(first), Int64(count))
                }
            }
        }
    }

    private var inputCount: Int { geometry.inputPlaces &* geometry.channels }

    /// Calls `body` for what each sample has of some places: the first one there, their number, and
    /// how many came before.
    private func forEachSample(
        _ places: Places, _ body: (_ sample: Int, _ first: Int, _ count: Int, _ done: Int) -> Void
    ) {
        let size = geometry.outputPlaces
        var done = 0
        while done < places.count {
            let place = places.first &+ done
            let first = place % size
            let count = min(size &- first, places.count &- done)
            body(place / size, first, count, done)
            done &+= count
        }
    }
}
