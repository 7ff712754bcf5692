import CFork

/// How many forks lie between this process and the one that loaded the library: what was in use by a
/// thread of the parent can be told by it.
package enum ForkGeneration {
    @inline(__always)
    package static var current: Int { Int(truncatingIfNeeded: snnf_generation()) }
}
