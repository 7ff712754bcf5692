import SNNCore

extension Executor {
    /// `forward`, with a look at what each call of a layer gave, as soon as it is there: its memory
    /// may be given away afterwards. Calls that give their input in another shape are left out.
    ///
    /// - Parameter observe: the call, the first number of its first output, and how many there are.
    package func forward(
        rows: Int, step: Int64, observing observe: (Int, UnsafePointer<Float>, Int) -> Void
    ) throws(SNNError) {
        prepare(rows: rows, step: step)
        let graph = network.graph
        for index in plan.steps.indices {
            let context = context(index)
            plan.steps[index].operation.forward(context)
            let call = plan.steps[index].call
            let count = rows * graph.tensors[graph.calls[call].outputs[0]].shape.count
            observe(call, context.output(), count)
        }
        try throwFailure()
    }
}
