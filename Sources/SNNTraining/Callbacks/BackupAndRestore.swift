import SNNCore

/// Saves the whole training each epoch or every so many batches, so that a fit whose process was
/// killed goes on there when it is called again, in the middle of an epoch too, and ends with the
/// same bytes: Keras's `BackupAndRestore`. The backup is `<backup_dir>/latest.h5`; it is deleted when
/// the fit is through.
final class BackupAndRestore: TrainingCallback {
    let className = "BackupAndRestore"
    private let folder: String
    private let deletes: Bool
    private var frequency: SaveFrequency

    init(_ options: inout Configuration) throws(SNNError) {
        folder = try options.string("backup_dir")
        guard !folder.isEmpty else { throw options.failure("'backup_dir' must not be empty") }
        frequency = try SaveFrequency(&options)
        try options.refuse(
            "double_checkpoint", unless: [.null, false],
            because: "a backup is replaced in one step, so one is enough")
        deletes = try options.bool("delete_checkpoint", default: true)
    }

    private var path: String { folder + "/latest.h5" }

    var listensToBatches: Bool { frequency.batches != nil }
    var state: JSON { .object(("seen", frequency.state)) }
    func restore(_ state: JSON) throws(SNNError) { frequency.state = state["seen"] ?? 0 }

    func check(_ fit: FitMoment) throws(SNNError) {
        _ = try fit.requireFiles("callback '\(className)'")
    }

    func backup(_ fit: FitMoment) throws(SNNError) -> TrainingLoop? {
        do throws(SNNError) {
            return try fit.requireFiles(className).loadTraining(from: path)
        } catch {
            throw error.within("callback '\(className)'")
        }
    }

    func begin(_ fit: FitMoment) throws(SNNError) {
        try fit.requireFiles(className).makeFolder(folder)
    }

    private var isDue = false

    /// The count belongs to what is saved.
    func batchEnd(_ fit: FitMoment, batch: Int) throws(SNNError) { isDue = frequency.isDue() }

    func wantsTrainingSaved(atEpochEnd: Bool) -> Bool {
        atEpochEnd ? frequency.batches == nil : isDue
    }

    func saveTraining(_ fit: FitMoment) throws(SNNError) {
        isDue = false
        try fit.requireFiles(className).saveTraining(fit.loop, to: path)
    }

    func end(_ fit: FitMoment) throws(SNNError) {
        if deletes { try fit.requireFiles(className).remove(path) }
    }
}
