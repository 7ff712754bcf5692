import SNNCore
import SNNGraph
import SNNKernels
import SNNLayers
import SNNModelTestSupport
import SNNTestSupport
import Testing

/// Winograd's way of 3x3 convolutions beside the direct one, which a kernel that is two planes deep
/// takes: of a picture that is one plane deep it sees the first alone.
@Suite struct WinogradTests {
    struct Size: Sendable, CustomTestStringConvertible {
        let height, width, channels, filters: Int
        let padding: String
        var testDescription: String { "\(height)x\(width), \(channels) to \(filters), \(padding)" }
    }

    static let sizes = [
        Size(height: 8, width: 8, channels: 16, filters: 16, padding: "same"),
        Size(height: 9, width: 14, channels: 16, filters: 48, padding: "same"),
        Size(height: 10, width: 7, channels: 64, filters: 32, padding: "valid"),
        Size(height: 7, width: 7, channels: 128, filters: 80, padding: "same"),
        Size(height: 4, width: 4, channels: 512, filters: 64, padding: "same"),
    ]

    private func runner(_ size: Size, rows: Int, isDirect: Bool) throws -> ModelRunner {
        let (axes, kernel) = isDirect ? (3, "[2, 3, 3]") : (2, "3")
        var picture = [size.height, size.width, size.channels]
        if isDirect { picture.insert(size.padding == "same" ? 1 : 2, at: 0) }
        let graph = try oneLayerGraph(
            "Conv\(axes)D",
            JSON.read(
                """
                {filters: \(size.filters), kernel_size: \(kernel), padding: '\(size.padding)'}
                """), inputs: [picture])
        return try ModelRunner(Network(name: "net", graph: graph, seed: 1)) { $0.rows = rows }
    }

    @Test(arguments: sizes)
    func outputsAndGradientsAreThoseOfTheDirectSum(_ size: Size) throws {
        // "valid" has no plane outside: the second one is there, and is 0.
        let rows = 3
        let picture = size.height * size.width * size.channels
        let planes = size.padding == "same" ? 1 : 2
        let numbers = testNumbers(rows * picture, seed: 5)
        let fast = try runner(size, rows: rows, isDirect: false)
        let direct = try runner(size, rows: rows, isDirect: true)
        fast.setInputs([numbers])
        var volumes: [Float] = []
        for row in 0 ..< rows {
            volumes += numbers[row * picture ..< (row + 1) * picture]
            volumes += [Float](repeating: 0, count: (planes - 1) * picture)
        }
        direct.setInputs([volumes])
        let taps = 9 * size.channels * size.filters
        let kernel = testNumbers(taps, seed: 6)
        _ = fast.network.values(of: fast.network.graph.variables[0]).update(from: kernel)
        _ = direct.network.values(of: direct.network.graph.variables[0])
            .update(from: kernel + [Float](repeating: 0, count: taps))

        let (outputs, expected) = (fast.forward()[0], direct.forward()[0])
        expectClose(outputs, expected, "outputs")
        let cotangents = testNumbers(outputs.count, seed: 7)
        fast.backward([cotangents])
        direct.backward([cotangents])
        let dVolumes = try #require(direct.inputGradient(0))
        var dInput: [Float] = []
        for row in 0 ..< rows {
            let start = row * planes * picture
            dInput += dVolumes[start ..< start + picture]
        }
        expectClose(try #require(fast.inputGradient(0)), dInput, "the input's gradient")
        expectClose(
            try #require(fast.gradient(of: fast.network.graph.variables[0])),
            Array(try #require(direct.gradient(of: direct.network.graph.variables[0]))[..<taps]),
            "the kernel's gradient")
    }

    /// Of the largest number, which is what rounding goes by.
    private func expectClose(_ values: [Float], _ expected: [Float], _ what: String) {
        let largest = expected.map(abs).max() ?? 0
        let error = zip(values, expected).map { abs($0 - $1) }.max() ?? .infinity
        #expect(values.count == expected.count)
        #expect(error <= 1e-5 * largest, "\(what): \(error / largest) of the largest number")
    }
}
