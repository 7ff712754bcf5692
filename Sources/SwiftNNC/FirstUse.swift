import SNNCore
import SwiftNN

/// What the library makes once when it is first needed (tables of names, the choice of kernels ...).
///
/// A process that forks while one of its threads makes such a thing leaves its child waiting for it
/// for ever. So the first handle's call makes what predicting, describing and changing a model need,
/// before there is anything that another thread could use.
enum FirstUse {
    static let isDone: Bool = {
        do throws(SNNError) {
            let model = try Model(options: "{class_name: 'Sequential'}")
            try model.add("InputLayer", "{shape: [1]}")
            try model.add("Dense", "{units: 1, name: 'd'}")
            let session = try Session(model)
            let numbers = UnsafeMutableBufferPointer<Float>.allocate(capacity: 2)
            numbers.initialize(repeating: 1)
            defer { numbers.deallocate() }
            guard let input = numbers.baseAddress else { return false }
            try session.predict(input, rows: 1, into: input + 1, capacity: 1)
            try model.setVariable("d/kernel", UnsafeBufferPointer(start: input, count: 1))
            _ = try model.description()
            return true
        } catch {
            return false
        }
    }()
}
