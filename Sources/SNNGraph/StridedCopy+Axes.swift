import SNNCore

extension StridedCopy {
    /// Axis i of the target is axis `order[i]` of `shape`, the source.
    package static func permutation(of shape: Shape, _ order: [Int]) -> StridedCopy {
        let from = shape.strides
        var axes: [Axis] = []
        var to = shape.count
        for axis in order {
            to /= shape[axis]
            axes.append(Axis(shape[axis], from: from[axis], to: to))
        }
        return StridedCopy(axes, from: Side(shape.count), to: Side(shape.count))
    }
}

extension Shape {
    /// For each axis how far apart neighbours along it are, row-major.
    package var strides: [Int] { (0 ..< rank).map { count(ofAxes: $0 + 1 ..< rank) } }
}
