import CKernels
import SNNCore
import SNNGraph
import SNNKernels
import SNNProducts

/// A convolution of each channel by itself, one output to each: there are no sums over channels that
/// a product of matrices would be.
final class DepthwiseConvolution: ConvolutionMethod {
    private let geometry: ConvolutionGeometry

    /// nil where channels are mixed or have several outputs.
    init?(_ geometry: ConvolutionGeometry) {
        guard geometry.groupChannels == 1, geometry.groupFilters == 1 else { return nil }
        self.geometry = geometry
    }

    var packedCount: Int { geometry.kernelCount }
    var scratchCount: (inference: Int, training: Int) { (0, geometry.kernelCount) }
    var workspace: Int { 0 }

    private var channels: Int { geometry.channels }
    private var cost: Int { 2 * geometry.kernelCount }

    private func window(_ channels: Int) -> snnk_window {
        var window = geometry.window
        window.taken = Int64(channels)
        return window
    }

    func pack(
        _ kernel: UnsafePointer<Float>, into packed: UnsafeMutablePointer<Float>,
        scratch: UnsafeMutablePointer<Float>, _ context: OperationContext
    ) {
        packed.copy(from: kernel, count: packedCount)
    }

    func forward(
        _ x: UnsafePointer<Float>, _ kernel: UnsafePointer<Float>,
        packed: UnsafeMutablePointer<Float>?, into y: UnsafeMutablePointer<Float>,
        bias: UnsafePointer<Float>?, addend: UnsafePointer<Float>?, end: ProductEnd,
        scratch: UnsafeMutablePointer<Float>, _ context: OperationContext
    ) {
        let places = geometry.outputPlaces
        context.workers.split(
            context.rows &* places, cost: cost, granule: 8,
            with: (self, context.kernels, x, packed.map { UnsafePointer($0) } ?? kernel, y, bias, addend, end)
        ) { work, start, count in
            let (method, kernels, x, kernel, y, bias, addend, end) = work
            let (places, channels) = (method.geometry.outputPlaces, method.channels)
            var window = method.window(channels)
            end.withRectifier { rectifier in
                var place = start
                while place < start &+ count {
                    let first = place % places
                    let here = min(places &- first, start &+ count &- place)
                    let sample = place / places &* method.geometry.inputPlaces &* channels
                    kernels.pointee.depthwise(
                        &window, x + sample, kernel, y + place &* channels, Int64(first),
                        Int64(here), bias, addend.map { $0 + place &* channels }, rectifier)
                    place &+= here
                }
            }
        }
    }

    func inputGradient(
        _ dy: UnsafePointer<Float>, _ kernel: UnsafePointer<Float>,
        into dx: UnsafeMutablePointer<Float>, bias: UnsafePointer<Float>?,
        scratch: UnsafeMutablePointer<Float>, _ context: OperationContext
    ) {
        context.fillRows(dx, rows: context.rows &* geometry.inputPlaces, channels, with: bias)
        // A sample's are added by one thread, in order.
        context.workers.split(
            context.rows, cost: cost &* geometry.outputPlaces,
            with: (self, context.kernels, dy, kernel, dx)
        ) { work, start, count in
            let (method, kernels, dy, kernel, dx) = work
            var window = method.window(method.channels)
            var sample = start
            while sample < start &+ count {
                let (inputs, outputs) = method.places(of: sample)
                kernels.pointee.depthwise_gradients(
                    &window, nil, kernel, dy + outputs, dx + inputs, nil)
                sample &+= 1
            }
        }
    }

    /// Each thread takes some channels, and adds up sample after sample.
    func kernelGradient(
        _ x: UnsafePointer<Float>, _ dy: UnsafePointer<Float>,
        into dKernel: UnsafeMutablePointer<Float>, scratch: UnsafeMutablePointer<Float>,
        _ context: OperationContext
    ) {
        context.kernels.pointee.fill(dKernel, Int64(geometry.kernelCount), 0)
        context.workers.split(
            channels, cost: 2 &* geometry.taps &* geometry.outputPlaces &* context.rows,
            granule: 16, with: (self, context, x, dy, dKernel, scratch)
        ) { work, start, count in
            let (method, context, x, dy, dKernel, scratch) = work
            let (taps, channels) = (method.geometry.taps, method.channels)
            var window = method.window(count)
            var sample = 0
            while sample < context.rows {
                let (inputs, outputs) = method.places(of: sample)
                // Of one sample first, else the sum would be as long as the batch is large.
                var tap = 0
                while tap < taps {
                    let row = tap &* channels &+ start
                    context.kernels.pointee.fill(scratch + row, Int64(count), 0)
                    tap &+= 1
                }
                context.kernels.pointee.depthwise_gradients(
                    &window, x + (inputs &+ start), nil, dy + (outputs &+ start), nil,
                    scratch + start)
                tap = 0
                while tap < taps {
                    let row = tap &* channels &+ start
                    context.kernels.pointee.add(
                        dKernel + row, scratch + row, dKernel + row, Int64(count))
                    tap &+= 1
                }
                sample &+= 1
            }
        }
    }

    private func places(of sample: Int) -> (inputs: Int, outputs: Int) {
        (sample &* geometry.inputPlaces &* channels, sample &* geometry.outputPlaces &* channels)
    }
}
