import SNNCore

/// A learning rate that follows the steps. Its arithmetic is in double and without libm, so that it
/// is the same on every machine; Keras computes in float32.
///
/// A new schedule is a class of this protocol in one file and one row in `Schedules`.
package protocol Schedule: AnyObject, Sendable {
    /// Keras's class name, or PyTorch's where Keras has none.
    var className: String { get }
    /// Whether Keras has the class, and those that it holds.
    var isKnownToKeras: Bool { get }
    /// Its configuration keys.
    var configuration: [JSON.Member] { get }
    /// The rate of the step that comes after `steps`, at least 0.
    func rate(after steps: Int64) -> Double
}

extension Schedule {
    package var isKnownToKeras: Bool { true }
}
