import SNNCore

/// Keras's order of a functional model's layers. Weights are paired by position in a file, so the
/// order is part of the format: the longest way to an output first, ties by a depth-first search
/// from the outputs (`map_graph` of keras/src/ops/function.py).
extension Graph {
    /// The nodes in Keras's order. Every node must lead to an output, or be an input.
    package var nodesInKerasOrder: [Int] {
        if isSequential { return Array(nodes.indices) }
        let (order, traversal) = callsInnermostFirst()
        var callDepths = [Int](repeating: 0, count: calls.count)
        var nodeDepths = [Int](repeating: 0, count: nodes.count)
        for call in order.reversed() {
            let depth = max(callDepths[call], nodeDepths[calls[call].node])
            callDepths[call] = depth
            nodeDepths[calls[call].node] = depth
            for tensor in calls[call].inputs {
                let parent = tensors[tensor].producer
                callDepths[parent] = max(callDepths[parent], depth + 1)
            }
        }
        return sortedIndices(nodes.count) { left, right in
            if nodeDepths[left] != nodeDepths[right] { return nodeDepths[left] > nodeDepths[right] }
            // Inputs that lead nowhere come first among the last.
            let (leftPlace, rightPlace) = (traversal[left] ?? -1, traversal[right] ?? -1)
            return leftPlace != rightPlace ? leftPlace < rightPlace : left < right
        }
    }

    /// Calls, other than inputs, from which no output can be reached.
    package var deadCalls: [Int] {
        let isNeeded = Set(callsInnermostFirst().order)
        return calls.indices.filter { !isNeeded.contains($0) && !calls[$0].inputs.isEmpty }
    }

    /// The calls that outputs need, each after those that it needs itself, and for each node when
    /// a search from the outputs first met it. Without recursion: a chain may be long.
    private func callsInnermostFirst() -> (order: [Int], traversal: [Int: Int]) {
        var order: [Int] = []
        var traversal: [Int: Int] = [:]
        var isEntered = [Bool](repeating: false, count: calls.count)
        for output in outputs {
            var stack: [(call: Int, nextInput: Int)] = []
            func enter(_ call: Int) {
                guard !isEntered[call] else { return }
                isEntered[call] = true
                if traversal[calls[call].node] == nil {
                    traversal[calls[call].node] = traversal.count
                }
                stack.append((call, 0))
            }
            enter(tensors[output].producer)
            while let top = stack.last {
                if top.nextInput < calls[top.call].inputs.count {
                    stack[stack.count - 1].nextInput += 1
                    enter(tensors[calls[top.call].inputs[top.nextInput]].producer)
                } else {
                    order.append(top.call)
                    stack.removeLast()
                }
            }
        }
        return (order, traversal)
    }

    /// The same architecture in its canonical order, which follows from how tensors are connected
    /// and not from the order of building: nodes as Keras orders them, calls as a search from the
    /// outputs meets them, variables node by node. So a model that went through a file computes,
    /// sums and draws random numbers as before. Tensors keep their numbers.
    package func canonical() -> Graph {
        let order = isSequential ? Array(calls.indices) : callsInnermostFirst().order
        let isNeeded = Set(order)
        // Inputs that lead nowhere stay inputs.
        let callOrder = calls.indices.filter { !isNeeded.contains($0) } + order
        let callPlaces = places(callOrder)
        let nodeOrder = nodesInKerasOrder
        let nodePlaces = places(nodeOrder)

        var graph = self
        graph.calls = callOrder.map {
            let call = calls[$0]
            return Call(
                node: nodePlaces[call.node], index: call.index, inputs: call.inputs,
                outputs: call.outputs)
        }
        graph.tensors = tensors.map {
            GraphTensor(shape: $0.shape, producer: callPlaces[$0.producer], output: $0.output)
        }
        graph.nodes = nodeOrder.map {
            var node = nodes[$0]
            node.calls = node.calls.map { callPlaces[$0] }
            return node
        }
        graph.nodeIndices = nodeIndices.mapValues { nodePlaces[$0] }
        graph.relayVariables(of: self)
        return graph
    }

    /// For each element of a permutation where it went.
    private func places(_ order: [Int]) -> [Int] {
        var places = [Int](repeating: 0, count: order.count)
        for (place, element) in order.enumerated() { places[element] = place }
        return places
    }
}
