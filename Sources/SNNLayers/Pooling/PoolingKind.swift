/// What a pooling layer makes of the numbers that its window covers.
enum PoolingKind: Sendable {
    case maximum
    /// Of the places that there are: padding does not count.
    case average

    /// As the names of Keras's classes have it.
    var name: String { self == .maximum ? "Max" : "Average" }
}
