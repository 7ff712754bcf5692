/// The element types that cross the boundary; raw values are those of `snn_dtype`.
public enum ElementType: Int32, Sendable, CaseIterable {
    case float32 = 0
    case float64 = 1
    case uint8 = 2
    case int32 = 3
    case int64 = 4

    /// Bytes of one element.
    package var size: Int {
        switch self {
        case .uint8: 1
        case .float32, .int32: 4
        case .float64, .int64: 8
        }
    }

    package var name: String {
        switch self {
        case .float32: "float32"
        case .float64: "float64"
        case .uint8: "uint8"
        case .int32: "int32"
        case .int64: "int64"
        }
    }
}

/// Samples in somebody else's memory: contiguous, row-major, the batch first. The memory must stay
/// for as long as the view is used.
public struct ArrayView: @unchecked Sendable {
    // Sendable: only read through it.
    package let elementType: ElementType
    package let rows: Int
    /// Of one sample.
    package let shape: Shape
    package let data: UnsafeRawPointer

    /// - Parameter data: `rows` samples, aligned to the element.
    package init(
        _ data: UnsafeRawPointer, _ elementType: ElementType, rows: Int, shape: Shape
    ) throws(SNNError) {
        let (count, overflows) = rows.multipliedReportingOverflow(by: shape.count)
        guard rows >= 0, !overflows, count <= Shape.maximumCount else {
            throw SNNError(
                .limit, "expected an array of at most \(Shape.maximumCount) numbers, received "
                    + "\(rows) samples of \(shape.text)")
        }
        guard Int(bitPattern: data) % elementType.size == 0 else {
            throw SNNError(
                .argument, "expected data aligned to \(elementType.size) bytes, received "
                    + "an address that is not")
        }
        self.data = data
        self.elementType = elementType
        self.rows = rows
        self.shape = shape
    }

    /// Bytes of one sample.
    package var rowSize: Int { shape.count &* elementType.size }
}
