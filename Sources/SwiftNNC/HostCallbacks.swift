import CSwiftNN
import CSystem
import SNNCore
import SNNTraining
import SwiftNN

/// The host's callbacks of one fit, and the names that it is told, as C strings that live as long.
final class HostCallbacks {
    let onBatchEnd: snn_progress_callback?
    let onEpochEnd: snn_progress_callback?
    private let user: UnsafeMutableRawPointer?
    /// The metrics' names, then those with "val_" in front.
    private let names: UnsafeMutablePointer<UnsafePointer<CChar>?>
    private let nameCount: Int

    init(
        _ callbacks: UnsafePointer<snn_fit_callbacks>?, names: [String]
    ) throws(SNNError) {
        let size = MemoryLayout<snn_fit_callbacks>.size
        if let callbacks, callbacks.pointee.struct_size < size {
            throw SNNError(
                .argument,
                "callbacks: expected struct_size \(size), received \(callbacks.pointee.struct_size)")
        }
        onBatchEnd = callbacks?.pointee.on_batch_end
        onEpochEnd = callbacks?.pointee.on_epoch_end
        user = callbacks?.pointee.user
        let all = names + names.map { "val_" + $0 }
        nameCount = all.count
        self.names = .allocate(capacity: all.count)
        for (index, name) in all.enumerated() {
            (self.names + index).initialize(to: HostCallbacks.copy(name))
        }
    }

    deinit {
        for index in 0 ..< nameCount { names[index]?.deallocate() }
        names.deallocate()
    }

    /// True when the host wants to stop. During the callback the floating-point control is the
    /// default one.
    func tell(_ progress: Progress, _ callback: snn_progress_callback) -> Bool {
        var told = snn_progress(
            struct_size: MemoryLayout<snn_progress>.size, epoch: Int64(progress.epoch),
            epochs: Int64(progress.epochs), batch: Int64(progress.batch),
            batches: Int64(progress.batches), step: progress.step,
            value_count: Int32(truncatingIfNeeded: min(progress.values.count, nameCount)),
            names: UnsafePointer(names), values: progress.values.baseAddress)
        return callback(&told, user) != 0
    }

    private static func copy(_ name: String) -> UnsafePointer<CChar> {
        let copy = UnsafeMutablePointer<CChar>.allocate(capacity: name.utf8.count + 1)
        for (index, byte) in name.utf8.enumerated() { copy[index] = CChar(bitPattern: byte) }
        copy[name.utf8.count] = 0
        return UnsafePointer(copy)
    }
}
