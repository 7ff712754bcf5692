import CKernels
import SNNCore

/// What a step does to its one output on the way out, in the place of the layers that come after it:
/// y = rectifier(x * scale + shift + addend). Plans that predict have such steps: nobody else sees
/// what lies between, and it never goes to memory.
package struct Epilogue: Sendable {
    /// Scale and shift of each channel, made of variables of the step from `firstVariable` on.
    package struct Affine: Sendable {
        package let map: any ChannelAffine
        package let firstVariable: Int
    }

    package fileprivate(set) var affine: Affine?
    /// Which of the step's inputs is added.
    package fileprivate(set) var addend: Int?
    package fileprivate(set) var rectifier: snnk_rectifier?

    package static let none = Epilogue()
}

/// What a layer is to the one before it, where that takes it over.
package enum EpilogueLink: Sendable {
    case affine(any ChannelAffine)
    /// The sum of two inputs of one shape.
    case addition
    case rectifier(snnk_rectifier)
}

/// y = x * scale + shift for each channel, of variables.
package protocol ChannelAffine: AnyObject, Sendable {
    /// - Parameter variables: the layer's, in order.
    func fold(
        channels: Int, variables: UnsafePointer<UnsafeMutablePointer<Float>?>,
        scale: UnsafeMutablePointer<Float>, shift: UnsafeMutablePointer<Float>)
}

/// A call with what it takes over of the calls after it.
struct FusedCall {
    private(set) var epilogue = Epilogue.none
    /// Tensors and variables of all of them, those of the call itself first.
    private(set) var inputs: [Int]
    private(set) var variables: [Int]
    private(set) var output: Int
    private(set) var absorbed: [Int] = []

    /// - Parameters:
    ///   - users: for each tensor the only call that reads it; nil where it has none, several, or is
    ///     one of the model's outputs.
    ///   - isComputed: for each tensor whether a step before this one gives it.
    init(_ index: Int, in graph: Graph, users: [Int?], isComputed: [Bool]) {
        let call = graph.calls[index]
        inputs = call.inputs
        variables = graph.nodes[call.node].variables
        output = call.outputs[0]
        guard graph.nodes[call.node].layer.takesEpilogue else { return }
        while epilogue.rectifier == nil, let user = users[output],
            let link = graph.nodes[graph.calls[user].node].layer.epilogueLink,
            take(link, of: graph.calls[user], graph, isComputed)
        {
            absorbed.append(user)
            output = graph.calls[user].outputs[0]
        }
    }

    /// False where it must stay a step of its own.
    private mutating func take(
        _ link: EpilogueLink, of call: Call, _ graph: Graph, _ isComputed: [Bool]
    ) -> Bool {
        switch link {
        case .affine(let map):
            guard epilogue.affine == nil, epilogue.addend == nil else { return false }
            epilogue.affine = Epilogue.Affine(map: map, firstVariable: variables.count)
            variables += graph.nodes[call.node].variables
        case .addition:
            guard epilogue.addend == nil, call.inputs.count == 2 else { return false }
            let other = call.inputs[0] == output ? call.inputs[1] : call.inputs[0]
            guard isComputed[other], graph.tensors[other].shape == graph.tensors[output].shape
            else { return false }
            epilogue.addend = inputs.count
            inputs.append(other)
        case .rectifier(let rectifier):
            epilogue.rectifier = rectifier
        }
        return true
    }
}

extension Graph {
    /// For each tensor the only call that reads it, and that once; nil where there is none such, or
    /// the tensor is an output of the model.
    var soleUsers: [Int?] {
        var users = [Int?](repeating: nil, count: tensors.count)
        var uses = [Int](repeating: 0, count: tensors.count)
        for (index, call) in calls.enumerated() {
            for tensor in call.inputs {
                users[tensor] = index
                uses[tensor] += 1
            }
        }
        for tensor in outputs { uses[tensor] += 2 }
        for tensor in tensors.indices where uses[tensor] != 1 { users[tensor] = nil }
        return users
    }
}
