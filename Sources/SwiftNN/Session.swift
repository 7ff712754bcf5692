import SNNCore
import SNNGraph
import SNNKernels

/// Predicts with a model: owns the memory that this takes. One call at a time; a thread that
/// predicts beside others has a session of its own.
public final class Session: @unchecked Sendable {
    // Sendable: `gate` admits one call at a time.
    public let model: Model
    private let owner = GateOwner("session")
    /// The session's and the model's, at hand.
    private let gate: Gate
    private let modelGate: Gate
    /// Set while the handle's owner has it predict, where that is announced so.
    private var mark: CallMarks.Place?
    /// Of the process that `executor` last worked in.
    private var generation = ForkGeneration.current
    private let executor: Executor
    /// Rows that were converted to float32, for each input; made when first needed.
    private var staging: [Buffer<Float>?]
    private let scale: Float
    private let inputShapes: [Shape]
    private let outputShapes: [Shape]
    /// Numbers of a sample of the first input and output, and how many samples of the largest
    /// input or output there can be in an array.
    private let inputSize: Int
    private let outputSize: Int
    private let mostRows: Int
    private let hasOneOfEach: Bool

    /// Options (JSON5): `threads`, `batch_capacity`, `scale`.
    public init(_ model: Model, options: String? = nil) throws(SNNError) {
        var options = try Configuration(text: options, of: "session")
        let threads = try options.integer("threads", default: 0, in: 0 ... 256)
        let capacity = try options.integer("batch_capacity", default: 32, in: 1 ... 1 << 24)
        scale = try Dataset.scale(&options)
        try options.finish()
        self.model = model
        gate = owner.gate
        modelGate = model.access
        executor = try model.completed { (network) throws(SNNError) in
            try Executor(
                Plan.inference(of: network.graph), of: network, capacity: capacity,
                workers: Workers(threads: threads), kernels: InstructionSet.chosenKernels())
        }
        inputShapes = executor.plan.inputShapes
        outputShapes = executor.plan.outputShapes
        inputSize = inputShapes[0].count
        outputSize = outputShapes[0].count
        hasOneOfEach = inputShapes.count == 1 && outputShapes.count == 1
        let largest = (inputShapes + outputShapes).map { $0.count }.max() ?? 1
        mostRows = Shape.maximumCount / max(largest, 1)
        staging = inputShapes.map { _ in nil }
    }

    deinit {
        if let mark { modelGate.remove(mark) }
    }

    /// Lets calls with `Turn.marked` run, whose begin and end `mark` tells from now on.
    /// The process's lock is held meanwhile.
    package func announceCalls(by mark: CallMark) {
        self.mark = modelGate.add(mark)
    }

    /// For who has the turn: before a fork another thread may have had it, and not have come to its
    /// end.
    @inline(__always)
    private func forgetParentsCall() {
        if generation != ForkGeneration.current { forgetCall() }
    }

    @inline(never)
    private func forgetCall() {
        executor.forgetCall()
        generation = ForkGeneration.current
    }

    /// Who sees to it that calls come one at a time, and not while the model changes.
    package enum Turn {
        /// The session.
        case taken
        /// The caller, who has set the session's mark.
        case marked
    }

    /// Predicts `rows` samples of a model with one input and one output; takes no memory.
    ///
    /// - Parameters:
    ///   - input: `rows` times the input's size.
    ///   - output: room for `capacity` floats, at least `rows` times the output's size.
    public func predict(
        _ input: UnsafePointer<Float>, rows: Int, into output: UnsafeMutablePointer<Float>,
        capacity: Int
    ) throws(SNNError) {
        try predict(input, rows: rows, into: output, capacity: capacity, .taken)
    }

    package func predict(
        _ input: UnsafePointer<Float>, rows: Int, into output: UnsafeMutablePointer<Float>,
        capacity: Int, _ turn: Turn
    ) throws(SNNError) {
        guard hasOneOfEach else { throw severalArrays }
        try checkRoom(0, outputSize, rows: rows, capacity: capacity)
        let inputEnd = UnsafeRawPointer(input + rows &* inputSize)
        let outputEnd = UnsafeRawPointer(output + rows &* outputSize)
        guard inputEnd <= UnsafeRawPointer(output) || outputEnd <= UnsafeRawPointer(input) else {
            throw overlap
        }
        try running(turn) { () throws(SNNError) in
            var done = 0
            while done < rows {
                let left = rows &- done
                let count = left < executor.capacity ? left : executor.capacity
                executor.bindInput(0, to: input + done &* inputSize)
                try executor.forward(rows: count, into: output + done &* outputSize)
                done &+= count
            }
        }
    }

    private var overlap: SNNError {
        SNNError(.argument, "expected input and output that do not overlap")
    }

