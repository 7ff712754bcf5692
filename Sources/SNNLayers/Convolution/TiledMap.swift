import CKernels
import SNNCore
import SNNGraph
import SNNKernels
import SNNProducts

/// The way of an image of `from` channels to one of `to`, by tiles of Winograd's: analysed into 36
/// frequencies, mixed by 36 matrices, put together again.
struct TiledMap: Sendable {
    let from: Int
    let to: Int
    /// Tiles in a sample.
    let tiles: Int
    private let source: snnk_tiles
    private let target: snnk_tiles
    /// Tiles of a piece of work at once.
    private let block: Int

    /// Floats of a piece's numbers: most of a second cache, beside the matrices.
    private static let blockFloats = 144 * 1024
    /// Up to so many tiles in all, threads divide channels among them: a tile's work alone would not
    /// keep two busy, and all matrices would be read twice.
    private static let fewTiles = 64

    /// - Parameter isReverse: from the output to the input of the axes.
    init(from: Int, to: Int, _ height: SpatialAxis, _ width: SpatialAxis, isReverse: Bool) {
        self.from = from
        self.to = to
        let (rows, columns) = isReverse ? (height.input, width.input) : (height.output, width.output)
        let down = (rows + 3) / 4
        let across = (columns + 3) / 4
        tiles = down * across
        target = snnk_tiles(
            height: Int64(rows), width: Int64(columns), channels: Int64(to), taken: Int64(to),
            across: Int64(across), top: 0, left: 0, stride: 0)
        source = snnk_tiles(
            height: Int64(isReverse ? height.output : height.input),
            width: Int64(isReverse ? width.output : width.input), channels: Int64(from),
            taken: Int64(from), across: Int64(across),
            top: Int64(isReverse ? 2 - height.before : height.before),
            left: Int64(isReverse ? 2 - width.before : width.before), stride: 0)
        let fitting = TiledMap.blockFloats / (36 * (from + to)) / 12 * 12
        block = min(max(fitting, 12), 96)
    }

    /// Floats between two frequencies of so many tiles. Not a multiple of 4 KB, at which they would
    /// take turns in the same lines of the cache.
    static func stride(_ tiles: Int, _ channels: Int) -> Int { tiles &* channels &+ 16 }

    private var fromStride: Int { TiledMap.stride(block, from) }
    private var toStride: Int { TiledMap.stride(block, to) }

    var workspace: Int {
        36 * (fromStride + toStride) + OperationContext.productWorkspace(k: from)
    }

    var scratchCount: Int { 36 * TiledMap.stride(TiledMap.fewTiles, from) }

    // MARK: Steps

    /// The frequencies of tiles first ..< first + count, numbered through the batch.
    ///
    /// - Parameter block: of how many tiles `numbers` has room for each frequency.
    func analyse(
        _ x: UnsafePointer<Float>, _ first: Int, _ count: Int,
        into numbers: UnsafeMutablePointer<Float>, block: Int,
        _ kernels: UnsafePointer<KernelTable>
    ) {
        var map = source
        map.stride = Int64(TiledMap.stride(block, from))
        let size = Int(source.height &* source.width &* source.channels)
        forEachSample(first, count) { sample, first, count, done in
            kernels.pointee.winograd_input(
                &map, x + sample &* size, numbers + done &* from, Int64(first), Int64(count))
        }
    }

    /// The frequencies that the outputs `dy` come from.
    func analyseOutput(
        _ dy: UnsafePointer<Float>, _ first: Int, _ count: Int,
        into numbers: UnsafeMutablePointer<Float>, block: Int,
        _ kernels: UnsafePointer<KernelTable>
    ) {
        var map = target
        map.stride = Int64(TiledMap.stride(block, to))
        let size = Int(target.height &* target.width &* target.channels)
        forEachSample(first, count) { sample, first, count, done in
            kernels.pointee.winograd_output_gradient(
                &map, dy + sample &* size, numbers + done &* to, Int64(first), Int64(count))
        }
    }

    private func forEachSample(
        _ first: Int, _ count: Int,
        _ body: (_ sample: Int, _ first: Int, _ count: Int, _ done: Int) -> Void
    ) {
        var done = 0
        while done < count {
            let tile = (first &+ done) % tiles
            let length = min(tiles &- tile, count &- done)
            body((first &+ done) / tiles, tile, length, done)
            done &+= length
        }
    }

