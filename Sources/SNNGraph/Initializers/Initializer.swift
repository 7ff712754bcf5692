import SNNCore

/// How a variable gets its first values. Immutable: one object may serve any number of variables.
package protocol Initializer: AnyObject, Sendable {
    /// Keras's class name.
    var className: String { get }

    /// Keras's `get_config()`, in Keras's order.
    var configuration: [JSON.Member] { get }

    /// Fills a variable of `shape`; `values.count` equals `shape.count`.
    ///
    /// The values are scalar double arithmetic without fused multiply-add and without libm, rounded
    /// to Float at the end: the same bits on every machine. Throws when the initializer cannot make
    /// that shape; the values are then as they were.
    func fill(_ values: UnsafeMutableBufferPointer<Float>, shape: Shape, random: RandomStream)
        throws(SNNError)
}
