import SNNCore

/// Every element is 0.
final class Zeros: Initializer {
    static let row = InitializerRow("Zeros", ["zeros", "zero"]) {
        (_) throws(SNNError) in Zeros()
    }

    let className = "Zeros"
    let configuration: [JSON.Member] = []

    func fill(_ values: UnsafeMutableBufferPointer<Float>, shape: Shape, random: RandomStream) {
        values.update(repeating: 0)
    }
}

/// Every element is 1.
final class Ones: Initializer {
    static let row = InitializerRow("Ones", ["ones", "one"]) {
        (_) throws(SNNError) in Ones()
    }

    let className = "Ones"
    let configuration: [JSON.Member] = []

    func fill(_ values: UnsafeMutableBufferPointer<Float>, shape: Shape, random: RandomStream) {
        values.update(repeating: 1)
    }
}

/// Every element is `value`, 0 if not said.
final class Constant: Initializer {
    static let row = InitializerRow("Constant", ["constant"]) {
        (configuration) throws(SNNError) in
        Constant(value: try configuration.value("value", default: 0))
    }

    let className = "Constant"
    private let value: Double

    init(value: Double) {
        self.value = value
    }

    var configuration: [JSON.Member] { [JSON.Member("value", .number(value))] }

    func fill(_ values: UnsafeMutableBufferPointer<Float>, shape: Shape, random: RandomStream) {
        values.update(repeating: Float(value))
    }
}
