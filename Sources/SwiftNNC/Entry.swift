import CSwiftNN
import CSystem
import SNNCore

/// The frame of every entry point: default floating-point control inside, errors as a status and
/// the thread's text.
@inline(__always)
func entry(_ body: () throws(SNNError) -> Void) -> snn_status {
    status { () throws(SNNError) in
        try body()
        return snn_status(SNN_OK)
    }
}

/// The same for a body that gives a status of its own.
@inline(__always)
func status(_ body: () throws(SNNError) -> snn_status) -> snn_status {
    withDefaultFloatingPoint { () -> snn_status in
        do throws(SNNError) {
            return try body()
        } catch {
            LastError.set(error.message)
            return error.status.rawValue
        }
    }
}

// MARK: Arguments

/// A pointer that may not be NULL.
@inline(__always)
func required<Pointer>(
    _ pointer: Pointer?, _ name: @autoclosure () -> StaticString
) throws(SNNError) -> Pointer {
    guard let pointer else { throw missing(name()) }
    return pointer
}

@inline(never)
private func missing(_ name: StaticString) -> SNNError {
    SNNError(.argument, "'\(name)': expected a pointer, received NULL")
}

/// A text of the host: NUL-terminated UTF-8 of at most `limit` bytes.
func text(
    _ pointer: UnsafePointer<CChar>?, _ name: StaticString, limit: Int = 64
) throws(SNNError) -> String {
    let pointer = try required(pointer, name)
    let count = strnlen(pointer, limit + 1)
    guard count <= limit else {
        throw SNNError(.limit, "'\(name)': expected at most \(limit) bytes, received more")
    }
    let bytes = UnsafeRawBufferPointer(start: pointer, count: count)
    guard let text = String(validating: bytes, as: UTF8.self) else {
        throw SNNError(.argument, "'\(name)': expected UTF-8, received bytes that are not")
    }
    return text
}

/// Options: NULL is none. Their length is the JSON reader's limit.
func options(_ pointer: UnsafePointer<CChar>?) throws(SNNError) -> String? {
    guard let pointer else { return nil }
    return try text(pointer, "options", limit: JSON.maximumLength)
}

/// A number of things of the host, as an Int that later arithmetic cannot overflow with.
@inline(__always)
func count(
    _ value: Int64, _ name: @autoclosure () -> StaticString, atLeast least: Int = 0
) throws(SNNError) -> Int {
    guard value >= least, value <= Shape.maximumCount else {
        throw outOfRange(value, name(), atLeast: least)
    }
    return Int(value)
}

@inline(never)
private func outOfRange(_ value: Int64, _ name: StaticString, atLeast least: Int) -> SNNError {
    SNNError(
        .argument,
        "'\(name)': expected a count from \(least) to \(Shape.maximumCount), received \(value)")
}

/// `count` elements at `pointer`, which may be NULL only for none.
func elements<Element>(
    _ pointer: UnsafePointer<Element>?, _ count: Int32, _ name: StaticString, limit: Int = 1024
) throws(SNNError) -> UnsafeBufferPointer<Element> {
    guard count >= 0, count <= limit else {
        throw SNNError(
            .argument, "number of '\(name)': expected 0 to \(limit), received \(count)")
    }
    if count > 0 { _ = try required(pointer, name) }
    return UnsafeBufferPointer(start: pointer, count: Int(count))
}

/// The host's arrays, checked, for the time of `body`. Up to eight take no memory.
func withArrays<Result>(
    _ pointer: UnsafePointer<snn_array>?, _ count: Int32, _ name: StaticString,
    _ body: (UnsafeBufferPointer<ArrayView>) throws(SNNError) -> Result
) throws(SNNError) -> Result {
    let few = 8
    guard count > 0, count <= few else {
        let views = try arrays(pointer, count, name)
        return try views.withUnsafeBufferPointer(body)
    }
    let arrays = try elements(pointer, count, name)
    // The standard function's closure cannot throw a typed error.
    let result = withUnsafeTemporaryAllocation(of: ArrayView.self, capacity: few) {
        (views) -> Swift.Result<Result, SNNError> in
        do throws(SNNError) {
            for index in arrays.indices {
                (views.baseAddress.unsafelyUnwrapped + index).initialize(
                    to: try view(arrays[index], name, index))
            }
            return .success(
                try body(UnsafeBufferPointer(start: views.baseAddress, count: arrays.count)))
        } catch {
            return .failure(error)
        }
    }
    return try result.get()
}

/// The host's arrays, checked.
func arrays(
    _ pointer: UnsafePointer<snn_array>?, _ count: Int32, _ name: StaticString
) throws(SNNError) -> [ArrayView] {
    var views: [ArrayView] = []
    for array in try elements(pointer, count, name) {
        views.append(try view(array, name, views.count))
    }
    return views
}

