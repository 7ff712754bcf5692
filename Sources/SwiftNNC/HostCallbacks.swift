import CSwiftNN
import CSystem
import SNNCore
import SNNTraining
import SwiftNN

/// The host's callbacks of one call, and the names that it is told, as C strings that live as long.
final class HostCallbacks {
    /// What `tell` reads.
    private var told: snn_fit_callbacks
    /// The metrics' names.
    private let names: CNames

    /// Fields behind the host's `struct_size` count as NULL.
    init(
        _ callbacks: UnsafePointer<snn_fit_callbacks>?, names: [String]
    ) throws(SNNError) {
        told = snn_fit_callbacks()
        // The first version's: struct_size, on_batch_end, on_epoch_end, user.
        let least = 4 * MemoryLayout<UnsafeRawPointer>.size
        if let callbacks {
            let size = callbacks.pointee.struct_size
            guard size >= least else {
                throw SNNError(
                    .argument, "callbacks: expected struct_size of at least \(least), received \(size)")
            }
            memcpy(&told, callbacks, min(size, MemoryLayout<snn_fit_callbacks>.size))
        }
        self.names = CNames(names)
    }

    /// Who is told, of those that the host named.
    var observer: FitObserver {
        var observer = FitObserver()
        observer.onTrainBegin = hook(told.on_train_begin)
        observer.onTrainEnd = hook(told.on_train_end)
        observer.onEpochBegin = hook(told.on_epoch_begin)
        observer.onEpochEnd = hook(told.on_epoch_end)
        observer.onBatchBegin = hook(told.on_batch_begin)
        observer.onBatchEnd = hook(told.on_batch_end)
        observer.onTestBatchEnd = hook(told.on_test_batch_end)
        return observer
    }

    private func hook(_ callback: snn_progress_callback?) -> FitObserver.Hook? {
        callback.map { callback in { progress in self.tell(progress, callback) } }
    }

    /// What the host answers. During the callback the floating-point control is the default one.
    private func tell(_ progress: Progress, _ callback: snn_progress_callback) -> FitAnswer {
        // An epoch's end has more names than a batch's.
        let names = progress.values.count > names.count ? CNames(progress.names) : names
        var told = snn_progress(
            struct_size: MemoryLayout<snn_progress>.size, epoch: Int64(progress.epoch),
            epochs: Int64(progress.epochs), batch: Int64(progress.batch),
            batches: Int64(progress.batches), step: progress.step,
            value_count: Int32(truncatingIfNeeded: progress.values.count),
            names: UnsafePointer(names.pointer), values: progress.values.baseAddress,
            stopping: progress.isStopping ? 1 : 0)
        let answer = withExtendedLifetime(names) { callback(&told, self.told.user) }
        return answer == 0 ? .goOn : answer > 0 ? .stop : .pause
    }
}

/// Texts as C strings.
final class CNames {
    let pointer: UnsafeMutablePointer<UnsafePointer<CChar>?>
    let count: Int

    init(_ names: [String]) {
        count = names.count
        pointer = .allocate(capacity: names.count)
        var place = pointer
        for name in names {
            place.initialize(to: CNames.copy(name))
            place += 1
        }
    }

    deinit {
        var index = 0
        while index < count {
            pointer[index]?.deallocate()
            index &+= 1
        }
        pointer.deallocate()
    }

    private static func copy(_ name: String) -> UnsafePointer<CChar> {
        var name = name
        return name.withUTF8 { bytes in
            let copy = UnsafeMutablePointer<CChar>.allocate(capacity: bytes.count &+ 1)
            if let base = bytes.baseAddress { memcpy(copy, base, bytes.count) }
            copy[bytes.count] = 0
            return UnsafePointer(copy)
        }
    }
}
