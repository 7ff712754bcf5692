import CKernels
import SNNKernels
import SNNTestSupport

/// The cases of convolutions: `count` channels, or as many sixteens where there are only those.
extension KernelCase {
    static let convolutions = [
        KernelCase("gather_patches") { table, numbers in
            windows(channels: max(numbers.count, 1)).flatMap { window in
                var window = window
                let places = Int64(ConvolutionSizes.places)
                let patch = ConvolutionSizes.taps * Int(window.taken)
                return written(Int(places - 3) * patch) {
                    table.gather_patches(&window, numbers(1, inputs(window)), $0, 2, places - 3)
                }
            }
        },
        KernelCase("scatter_patches") { table, numbers in
            windows(channels: max(numbers.count, 1)).flatMap { window in
                var window = window
                let places = Int64(ConvolutionSizes.places)
                let patch = ConvolutionSizes.taps * Int(window.taken)
                return written(inputs(window), initial: numbers(2, inputs(window))) {
                    table.scatter_patches(
                        &window, numbers(1, Int(places - 3) * patch), $0, 2, places - 3)
                }
            }
        },
        KernelCase("depthwise") { table, numbers in
            windows(channels: max(numbers.count, 1)).filter { $0.taken == $0.channels }.flatMap {
                var window = $0
                let places = ConvolutionSizes.places
                let channels = Int(window.channels)
                var rectifier = snnk_rectifier(a: 2.5, b: 0.1, c: 0.01)
                return written((places - 3) * channels) {
                    table.depthwise(
                        &window, numbers(1, inputs(window)),
                        numbers(2, ConvolutionSizes.taps * channels), $0, 2, Int64(places - 3),
                        numbers(3, channels), numbers(4, (places - 3) * channels), &rectifier)
                }
                    + written(places * channels) {
                        table.depthwise(
                            &window, numbers(1, inputs(window)),
                            numbers(2, ConvolutionSizes.taps * channels), $0, 0, Int64(places),
                            nil, nil, nil)
                    }
            }
        },
        KernelCase("depthwise_gradients") { table, numbers in
            windows(channels: max(numbers.count, 1)).filter { $0.taken == $0.channels }.flatMap {
                var window = $0
                let channels = Int(window.channels)
                let kernel = ConvolutionSizes.taps * channels
                let dy = numbers(3, ConvolutionSizes.places * channels)
                let (x, k) = (numbers(1, inputs(window)), numbers(2, kernel))
                return written(x.count, initial: numbers(4, x.count)) {
                    table.depthwise_gradients(&window, nil, k, dy, $0, nil)
                }
                    + written(kernel, initial: numbers(5, kernel)) {
                        table.depthwise_gradients(&window, x, nil, dy, nil, $0)
                    }
            }
        },
        KernelCase("winograd_input") { table, numbers in
            tiled(numbers, top: 1, left: 1) { tiles, channels in
                written(36 * (4 * channels + 16)) {
                    table.winograd_input(
                        tiles, numbers(1, 7 * 6 * channels), $0, 0, 4)
                }
            }
        },
        KernelCase("winograd_output_gradient") { table, numbers in
            tiled(numbers, top: 0, left: 0) { tiles, channels in
                written(36 * (4 * channels + 16)) {
                    table.winograd_output_gradient(
                        tiles, numbers(1, 7 * 6 * channels), $0, 0, 4)
                }
            }
        },
        KernelCase("winograd_output") { table, numbers in
            tiled(numbers, top: 0, left: 0) { tiles, channels in
                let size = 7 * 6 * channels
                let m = numbers(1, 36 * (4 * channels + 16))
                var rectifier = snnk_rectifier(a: 2.5, b: 0.1, c: 0.01)
                return written(size) { table.winograd_output(tiles, m, $0, 0, 4, nil, nil, nil) }
                    + written(size) {
                        table.winograd_output(
                            tiles, m, $0, 0, 4, numbers(2, channels), numbers(3, size),
                            &rectifier)
                    }
            }
        },
        KernelCase("winograd_kernel") { table, numbers in
            let count = sixteens(numbers)
            let size = Int64(count)
            let g = numbers(1, 9 * count)
            return written(36 * count) { table.winograd_kernel(g, size, $0, size, size) }
                + g.withUnsafeBufferPointer { g in
                    written(36 * count) {
                        table.winograd_kernel(
                            g.baseAddress! + 8 * count, -size, $0, size, size)
                    }
                }
        },
        KernelCase("winograd_kernel_gradient") { table, numbers in
            let count = sixteens(numbers)
            return written(9 * count) {
                table.winograd_kernel_gradient(
                    numbers(1, 36 * count), $0, Int64(count), Int64(count))
            }
        },
    ]

    private static func sixteens(_ numbers: KernelNumbers) -> Int {
        (numbers.count / 16 + 1) * 16
    }

    /// Tiles over an image of 7 by 6 places.
    private static func tiled(
        _ numbers: KernelNumbers, top: Int64, left: Int64,
        _ body: (UnsafePointer<snnk_tiles>, Int) -> [Float]
    ) -> [Float] {
        let channels = sixteens(numbers)
        var tiles = snnk_tiles(
            height: 7, width: 6, channels: Int64(channels), taken: Int64(channels), across: 2,
            top: top, left: left, stride: Int64(4 * channels + 16))
        return body(&tiles, channels)
    }

    private enum ConvolutionSizes {
        static let taps = 2 * 3 * 2
        static let places = 2 * 3 * 4
    }

    private static func inputs(_ window: snnk_window) -> Int {
        Int(window.depth.input * window.height.input * window.width.input * window.channels)
    }

    /// With padding on each side, with strides, with gaps; all channels and some.
    private static func windows(channels: Int) -> [snnk_window] {
        let plain = { (input: Int64, kernel: Int64, output: Int64) in
            snnk_window_axis(
                input: input, kernel: kernel, stride: 1, dilation: 1, before: 1, output: output)
        }
        var window = snnk_window(
            depth: plain(1, 2, 2), height: plain(3, 3, 3), width: plain(3, 2, 4),
            channels: Int64(channels), taken: Int64(channels))
        var windows = [window]
        window.height = snnk_window_axis(
            input: 6, kernel: 3, stride: 2, dilation: 1, before: 0, output: 3)
        window.width = snnk_window_axis(
            input: 5, kernel: 2, stride: 1, dilation: 3, before: 2, output: 4)
        windows.append(window)
        if channels > 2 {
            window.taken = Int64(channels / 2)
            windows.append(window)
        }
        return windows
    }
}