func view(
    _ array: snn_array, _ name: StaticString, _ index: Int
) throws(SNNError) -> ArrayView {
    do throws(SNNError) {
        return try view(array)
    } catch {
        throw error.within("'\(name)' \(index)")
    }
}

private func view(_ array: snn_array) throws(SNNError) -> ArrayView {
    guard array.struct_size >= MemoryLayout<snn_array>.size else {
        throw SNNError(
            .argument,
            "expected struct_size \(MemoryLayout<snn_array>.size), received \(array.struct_size)")
    }
    guard let type = ElementType(rawValue: array.dtype) else {
        throw SNNError(.argument, "expected a dtype from 0 to 4, received \(array.dtype)")
    }
    guard array.rank >= 1, array.rank <= Shape.maximumRank else {
        throw SNNError(
            .shape, "expected a rank from 1 to \(Shape.maximumRank), received \(array.rank)")
    }
    let shape = try required(array.shape, "shape")
    let rows = try count(shape[0], "shape[0]")
    let sample = try Shape(rank: Int(array.rank) - 1) { (axis) throws(SNNError) in
        try count(shape[axis + 1], "shape")
    }
    return try ArrayView(required(array.data, "data"), type, rows: rows, shape: sample)
}

// MARK: Results

/// Gives a text to the host: with NULL and capacity 0 its length only.
func give(
    _ text: String, _ outText: UnsafeMutablePointer<CChar>?, _ capacity: Int64,
    _ outLength: UnsafeMutablePointer<Int64>?
) throws(SNNError) {
    let outLength = try required(outLength, "out_length")
    let count = text.utf8.count
    try checkRoom(count + 1, outText, capacity, "out_text")
    if let outText {
        var text = text
        text.withUTF8 { bytes in
            if let base = bytes.baseAddress { memcpy(outText, base, count) }
        }
        outText[count] = 0
    }
    outLength.pointee = Int64(count)
}

/// Gives floats or doubles to the host: with NULL and capacity 0 their number only.
func give<Element: BitwiseCopyable>(
    _ values: UnsafeBufferPointer<Element>, _ outValues: UnsafeMutablePointer<Element>?,
    _ capacity: Int64, _ outCount: UnsafeMutablePointer<Int64>?, _ name: StaticString = "out_values"
) throws(SNNError) {
    let outCount = try required(outCount, "out_count")
    try checkRoom(values.count, outValues, capacity, name)
    if let outValues, let base = values.baseAddress {
        outValues.copy(from: base, count: values.count)
    }
    outCount.pointee = Int64(values.count)
}

/// Gives the values of an objective to the host: with NULL and capacity 0 their number only.
func give(
    _ values: [Double], _ outValues: UnsafeMutablePointer<Double>?, _ capacity: Int32,
    _ outCount: UnsafeMutablePointer<Int32>?
) throws(SNNError) {
    let outCount = try required(outCount, "out_count")
    try checkRoom(values.count, outValues, Int64(capacity), "out_values")
    if let outValues {
        for (index, value) in values.enumerated() { outValues[index] = value }
    }
    outCount.pointee = Int32(truncatingIfNeeded: values.count)
}

/// Gives a shape to the host: with NULL and capacity 0 its rank only.
func give(
    _ shape: Shape, _ outShape: UnsafeMutablePointer<Int64>?, _ capacity: Int32,
    _ outRank: UnsafeMutablePointer<Int32>?
) throws(SNNError) {
    let outRank = try required(outRank, "out_rank")
    try checkRoom(shape.rank, outShape, Int64(capacity), "out_shape")
    if let outShape {
        for (axis, extent) in shape.extents.enumerated() { outShape[axis] = Int64(extent) }
    }
    outRank.pointee = Int32(truncatingIfNeeded: shape.rank)
}

/// Throws unless the host asks for the length only (NULL and 0) or gives room enough.
func checkRoom<Element>(
    _ needed: Int, _ out: UnsafeMutablePointer<Element>?, _ capacity: Int64, _ name: StaticString
) throws(SNNError) {
    guard capacity >= 0 else {
        throw SNNError(.argument, "'capacity': expected at least 0, received \(capacity)")
    }
    guard out != nil || capacity == 0 else {
        throw SNNError(
            .argument, "'\(name)': expected room for 'capacity' \(capacity), received NULL")
    }
    guard out == nil || capacity >= Int64(needed) else {
        throw SNNError(
            .argument, "'\(name)': expected room for \(needed), received 'capacity' \(capacity)")
    }
}
