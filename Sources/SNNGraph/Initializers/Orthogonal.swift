import SNNCore

/// gain · Q, where Q has orthonormal columns, or rows where those are fewer.
///
/// The variable counts as a matrix of the product of its leading extents × its last. Q is that of
/// the QR factorization of a matrix of normal numbers, the diagonal of R positive, and so uniformly
/// distributed (Saxe, McClelland and Ganguli, 2014). About 4 · greater · lesser² operations.
final class Orthogonal: Initializer {
    static let row = InitializerRow("Orthogonal", ["orthogonal", "OrthogonalInitializer"]) {
        (configuration) throws(SNNError) in
        Orthogonal(
            seed: try InitializerSeed(&configuration),
            gain: try configuration.value("gain", default: 1))
    }

    let className = "Orthogonal"
    private let seed: InitializerSeed
    private let gain: Double

    init(seed: InitializerSeed = .ofModel, gain: Double = 1) {
        self.seed = seed
        self.gain = gain
    }

    var configuration: [JSON.Member] { [seed.member, JSON.Member("gain", .number(gain))] }

    func fill(_ values: UnsafeMutableBufferPointer<Float>, shape: Shape, random: RandomStream)
        throws(SNNError)
    {
        guard shape.rank >= 2 else {
            throw SNNError(
                .shape, "Orthogonal: expected a shape of at least 2 axes, received \(shape.text)")
        }
        let rows = max(shape.outerCount, shape.last)
        let columns = min(shape.outerCount, shape.last)
        let matrix = try Buffer<Double>(count: rows * columns)
        let scratch = try Buffer<Double>(count: 2 * columns)
        defer { withExtendedLifetime((matrix, scratch)) {} }
        draw(matrix.pointer, rows: rows, columns: columns, random: seed.stream(for: random))
        Orthonormalization.run(
            matrix.pointer, rows: rows, columns: columns, scratch: scratch.pointer)
        // The matrix is stored by columns, which are the variable's where it is the tall one.
        let isTall = shape.outerCount >= shape.last
        for column in 0..<columns {
            for row in 0..<rows {
                let element = isTall ? row * columns + column : column * rows + row
                values[element] = Float(gain * matrix.pointer[column * rows + row])
            }
        }
    }

    private func draw(
        _ matrix: UnsafeMutablePointer<Double>, rows: Int, columns: Int, random: RandomStream
    ) {
        for column in 0..<columns {
            for row in 0..<rows {
                matrix[column * rows + row] = random.normal(row * columns + column)
            }
        }
    }
}
