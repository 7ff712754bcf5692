import CKernels
import SNNCore
import SNNGraph
import SNNKernels

extension Losses {
    /// Distances of numbers, and the hinge losses of signs.
    static let regression: [Kind] = [
        Kind(name: "mean_squared_error", className: "MeanSquaredError", aliases: ["mse", "MSE"]) {
            _ in
            Made(
                KernelLoss {
                    .init(
                        values: $0.pointee.mean_squared_error,
                        gradient: $0.pointee.mean_squared_error_gradient)
                })
        },
        Kind(name: "mean_absolute_error", className: "MeanAbsoluteError", aliases: ["mae", "MAE"]) {
            _ in
            Made(
                KernelLoss {
                    .init(
                        values: $0.pointee.mean_absolute_error,
                        gradient: $0.pointee.mean_absolute_error_gradient)
                })
        },
        Kind(
            name: "mean_absolute_percentage_error", className: "MeanAbsolutePercentageError",
            aliases: ["mape", "MAPE"]
        ) { _ in Made(PointwiseLoss(SNNK_LOSS_PERCENTAGE, factor: 100)) },
        Kind(
            name: "mean_squared_logarithmic_error", className: "MeanSquaredLogarithmicError",
            aliases: ["msle", "MSLE"]
        ) { _ in Made(PointwiseLoss(SNNK_LOSS_SQUARED_LOGARITHMIC)) },
        Kind(name: "huber", className: "Huber") { (options) throws(SNNError) in
            let delta = try options.number("delta", default: 1, in: .positive)
            return Made(PointwiseLoss(SNNK_LOSS_HUBER, a: delta))
        },
        Kind(name: "log_cosh", className: "LogCosh", aliases: ["logcosh"]) { _ in
            Made(PointwiseLoss(SNNK_LOSS_LOG_COSH))
        },
    ]

    static let hinges: [Kind] = [
        Kind(name: "hinge", className: "Hinge") { _ in
            Made(PointwiseLoss(SNNK_LOSS_HINGE, readsSigns: true))
        },
        Kind(name: "squared_hinge", className: "SquaredHinge") { _ in
            Made(PointwiseLoss(SNNK_LOSS_SQUARED_HINGE, readsSigns: true))
        },
        Kind(name: "categorical_hinge", className: "CategoricalHinge") { _ in
            Made(RowLoss(RowLoss.categoricalHinge))
        },
    ]
}
