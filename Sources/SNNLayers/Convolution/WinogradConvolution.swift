import CKernels
import SNNCore
import SNNGraph
import SNNKernels
import SNNProducts

/// A 3x3 convolution with a quarter of the multiplications: tiles of four by four places become 36
/// numbers a channel, which the channels are mixed of by 36 products of matrices (Winograd's F(4x4,
/// 3x3); Lavin and Gray 2016). The gradients are the same maps the other way.
///
/// The worst error against float64, relative to the largest output, is about 1e-6 for 16 channels and
/// 1e-5 for 512, some ten times that of the direct sum.
final class WinogradConvolution: ConvolutionMethod {
    private let geometry: ConvolutionGeometry
    private let toOutput: TiledMap
    private let toInput: TiledMap

    /// nil where it does not apply or does not pay.
    init?(_ geometry: ConvolutionGeometry, _ mode: Mode) {
        let (height, width) = (geometry.height, geometry.width)
        let isSquare = height.isPlainThree && width.isPlainThree
        guard isSquare, geometry.depth.isTrivial, geometry.groups == 1,
            geometry.channels % 16 == 0, geometry.filters % 16 == 0
        else { return nil }
        self.geometry = geometry
        toOutput = TiledMap(
            from: geometry.channels, to: geometry.filters, height, width,
            isReverse: false)
        toInput = TiledMap(
            from: geometry.filters, to: geometry.channels, height, width, isReverse: true)
        // Four by four places take 36 multiplications instead of 144, whether they are there or not.
        guard geometry.outputPlaces * 9 >= toOutput.tiles * 36 * 2 else { return nil }
        // A prediction of one sample reads four times the direct sum's weights, which takes longer than
        // multiplying with them where they come from memory and tiles are few: 512 channels to 512 at
        // 7x7 are 38 MB.
        if mode == .inference, toOutput.tiles < 9, packedCount > 1 << 20 { return nil }
    }

    private var matrixCount: Int { geometry.channels * geometry.filters }

    var packedCount: Int { 36 * matrixCount }
    var workspace: Int { max(toOutput.workspace, toInput.workspace) }

    var scratchCount: (inference: Int, training: Int) {
        let maps = max(toOutput.scratchCount, toInput.scratchCount)
        // The kernel's frequencies, and their panels.
        let kernel = 2 * packedCount
        let gradient = packedCount + frequencies(gradientBlock, geometry.channels)
            + frequencies(gradientBlock, geometry.filters)
        return (max(maps, packedCount), max(maps + kernel, gradient))
    }

    private func frequencies(_ tiles: Int, _ channels: Int) -> Int {
        36 * TiledMap.stride(tiles, channels)
    }

    // MARK: The kernel

    func pack(
        _ kernel: UnsafePointer<Float>, into packed: UnsafeMutablePointer<Float>,
        scratch: UnsafeMutablePointer<Float>, _ context: OperationContext
    ) {
        pack(kernel, isReverse: false, into: packed, scratch: scratch, context)
    }

    /// - Parameter isReverse: turned by half a turn, inputs and outputs exchanged.
    private func pack(
        _ kernel: UnsafePointer<Float>, isReverse: Bool,
        into packed: UnsafeMutablePointer<Float>, scratch: UnsafeMutablePointer<Float>,
        _ context: OperationContext
    ) {
        context.workers.split(
            matrixCount / 16, cost: 16 * 40, granule: 16,
            with: (context.kernels, kernel, scratch, matrixCount, isReverse)
        ) { work, start, count in
            let (kernels, kernel, scratch, matrixCount, isReverse) = work
            let first = 16 &* start
            // Each piece has its own 36 matrices' parts, which lie as far apart as the whole's.
            kernels.pointee.winograd_kernel(
                kernel + ((isReverse ? 8 &* matrixCount : 0) &+ first),
                Int64(isReverse ? 0 &- matrixCount : matrixCount), scratch + first,
                Int64(matrixCount), Int64(16 &* count))
        }
        let map = isReverse ? toInput : toOutput
        context.workers.split(
            36, cost: 4 &* matrixCount,
            with: (context.kernels, scratch, packed, map, matrixCount, isReverse)
        ) { work, start, count in
            let (kernels, scratch, packed, map, matrixCount, isReverse) = work
            var frequency = start
            while frequency < start &+ count {
                let offset = frequency &* matrixCount
                kernels.pointee.pack_panels(
                    Int64(map.from), Int64(map.to), scratch + offset,
                    isReverse ? 1 : Int64(map.to), isReverse ? Int64(map.from) : 1,
                    packed + offset)
                frequency &+= 1
            }
        }
    }

    // MARK: The two maps

