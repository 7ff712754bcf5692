import SNNCore

/// The axes along which a constraint takes its norms: one, several, or null for all. What differs
/// along the others only is a group with one norm.
struct ConstrainedAxes: Sendable {
    let json: JSON
    /// nil for all.
    private let axes: [Int]?

    init(_ options: inout Configuration) throws(SNNError) {
        let given = options.json("axis") ?? 0
        json = given
        guard !given.isNull else {
            axes = nil
            return
        }
        axes = try options.integers(
            "axis", default: [0], count: 1 ... Shape.maximumRank,
            in: -Shape.maximumRank ... Shape.maximumRank - 1)
    }

    func check(_ shape: Shape) throws(SNNError) {
        var seen: [Int] = []
        for axis in axes ?? [] {
            guard let place = shape.axis(axis), !seen.contains(place) else {
                throw SNNError(
                    .configuration,
                    "'axis' must name axes of a variable of shape \(shape.text), each once, "
                        + "received \(json.shortText)")
            }
            seen.append(place)
        }
    }

    /// Whether norms are taken along `axis`; a scalar's are along its none.
    func contains(_ axis: Int, of shape: Shape) -> Bool {
        guard let axes else { return true }
        return axes.contains { shape.axis($0) == axis }
    }

    func groups(_ shape: Shape) -> Int {
        var groups = 1
        for axis in 0 ..< shape.rank where !contains(axis, of: shape) { groups &*= shape[axis] }
        return groups
    }

    /// The group of the number at `offset`, which begins a row of the last axis; its neighbours'
    /// follow where that axis is not among these.
    func group(ofRowAt offset: Int, _ shape: Shape) -> Int {
        var rest = offset
        var group = 0
        var stride = 1
        var axis = shape.rank - 1
        while axis >= 0 {
            let index = rest % shape[axis]
            rest /= shape[axis]
            if !contains(axis, of: shape) {
                group &+= index &* stride
                stride &*= shape[axis]
            }
            axis -= 1
        }
        return group
    }
}
