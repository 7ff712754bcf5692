import SNNCore
import SNNGraph

/// y is a copy of x in another layout; dx is the copy of dy back.
final class CopyOperation: Operation {
    let needs: OperationNeeds
    private let copy: StridedCopy
    private let back: StridedCopy

    init(_ copy: StridedCopy) {
        self.copy = copy
        back = copy.mirrored
        needs = copy.isIdentity ? .view : OperationNeeds()
    }

    func forward(_ context: OperationContext) {
        copy.run(context.input(), context.output(), context)
    }

    func backward(_ context: OperationContext) {
        guard let dInput = context.dInput() else { return }
        back.run(context.dOutput(), dInput, context)
    }
}