    // MARK: All of it

    /// y = end(map of x + bias + addend)
    ///
    /// - Parameter panels: the 36 matrices [from, to], packed.
    func run(
        _ x: UnsafePointer<Float>, _ panels: UnsafePointer<Float>,
        into y: UnsafeMutablePointer<Float>, bias: UnsafePointer<Float>?,
        addend: UnsafePointer<Float>?, end: ProductEnd, scratch: UnsafeMutablePointer<Float>,
        _ context: OperationContext
    ) {
        let run = Run(
            map: self, x: x, panels: panels, y: y, bias: bias, addend: addend, end: end,
            scratch: scratch, context: context)
        let total = context.rows &* tiles
        let work = 72 &* from &* to &+ 300 &* (from &+ to)
        // Chains of sums follow from the whole width, which a part of 32 columns must not change.
        let isNarrow = from <= Int(SNNK_PRODUCT_SMALL)
        guard total <= TiledMap.fewTiles, to >= 64, !isNarrow else {
            context.workers.share(total, cost: work, granule: 4, with: run) {
                run, piece, start, count in
                run.run(piece, start, count)
            }
            return
        }
        context.workers.split(total, cost: 300 &* from, granule: 4, with: run) {
            run, start, count in
            let block = TiledMap.fewTiles
            run.map.analyse(
                run.x, start, count, into: run.scratch + start &* run.map.from, block: block,
                run.context.kernels)
        }
        context.workers.share(to, cost: work &* total / to, granule: 32, with: run) {
            run, piece, start, count in
            run.runColumns(piece, start, count)
        }
    }

    private struct Run {
        let map: TiledMap
        let x: UnsafePointer<Float>
        let panels: UnsafePointer<Float>
        let y: UnsafeMutablePointer<Float>
        let bias: UnsafePointer<Float>?
        let addend: UnsafePointer<Float>?
        let end: ProductEnd
        let scratch: UnsafeMutablePointer<Float>
        let context: OperationContext

        /// Tiles start ..< start + count, from the input to the output.
        func run(_ piece: Int, _ start: Int, _ count: Int) {
            let numbers = context.workspace(piece)
            var first = start
            while first < start &+ count {
                let tiles = min(map.block, start &+ count &- first)
                map.analyse(x, first, tiles, into: numbers, block: map.block, context.kernels)
                mix(
                    numbers, stride: map.fromStride, first, tiles, columns: 0, map.to, piece)
                first &+= map.block
            }
        }

        /// All tiles, some channels of the output.
        func runColumns(_ piece: Int, _ column: Int, _ columns: Int) {
            let total = context.rows &* map.tiles
            var first = 0
            while first < total {
                let tiles = min(map.block, total &- first)
                mix(
                    scratch + first &* map.from,
                    stride: TiledMap.stride(TiledMap.fewTiles, map.from), first, tiles,
                    columns: column, columns, piece)
                first &+= map.block
            }
        }

        private func mix(
            _ numbers: UnsafePointer<Float>, stride: Int, _ first: Int, _ count: Int,
            columns column: Int, _ columns: Int, _ piece: Int
        ) {
            let mixed = context.workspace(piece) + 36 &* map.fromStride
            let targetStride = TiledMap.stride(map.block, columns)
            var product = context.makeProduct(
                m: count, n: columns, k: map.from, Matrix(numbers, columns: map.from),
                Matrix(panels, columns: map.to), into: mixed)
            product.workspace = mixed + 36 &* map.toStride
            var frequency = 0
            while frequency < 36 {
                product.a = numbers + frequency &* stride
                product.bPanels =
                    panels + (frequency &* map.from &* map.to &+ column &* map.from)
                product.c = mixed + frequency &* targetStride
                context.kernels.pointee.matrix_product(&product)
                frequency &+= 1
            }
            var target = map.target
            target.taken = Int64(columns)
            target.stride = Int64(targetStride)
            let size = Int(target.height &* target.width) &* map.to
            end.withRectifier { rectifier in
                map.forEachSample(first, count) { sample, first, count, done in
                    let place = sample &* size &+ column
                    context.kernels.pointee.winograd_output(
                        &target, mixed + done &* columns, y + place, Int64(first), Int64(count),
                        bias.map { $0 + column }, addend.map { $0 + place }, rectifier)
                }
            }
        }
    }
}
