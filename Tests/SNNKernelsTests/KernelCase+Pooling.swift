import CKernels
import SNNKernels
import SNNTestSupport

extension KernelCase {
    /// Images of a few places with `count` channels, and with some sizes, strides and paddings.
    static let poolings = [
        KernelCase("pool") { table, numbers in
            let channels = max(numbers.count, 1)
            return [
                (input: (1, 5, 4), size: 3, stride: 2), (input: (3, 2, 3), size: 2, stride: 1),
                (input: (1, 1, 7), size: 2, stride: 3),
            ].flatMap { geometry in
                let (d, h, w) = geometry.input
                var window = snnk_window(
                    depth: axis(d, geometry.size, geometry.stride),
                    height: axis(h, geometry.size, geometry.stride),
                    width: axis(w, geometry.size, geometry.stride), channels: Int64(channels),
                    taken: Int64(channels))
                return pool(table, numbers, &window)
            }
        }
    ]

    /// With as much padding as there is to keep ceil(input / stride) places.
    private static func axis(_ input: Int, _ size: Int, _ stride: Int) -> snnk_window_axis {
        let output = (input + stride - 1) / stride
        return snnk_window_axis(
            input: Int64(input), kernel: Int64(size), stride: Int64(stride), dilation: 1,
            before: Int64(max((output - 1) * stride + size - input, 0) / 2),
            output: Int64(output))
    }

    /// Both kinds of two samples, forward and backward, the maximum with winners and without.
    private static func pool(
        _ table: KernelTable, _ numbers: KernelNumbers, _ window: inout snnk_window
    ) -> [Float] {
        let axes = [window.depth, window.height, window.width]
        let inputs = axes.reduce(2 * Int(window.channels)) { $0 * Int($1.input) }
        let outputs = axes.reduce(2 * Int(window.channels)) { $0 * Int($1.output) }
        let x = numbers(1, inputs)
        let dy = numbers(2, outputs)
        let lines = 2 * window.depth.output * window.height.output
        let inputLines = 2 * window.depth.input * window.height.input
        return withUnsafeMutablePointer(to: &window) { window in
            var winners: [Float] = []
            let largest = written(outputs) { y in
                winners = written(outputs) { table.pool(window, x, y, $0, 1, 0, lines) }
            }
            return largest + asNumbers(winners.map(\.bitPattern))
                + written(outputs) { table.pool(window, x, $0, nil, 1, 0, lines) }
                + written(outputs) { table.pool(window, x, $0, nil, 0, 0, lines) }
                + written(inputs) {
                    table.pool_gradient(window, dy, winners, $0, 0, inputLines)
                }
                + written(inputs) { table.pool_gradient(window, dy, nil, $0, 0, inputLines) }
        }
    }
}