    func forward(
        _ x: UnsafePointer<Float>, _ kernel: UnsafePointer<Float>,
        packed: UnsafeMutablePointer<Float>?, into y: UnsafeMutablePointer<Float>,
        bias: UnsafePointer<Float>?, addend: UnsafePointer<Float>?, end: ProductEnd,
        scratch: UnsafeMutablePointer<Float>, _ context: OperationContext
    ) {
        let panels = packed ?? scratch + toOutput.scratchCount
        if packed == nil {
            pack(kernel, into: panels, scratch: panels + packedCount, context)
        }
        toOutput.run(
            x, panels, into: y, bias: bias, addend: addend, end: end, scratch: scratch, context)
    }

    func inputGradient(
        _ dy: UnsafePointer<Float>, _ kernel: UnsafePointer<Float>,
        into dx: UnsafeMutablePointer<Float>, bias: UnsafePointer<Float>?,
        scratch: UnsafeMutablePointer<Float>, _ context: OperationContext
    ) {
        let panels = scratch + toInput.scratchCount
        pack(kernel, isReverse: true, into: panels, scratch: panels + packedCount, context)
        toInput.run(
            dy, panels, into: dx, bias: bias, addend: nil, end: .none, scratch: scratch, context)
    }

    // MARK: The kernel's gradient

    /// Tiles whose frequencies are there at once: some of two cores' second caches.
    private var gradientBlock: Int {
        let fitting = 320 * 1024 / (36 * (geometry.channels + geometry.filters))
        return min(max(fitting, 24), 256)
    }

    /// For each frequency the product of the inputs' and the outputs' numbers, summed over all tiles.
    func kernelGradient(
        _ x: UnsafePointer<Float>, _ dy: UnsafePointer<Float>,
        into dKernel: UnsafeMutablePointer<Float>, scratch: UnsafeMutablePointer<Float>,
        _ context: OperationContext
    ) {
        let block = gradientBlock
        let inputs = scratch + packedCount
        let outputs = inputs + frequencies(block, geometry.channels)
        let total = context.rows &* toOutput.tiles
        var first = 0
        while first < total {
            let count = min(block, total &- first)
            context.workers.split(
                count, cost: 300 &* (geometry.channels &+ geometry.filters), granule: 4,
                with: (self, context.kernels, x, dy, inputs, outputs, first)
            ) { work, start, count in
                let (method, kernels, x, dy, inputs, outputs, first) = work
                let map = method.toOutput
                let block = method.gradientBlock
                map.analyse(
                    x, first &+ start, count, into: inputs + start &* map.from, block: block,
                    kernels)
                map.analyseOutput(
                    dy, first &+ start, count, into: outputs + start &* map.to, block: block,
                    kernels)
            }
            addProducts(inputs, outputs, count, isFirst: first == 0, to: scratch, context)
            first &+= block
        }
        context.workers.split(
            matrixCount / 16, cost: 16 * 40, granule: 16,
            with: (context.kernels, scratch, dKernel, matrixCount)
        ) { work, start, count in
            let (kernels, scratch, dKernel, matrixCount) = work
            kernels.pointee.winograd_kernel_gradient(
                scratch + 16 &* start, dKernel + 16 &* start, Int64(matrixCount),
                Int64(16 &* count))
        }
    }

    private func addProducts(
        _ inputs: UnsafePointer<Float>, _ outputs: UnsafePointer<Float>, _ count: Int,
        isFirst: Bool, to sums: UnsafeMutablePointer<Float>, _ context: OperationContext
    ) {
        context.workers.share(
            36, cost: 2 &* matrixCount &* count, granule: 1,
            with: (self, context, inputs, outputs, count, isFirst, sums)
        ) { work, piece, start, count in
            let (method, context, inputs, outputs, tiles, isFirst, sums) = work
            let (from, to) = (method.toOutput.from, method.toOutput.to)
            var frequency = start
            while frequency < start &+ count {
                let target = sums + frequency &* method.matrixCount
                let input = inputs + frequency &* TiledMap.stride(method.gradientBlock, from)
                let output = outputs + frequency &* TiledMap.stride(method.gradientBlock, to)
                var product = context.makeProduct(
                    m: from, n: to, k: tiles, Matrix(input, columns: from).transposed,
                    Matrix(output, columns: to), into: target)
                if !isFirst { product.addend = UnsafePointer(target) }
                product.workspace = context.workspace(piece)
                context.kernels.pointee.matrix_product(&product)
                frequency &+= 1
            }
        }
    }
}

extension SpatialAxis {
    fileprivate var isPlainThree: Bool { kernel == 3 && stride == 1 && dilation == 1 && before <= 2 }
    fileprivate var isTrivial: Bool { input == 1 && kernel == 1 && output == 1 && before == 0 }
}
