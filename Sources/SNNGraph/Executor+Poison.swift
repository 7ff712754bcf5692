import SNNCore

// What `poisonsUnusedMemory` does; tests alone ask for it.
extension Executor {
    func poisonAll() {
        arena.pointer.update(repeating: .nan, count: arena.count)
        poisonScratch()
    }

    /// Fills the buffers whose last time is `time`, in the counting of `Plan.ArenaBuffer`. What
    /// takes their place begins later.
    func poison(after time: Int) {
        for (buffer, offset) in zip(plan.buffers, bufferOffsets) where buffer.last == time {
            let count = buffer.count.perRow &* capacity &+ buffer.count.fixed
            (arena.pointer + offset).update(repeating: .nan, count: count)
        }
        poisonScratch()
    }

    private func poisonScratch() {
        scratch.pointer.update(repeating: .nan, count: scratch.count)
        workspaces.pointer.update(repeating: .nan, count: workspaces.count)
    }
}