    private var severalArrays: SNNError {
        SNNError(
            .argument,
            "the model has \(inputShapes.count) inputs and \(outputShapes.count) outputs; "
                + "predict arrays instead")
    }

    /// Where an output goes: room for `capacity` floats.
    public struct Room {
        let pointer: UnsafeMutablePointer<Float>
        let capacity: Int

        public init(_ pointer: UnsafeMutablePointer<Float>, capacity: Int) {
            self.pointer = pointer
            self.capacity = capacity
        }
    }

    /// The same for any number of inputs and outputs, and any element type; takes memory only for
    /// the first input of a type other than float32.
    public func predict(
        _ inputs: UnsafeBufferPointer<ArrayView>, into outputs: UnsafeBufferPointer<Room>
    ) throws(SNNError) {
        try predict(inputs, into: outputs, .taken)
    }

    package func predict(
        _ inputs: UnsafeBufferPointer<ArrayView>, into outputs: UnsafeBufferPointer<Room>,
        _ turn: Turn
    ) throws(SNNError) {
        let rows = try checkArrays(inputs)
        guard outputs.count == outputShapes.count else {
            throw SNNError(
                .argument, "expected \(outputShapes.count) outputs, received \(outputs.count)")
        }
        for (index, output) in outputs.enumerated() {
            try checkRoom(
                index, outputShapes[index].count, rows: rows, capacity: output.capacity)
        }
        try running(turn) { () throws(SNNError) in
            for (index, input) in inputs.enumerated() where input.elementType != .float32 {
                if staging[index] == nil {
                    staging[index] = try Buffer(
                        count: executor.capacity * inputShapes[index].count)
                }
            }
            var done = 0
            while done < rows {
                let count = min(executor.capacity, rows - done)
                for index in inputs.indices { bind(inputs[index], index, from: done, count) }
                try executor.forward(rows: count)
                for (index, output) in outputs.enumerated() {
                    copyOutput(
                        index, rows: count,
                        into: output.pointer + done * outputShapes[index].count)
                }
                done += count
            }
        }
    }

    @inline(__always)
    private func running(_ turn: Turn, _ body: () throws(SNNError) -> Void) throws(SNNError) {
        switch turn {
        case .taken:
            try gate.alone(changing: false) { () throws(SNNError) in
                forgetParentsCall()
                try modelGate.shared(body)
            }
        case .marked:
            try modelGate.besideMark()
            forgetParentsCall()
            try body()
        }
    }

    private func bind(_ input: ArrayView, _ index: Int, from first: Int, _ rows: Int) {
        let source = input.data + first * input.rowSize
        if let staging = staging[index], input.elementType != .float32 {
            executor.kernels.pointee.convert(
                source, input.elementType, into: staging.pointer,
                count: rows * inputShapes[index].count, scale: scale)
            executor.bindInput(index, to: staging.pointer)
        } else {
            executor.bindInput(index, to: source.assumingMemoryBound(to: Float.self))
        }
    }

    private func copyOutput(_ index: Int, rows: Int, into output: UnsafeMutablePointer<Float>) {
        output.copy(from: executor.output(index), count: rows &* outputShapes[index].count)
    }

    @inline(__always)
    private func checkRoom(
        _ index: Int, _ outputSize: Int, rows: Int, capacity: Int
    ) throws(SNNError) {
        guard rows >= 0, rows <= mostRows, capacity >= rows &* outputSize else {
            throw noRoom(index, rows: rows, capacity: capacity)
        }
    }

    @inline(never)
    private func noRoom(_ index: Int, rows: Int, capacity: Int) -> SNNError {
        guard rows >= 0, rows <= mostRows else {
            return SNNError(.argument, "expected 0 to \(mostRows) rows, received \(rows)")
        }
        return SNNError(
            .shape,
            "output \(index): \(rows) rows of \(outputShapes[index].batchText) need room for "
                + "\(rows * outputShapes[index].count) floats, received \(capacity)")
    }

    private func checkArrays(_ inputs: UnsafeBufferPointer<ArrayView>) throws(SNNError) -> Int {
        guard inputs.count == inputShapes.count else {
            throw SNNError(
                .argument, "expected \(inputShapes.count) inputs, received \(inputs.count)")
        }
        for (index, input) in inputs.enumerated() {
            guard input.shape == inputShapes[index] else {
                throw SNNError(
                    .shape,
                    "input \(index): expected shape \(inputShapes[index].batchText), received "
                        + input.shape.batchText)
            }
            guard input.rows == inputs[0].rows else {
                throw SNNError(
                    .shape,
                    "expected inputs of one number of samples, received \(inputs[0].rows) and "
                        + String(input.rows))
            }
        }
        return inputs[0].rows
    }
}
