import CSwiftNN
import CSystem
import SNNCheckpoint
import SNNCore
import SNNKernels

@_cdecl("snn_version") @implementation
public func snn_version() -> UnsafePointer<CChar>! {
    staticText(versionText)
}

@_cdecl("snn_status_name") @implementation
public func snn_status_name(_ status: snn_status) -> UnsafePointer<CChar>! {
    staticText(name(ofStatus: status))
}

@_cdecl("snn_build_info") @implementation
public func snn_build_info(
    _ outText: UnsafeMutablePointer<CChar>!, _ capacity: Int64,
    _ outLength: UnsafeMutablePointer<Int64>!
) -> snn_status {
    entry { () throws(SNNError) in
        let info = JSON.object(
            ("version", .string("\(versionText)")),
            ("instruction_set", .string("\(InstructionSet.best.name)")),
            ("threads", .integer(Int64(ThreadPool.defaultThreadCount))),
            ("hdf5", .string(HDF5Library.version)))
        try give(info.write(), outText, capacity, outLength)
    }
}

@_cdecl("snn_log_set_callback") @implementation
public func snn_log_set_callback(
    _ callback: snn_log_callback!, _ user: UnsafeMutableRawPointer!
) -> snn_status {
    entry { () throws(SNNError) in Log.setCallback(callback, user: user) }
}

@_cdecl("snn_threads_set_count") @implementation
public func snn_threads_set_count(_ count: Int32) -> snn_status {
    entry { () throws(SNNError) in
        guard count >= 0, count <= 256 else {
            throw SNNError(.argument, "'count': expected 0 to 256, received \(count)")
        }
        ThreadPool.setDefaultThreadCount(Int(count))
    }
}

@_cdecl("snn_threads_get_count") @implementation
public func snn_threads_get_count(_ outCount: UnsafeMutablePointer<Int32>!) -> snn_status {
    entry { () throws(SNNError) in
        try required(outCount, "out_count").pointee = Int32(
            truncatingIfNeeded: ThreadPool.defaultThreadCount)
    }
}

@_cdecl("snn_memory_set_limit") @implementation
public func snn_memory_set_limit(_ bytes: Int64) -> snn_status {
    entry { () throws(SNNError) in
        guard bytes >= 0 else {
            throw SNNError(.argument, "'bytes': expected at least 0, received \(bytes)")
        }
        Memory.setLimit(Int(bytes))
    }
}

@_cdecl("snn_memory_get_usage") @implementation
public func snn_memory_get_usage(
    _ outBytes: UnsafeMutablePointer<Int64>!, _ outPeakBytes: UnsafeMutablePointer<Int64>!,
    _ outAllocations: UnsafeMutablePointer<Int64>!
) -> snn_status {
    entry { () throws(SNNError) in
        let bytes = try required(outBytes, "out_bytes")
        let peak = try required(outPeakBytes, "out_peak_bytes")
        let allocations = try required(outAllocations, "out_allocations")
        let usage = Memory.usage
        bytes.pointee = Int64(usage.bytes)
        peak.pointee = Int64(usage.peakBytes)
        allocations.pointee = Int64(usage.allocations)
    }
}

/// The header's numbers are compared with it by a test.
private let versionText: StaticString = "0.1.0"

private func staticText(_ text: StaticString) -> UnsafePointer<CChar> {
    UnsafeRawPointer(text.utf8Start).assumingMemoryBound(to: CChar.self)
}

private func name(ofStatus status: snn_status) -> StaticString {
    if status == 0 { return "SNN_OK" }
    if status == 1 { return "SNN_STOPPED" }
    if status == 2 { return "SNN_RANK_DEFICIENT" }
    if status == 3 { return "SNN_PAUSED" }
    return switch Status(rawValue: status) {
    case .argument: "SNN_ERROR_ARGUMENT"
    case .handle: "SNN_ERROR_HANDLE"
    case .busy: "SNN_ERROR_BUSY"
    case .state: "SNN_ERROR_STATE"
    case .shape: "SNN_ERROR_SHAPE"
    case .configuration: "SNN_ERROR_CONFIGURATION"
    case .unsupported: "SNN_ERROR_UNSUPPORTED"
    case .numeric: "SNN_ERROR_NUMERIC"
    case .memory: "SNN_ERROR_MEMORY"
    case .io: "SNN_ERROR_IO"
    case .format: "SNN_ERROR_FORMAT"
    case .checksum: "SNN_ERROR_CHECKSUM"
    case .limit: "SNN_ERROR_LIMIT"
    case .internal: "SNN_ERROR_INTERNAL"
    case nil: "unknown status"
    }
}
