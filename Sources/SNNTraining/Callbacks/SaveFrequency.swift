import SNNCore

/// When a callback saves: Keras's `save_freq`, "epoch" or every so many batches, counted across
/// epochs.
struct SaveFrequency {
    /// nil: at each epoch's end.
    let batches: Int?
    private var seen = 0

    init(_ options: inout Configuration) throws(SNNError) {
        guard let json = options.json("save_freq"), json.text != "epoch" else {
            batches = nil
            return
        }
        guard let count = json.integerValue, count >= 1, count <= Int(Int32.max) else {
            throw options.mismatch("save_freq", "'epoch' or a number of batches from 1", json)
        }
        batches = count
    }

    /// Counts a batch; true when it is time.
    mutating func isDue() -> Bool {
        guard let batches else { return false }
        seen += 1
        guard seen >= batches else { return false }
        seen = 0
        return true
    }

    var state: JSON {
        get { .integer(Int64(seen)) }
        set { seen = max(0, newValue.integerValue ?? 0) }
    }
}
