import SNNCore

/// The files of a fit's callbacks: how they reach the file formats, which this module does not know.
package protocol FitFiles: AnyObject {
    /// The model, in a file that Keras opens.
    func saveModel(_ loop: TrainingLoop, to path: String) throws(SNNError)
    func saveWeights(_ loop: TrainingLoop, to path: String) throws(SNNError)
    /// Model and training state.
    func saveTraining(_ loop: TrainingLoop, to path: String) throws(SNNError)
    /// A training that was saved; nil when there is no file.
    func loadTraining(from path: String) throws(SNNError) -> TrainingLoop?
    /// Removes a file, and its folder where nothing is left in it.
    func remove(_ path: String)
    /// Makes a folder and those above it.
    func makeFolder(_ path: String) throws(SNNError)
    /// Bytes of a text file; nil when there is none.
    func length(of path: String) throws(SNNError) -> Int?
    /// Cuts a text file at `offset` bytes, appends `text`, and gives the new length.
    func write(_ text: String, to path: String, at offset: Int) throws(SNNError) -> Int
}
