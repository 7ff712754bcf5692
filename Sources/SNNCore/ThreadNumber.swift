import CFork

/// What tells a thread from all others, in this process and those that it was forked from; 0 is none.
/// A thread keeps it in the child that it forks.
package enum ThreadNumber {
    package static var current: Int { Int(truncatingIfNeeded: snnf_thread_number()) }
}
