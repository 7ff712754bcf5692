import SNNCore

/// Vectors that are made orthogonal to each other by turning pairs of them or by subtraction. Each
/// is `length` numbers long, which decide, and has `extra` more, which go along.
struct OrthogonalRows {
    let count: Int
    let length: Int
    let extra: Int
    private let memory: Buffer<Double>
    /// The rows' squared lengths, while they are turned.
    private let squares: Buffer<Double>
    private let stride: Int
    private let padded: Int
    private typealias Vector = SIMD8<Double>

    init(count: Int, length: Int, extra: Int) throws(SNNError) {
        self.count = count
        self.length = length
        self.extra = extra
        padded = (length + 7) / 8 * 8
        stride = padded + (extra + 7) / 8 * 8
        memory = try Buffer(count: count * stride)
        squares = try Buffer(count: count)
    }

    subscript(row: Int) -> UnsafeMutablePointer<Double> { memory.pointer + row &* stride }
    func extras(_ row: Int) -> UnsafeMutablePointer<Double> { self[row] + padded }

    func norm(_ row: Int) -> Double { dot(row, row).squareRoot() }

    /// One-sided Jacobi (Hestenes 1958) with the largest row first (de Rijk 1989): afterwards the
    /// rows are orthogonal, longest first. Of the columns of an upper triangular R^T that is
    /// R^T W = V S: the rows' lengths are R's singular values, their directions its right singular
    /// vectors, and what went along was multiplied by W^T. Small singular values are as accurate as
    /// the data's own columns allow (Demmel and Veselic 1992).
    func rotateToOrthogonal() {
        let tolerance = Double.ulpOfOne * Double(length).squareRoot()
        // Ten are usual; the end is certain, not the result.
        for _ in 0 ..< 60 {
            var isDone = true
            for row in 0 ..< count { squares.pointer[row] = dot(row, row) }
            for first in 0 ..< count {
                swapLongest(to: first)
                for second in first + 1 ..< max(count, first + 1) {
                    if turnApart(first, second, tolerance) { isDone = false }
                }
            }
            if isDone { break }
        }
        for first in 0 ..< count { swapLongest(to: first) }
    }

    /// Gram and Schmidt, each row twice (Giraud et al. 2005), for the first `rows`: they are
    /// orthonormal then, and the equations row . x = extra say the same.
    func orthonormalize(rows: Int) {
        for row in 0 ..< rows {
            for _ in 0 ..< 2 {
                for other in 0 ..< row { subtract(dot(other, row), of: other, from: row) }
            }
            let length = norm(row)
            if length > 0 { scale(row, by: 1 / length) }
        }
    }

    func scale(_ row: Int, by factor: Double) {
        for index in 0 ..< stride { self[row][index] *= factor }
    }

    // MARK: Steps of the above

    private func dot(_ first: Int, _ second: Int) -> Double {
        let (a, b) = (self[first], self[second])
        var sums = Vector(repeating: 0)
        var index = 0
        while index < padded {
            sums += load(a + index) * load(b + index)
            index &+= 8
        }
        return ((sums[0] + sums[4]) + (sums[2] + sums[6])) + ((sums[1] + sums[5]) + (sums[3] + sums[7]))
    }

    /// Makes two rows orthogonal; false when they are.
    private func turnApart(_ first: Int, _ second: Int, _ tolerance: Double) -> Bool {
        let (own, other) = (squares.pointer[first], squares.pointer[second])
        let product = dot(first, second)
        guard abs(product) > tolerance * own.squareRoot() * other.squareRoot() else { return false }
        let zeta = (other - own) / (2 * product)
        let root = (1 + zeta * zeta).squareRoot()
        let tangent = root.isFinite ? (zeta < 0 ? -1 : 1) / (abs(zeta) + root) : 0.5 / zeta
        let cosine = 1 / (1 + tangent * tangent).squareRoot()
        turn(first, second, cosine, cosine * tangent)
        squares.pointer[first] = max(own - tangent * product, 0)
        squares.pointer[second] = max(other + tangent * product, 0)
        return true
    }

    /// (c a - s b, s a + c b) as Rutishauser (1966) writes it: most turns are small, and their
    /// cosine's rounding would add up.
    private func turn(_ first: Int, _ second: Int, _ cosine: Double, _ sine: Double) {
        let (a, b) = (self[first], self[second])
        let tau = sine / (1 + cosine)
        var index = 0
        while index < stride {
            let (x, y) = (load(a + index), load(b + index))
            store(x - (y + x * tau) * sine, a + index)
            store(y + (x - y * tau) * sine, b + index)
            index &+= 8
        }
    }

    private func subtract(_ factor: Double, of first: Int, from second: Int) {
        let (a, b) = (self[first], self[second])
        var index = 0
        while index < stride {
            store(load(b + index) - load(a + index) * factor, b + index)
            index &+= 8
        }
    }

    private func swapLongest(to row: Int) {
        let squares = squares.pointer
        var longest = row
        for other in row + 1 ..< max(count, row + 1) where squares[other] > squares[longest] {
            longest = other
        }
        guard longest != row else { return }
        let (a, b) = (self[row], self[longest])
        for index in 0 ..< stride {
            let number = a[index]
            a[index] = b[index]
            b[index] = number
        }
        let square = squares[row]
        squares[row] = squares[longest]
        squares[longest] = square
    }

    @inline(__always)
    private func load(_ pointer: UnsafeMutablePointer<Double>) -> Vector {
        UnsafeRawPointer(pointer).loadUnaligned(as: Vector.self)
    }

    @inline(__always)
    private func store(_ vector: Vector, _ pointer: UnsafeMutablePointer<Double>) {
        UnsafeMutableRawPointer(pointer).storeBytes(of: vector, as: Vector.self)
    }
}
