/// The largest things that a file may hold; beyond them reading fails with `.limit`.
package enum FileLimits {
    package static let fileBytes = 16 << 30
    /// A text such as the model's configuration.
    package static let textBytes = 16 << 20
    package static let nameBytes = 1 << 10
    package static let listCount = 100_000
    package static let childCount = 200_000
    package static let rank = 8
    package static let pathDepth = 64
    /// How much larger a filtered dataset or chunk may be than what is stored of it: deflate
    /// reaches 1032.
    package static let inflation = 1100
    /// All that is read of a file may take this many times its size, and `freeBytes` more.
    package static let declaredPerByte = 4
    package static let freeBytes = 64 << 20
}
