import CFork

/// How many forks lie between this process and the one that loaded the library: what was in use by a
/// thread of the parent can be told by it.
package enum ForkGeneration {
    @inline(__always)
    package static var current: Int { Int(truncatingIfNeeded: snnf_generation()) }

    /// Whether this thread came through the last fork, so that what it was doing goes on.
    package static var hasThisThread: Bool { snnf_is_forked_thread() != 0 }
}
