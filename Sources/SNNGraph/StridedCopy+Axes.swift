import SNNCore

extension StridedCopy {
    /// Axis i of the target is axis `order[i]` of `shape`, the source.
    @inline(never)
    package static func permutation(of shape: Shape, _ order: [Int]) -> StridedCopy {
        var axes = Axes()
        var to = shape.count
        for axis in order {
            to /= shape[axis]
            axes.append(shape[axis], from: shape.stride(axis), to: to)
        }
        return StridedCopy(axes, from: Side(shape.count), to: Side(shape.count))
    }

    /// Every number of `shape` wherever `target` has it, of which `shape` is without leading axes, or
    /// with 1 where it is repeated.
    @inline(never)
    package static func broadcast(_ shape: Shape, to target: Shape) -> StridedCopy {
        var axes = Axes()
        let missing = target.rank - shape.rank
        for axis in 0 ..< target.rank {
            let isRepeated = shape[axis - missing] == 1
            axes.append(
                target[axis], from: isRepeated ? 0 : shape.stride(axis - missing),
                to: target.stride(axis))
        }
        return StridedCopy(axes, from: Side(shape.count), to: Side(target.count))
    }
}

extension Shape {
    /// How far apart neighbours along an axis are, row-major.
    package func stride(_ axis: Int) -> Int { count(ofAxes: axis + 1 ..< rank) }

    /// Axis i is axis `order[i]` of this one.
    @inline(never)
    package func permuted(_ order: [Int]) -> Shape {
        // As many numbers as before.
        (try? Shape(order.map { self[$0] })) ?? self
    }

    /// With an extent of 1 but for the axes `kept`.
    @inline(never)
    package func keeping(_ kept: [Int]) -> Shape {
        // No larger than it is.
        (try? Shape((0 ..< rank).map { kept.contains($0) ? self[$0] : 1 })) ?? self
    }
}
