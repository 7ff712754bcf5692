import SNNCore

/// What a layer's configuration says of one of its variables, under the keys `kernel_initializer`,
/// `kernel_regularizer` and `kernel_constraint` for the prefix "kernel".
package struct VariableOptions: Sendable {
    private let prefix: String
    private let initializer: any Initializer
    private let regularizer: (any Regularizer)?
    private let constraint: (any Constraint)?

    package init(
        _ options: inout Configuration, _ prefix: String, default initializer: any Initializer
    ) throws(SNNError) {
        self.prefix = prefix
        self.initializer = try options.initializer(
            prefix + "_initializer", default: initializer)
        regularizer = try options.regularizer(prefix + "_regularizer")
        constraint = try options.constraint(prefix + "_constraint")
    }

    /// The keys as Keras writes them; a regularizer or constraint only where there is one.
    package var configuration: [JSON.Member] {
        var members = [JSON.Member(prefix + "_initializer", Initializers.json(initializer))]
        if let regularizer {
            members.append(.init(prefix + "_regularizer", Regularizers.json(regularizer)))
        }
        if let constraint {
            members.append(.init(prefix + "_constraint", Constraints.json(constraint)))
        }
        return members
    }

    /// The variable under the name of the prefix, or another.
    package func specification(
        _ shape: Shape, named name: String? = nil
    ) -> VariableSpecification {
        VariableSpecification(
            name ?? prefix, shape: shape, initializer: initializer, regularizer: regularizer,
            constraint: constraint)
    }
}
