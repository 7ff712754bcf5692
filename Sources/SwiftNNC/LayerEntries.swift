import CSwiftNN
import CSystem
import SNNCore
import SNNGraph
import SwiftNN

@_cdecl("snn_layer_register") @implementation
public func snn_layer_register(
    _ className: UnsafePointer<CChar>!, _ callbacks: UnsafePointer<snn_layer_callbacks>!,
    _ user: UnsafeMutableRawPointer!
) -> snn_status {
    entry { () throws(SNNError) in
        let name = try text(className, "class_name")
        let made = try callbacks.map { (callbacks) throws(SNNError) in
            try CLayerClass(callbacks, user)
        }
        try HostLayers.register(name, made)
    }
}

/// A class of layers by its C callbacks.
private final class CLayerClass: HostLayerClass, @unchecked Sendable {
    // Sendable: what `user` is belongs to the host, who says which models use it.
    let callbacks: snn_layer_callbacks
    let user: UnsafeMutableRawPointer?

    /// Fields behind the host's `struct_size` count as NULL.
    init(
        _ given: UnsafePointer<snn_layer_callbacks>, _ user: UnsafeMutableRawPointer?
    ) throws(SNNError) {
        // The first version's: struct_size, forward, backward.
        let least = 3 * MemoryLayout<UnsafeRawPointer>.size
        let size = given.pointee.struct_size
        guard size >= least else {
            throw SNNError(
                .argument, "callbacks: expected struct_size of at least \(least), received \(size)")
        }
        var callbacks = snn_layer_callbacks()
        memcpy(&callbacks, given, min(size, MemoryLayout<snn_layer_callbacks>.size))
        guard callbacks.forward != nil, callbacks.backward != nil else {
            throw SNNError(.argument, "callbacks: expected forward and backward, received NULL")
        }
        self.callbacks = callbacks
        self.user = user
    }

    func make(config: String) throws(SNNError) -> any HostComputation {
        var state: UnsafeMutableRawPointer?
        if let create = callbacks.create {
            // Text of this JSON holds no NUL.
            let texts = CNames([config])
            let status = withExtendedLifetime(texts) { create(texts.pointer[0], &state, user) }
            guard status == 0 else { throw .callback("create", status) }
        }
        return CLayer(self, state)
    }
}

/// One layer, and what the host made for it.
private final class CLayer: HostComputation, @unchecked Sendable {
    // Sendable: the host's callbacks are made for several threads.
    private let made: CLayerClass
    private let state: UnsafeMutableRawPointer?

    init(_ made: CLayerClass, _ state: UnsafeMutableRawPointer?) {
        self.made = made
        self.state = state
    }

    deinit { made.callbacks.destroy?(state, made.user) }

    func build(_ inputs: HostShapes) throws(SNNError) -> String? {
        guard let build = made.callbacks.build else { return nil }
        let capacity = 65_536
        let out = UnsafeMutablePointer<CChar>.allocate(capacity: capacity)
        defer { out.deallocate() }
        out[0] = 0
        var question = snn_layer_build(
            struct_size: MemoryLayout<snn_layer_build>.size, state: state,
            input_count: Int32(truncatingIfNeeded: inputs.inputs.count),
            input_ranks: UnsafePointer(inputs.ranks), input_shapes: UnsafePointer(inputs.extents),
            out_text: out, capacity: Int64(capacity))
        let status = build(&question, made.user)
        guard status == 0 else { throw .callback("build", status) }
        return try text(out, "out_text", limit: capacity - 1)
    }

    func forward(_ call: HostCall) -> Int32 { pass(call, made.callbacks.forward) }
    func backward(_ call: HostCall) -> Int32 { pass(call, made.callbacks.backward) }

    private func pass(_ call: HostCall, _ callback: snn_layer_pass_callback?) -> Int32 {
        var confirmation: Int32 = 0
        return withUnsafeMutablePointer(to: &confirmation) { confirmation in
            let status = pass(call, callback, confirmation)
            // One that failed without a word.
            return status == 0 && call.confirms && confirmation.pointee == 0 ? -1 : status
        }
    }

    private func pass(
        _ call: HostCall, _ callback: snn_layer_pass_callback?,
        _ confirmation: UnsafeMutablePointer<Int32>
    ) -> Int32 {
        let inputCount = call.shapes.inputs.count
        var told = snn_layer_call(
            struct_size: MemoryLayout<snn_layer_call>.size, state: state,
            rows: Int64(call.rows), training: call.isTraining ? 1 : 0,
            input_count: Int32(truncatingIfNeeded: inputCount),
            input_ranks: UnsafePointer(call.shapes.ranks),
            input_shapes: UnsafePointer(call.shapes.extents), inputs: readable(call.inputs),
            weight_count: Int32(truncatingIfNeeded: call.shapes.weightCount),
            output_rank: call.shapes.ranks[inputCount],
            output_shape: call.shapes.extents[inputCount], weights: readable(call.weights),
            output: call.output, saved: call.saved, seed: call.seed,
            output_gradient: call.dOutput, input_gradients: call.dInputs,
            weight_gradients: call.dWeights, confirmation: confirmation)
        return callback?(&told, made.user) ?? 1
    }

    private func readable(_ pointers: HostCall.Pointers) -> UnsafePointer<UnsafePointer<Float>?> {
        UnsafeRawPointer(pointers).assumingMemoryBound(to: UnsafePointer<Float>?.self)
    }
}
