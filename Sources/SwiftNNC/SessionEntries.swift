import CSwiftNN
import SNNCore
import SwiftNN

@_cdecl("snn_session_create") @implementation
public func snn_session_create(
    _ modelHandle: OpaquePointer!, _ optionsText: UnsafePointer<CChar>!,
    _ outSession: UnsafeMutablePointer<OpaquePointer?>!
) -> snn_status {
    entry { () throws(SNNError) in
        let model = try model(modelHandle)
        let out = try required(outSession, "out_session")
        let session = try Session(model, options: options(optionsText))
        out.pointee = try HandleTable.insert(session, .session) { session.announceCalls(by: $0) }
    }
}

@_cdecl("snn_session_free") @implementation
public func snn_session_free(_ handle: OpaquePointer!) -> snn_status {
    entry { () throws(SNNError) in try HandleTable.remove(handle, .session) }
}

@_cdecl("snn_session_predict") @implementation
public func snn_session_predict(
    _ handle: OpaquePointer!, _ input: UnsafePointer<Float>!, _ rows: Int64,
    _ outOutput: UnsafeMutablePointer<Float>!, _ capacity: Int64
) -> snn_status {
    entry { () throws(SNNError) in
        try HandleTable.usingAlone(handle, .session, as: Session.self) {
            (session) throws(SNNError) in
            try session.predict(
                required(input, "input"), rows: count(rows, "rows"),
                into: required(outOutput, "out_output"), capacity: count(capacity, "capacity"),
                .marked)
        }
    }
}

@_cdecl("snn_session_predict_arrays") @implementation
public func snn_session_predict_arrays(
    _ handle: OpaquePointer!, _ inputs: UnsafePointer<snn_array>!, _ inputCount: Int32,
    _ outOutputs: UnsafePointer<UnsafeMutablePointer<Float>?>!,
    _ capacities: UnsafePointer<Int64>!, _ outputCount: Int32
) -> snn_status {
    entry { () throws(SNNError) in
        try HandleTable.usingAlone(handle, .session, as: Session.self) {
            (session) throws(SNNError) in
            let pointers = try elements(outOutputs, outputCount, "out_outputs")
            let capacities = try elements(capacities, outputCount, "capacities")
            try withArrays(inputs, inputCount, "inputs") { (inputs) throws(SNNError) in
                try withRooms(pointers, capacities) { (rooms) throws(SNNError) in
                    try session.predict(inputs, into: rooms, .marked)
                }
            }
        }
    }
}

/// Where the outputs go, for the time of `body`. Up to eight take no memory.
private func withRooms(
    _ pointers: UnsafeBufferPointer<UnsafeMutablePointer<Float>?>,
    _ capacities: UnsafeBufferPointer<Int64>,
    _ body: (UnsafeBufferPointer<Session.Room>) throws(SNNError) -> Void
) throws(SNNError) {
    let few = 8
    guard pointers.count <= few else {
        var rooms: [Session.Room] = []
        for index in pointers.indices { rooms.append(try room(pointers, capacities, index)) }
        try rooms.withUnsafeBufferPointer(body)
        return
    }
    let failure = withUnsafeTemporaryAllocation(of: Session.Room.self, capacity: few) {
        (rooms) -> SNNError? in
        do throws(SNNError) {
            for index in pointers.indices {
                (rooms.baseAddress.unsafelyUnwrapped + index).initialize(
                    to: try room(pointers, capacities, index))
            }
            try body(UnsafeBufferPointer(start: rooms.baseAddress, count: pointers.count))
            return nil
        } catch {
            return error
        }
    }
    if let failure { throw failure }
}

private func room(
    _ pointers: UnsafeBufferPointer<UnsafeMutablePointer<Float>?>,
    _ capacities: UnsafeBufferPointer<Int64>, _ index: Int
) throws(SNNError) -> Session.Room {
    Session.Room(
        try required(pointers[index], "out_outputs"),
        capacity: try count(capacities[index], "capacities"))
}
