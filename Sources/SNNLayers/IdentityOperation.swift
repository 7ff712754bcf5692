import SNNGraph

/// The operation of a layer whose output is its input, perhaps under another shape. Plans let both
/// share memory and never run it.
final class IdentityOperation: Operation {
    let needs = OperationNeeds.view

    func forward(_ context: OperationContext) {}
    func backward(_ context: OperationContext) {}
}
