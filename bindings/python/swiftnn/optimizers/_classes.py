"""Keras's optimizers: its arguments, in its order, with its defaults."""

from __future__ import annotations

from typing import Any

from ..errors import ArgumentError
from ._base import Optimizer, given
from .schedules import LearningRateSchedule


class SGD(Optimizer):
    """Gradient descent, with momentum where wanted.

    Parameters
    ----------
    momentum : float
        What remains of the last step.
    nesterov : bool
        Whether the momentum looks ahead.
    learning_rate, weight_decay, clipnorm, clipvalue, global_clipnorm, use_ema, ema_momentum,
    ema_overwrite_frequency, loss_scale_factor, gradient_accumulation_steps, name, **options
        As in `Optimizer`.
    """

    def __init__(
        self,
        learning_rate: float | LearningRateSchedule = 0.01,
        momentum: float = 0.0,
        nesterov: bool = False,
        weight_decay: float | None = None,
        clipnorm: float | None = None,
        clipvalue: float | None = None,
        global_clipnorm: float | None = None,
        use_ema: bool = False,
        ema_momentum: float = 0.99,
        ema_overwrite_frequency: int | None = None,
        loss_scale_factor: float | None = None,
        gradient_accumulation_steps: int | None = None,
        name: str | None = None,
        **options: Any,
    ) -> None:
        super().__init__("SGD", **given(SGD, locals()))


class RMSprop(Optimizer):
    """Steps scaled by a running mean of the gradient's square.

    Parameters
    ----------
    rho : float
        What remains of the mean in a step.
    momentum : float
        What remains of the last step.
    epsilon : float
        Added to the mean before its root is taken.
    centered : bool
        Whether the mean gradient's square is taken from it.
    learning_rate, weight_decay, clipnorm, clipvalue, global_clipnorm, use_ema, ema_momentum,
    ema_overwrite_frequency, loss_scale_factor, gradient_accumulation_steps, name, **options
        As in `Optimizer`.
    """

    def __init__(
        self,
        learning_rate: float | LearningRateSchedule = 0.001,
        rho: float = 0.9,
        momentum: float = 0.0,
        epsilon: float = 1e-07,
        centered: bool = False,
        weight_decay: float | None = None,
        clipnorm: float | None = None,
        clipvalue: float | None = None,
        global_clipnorm: float | None = None,
        use_ema: bool = False,
        ema_momentum: float = 0.99,
        ema_overwrite_frequency: int | None = None,
        loss_scale_factor: float | None = None,
        gradient_accumulation_steps: int | None = None,
        name: str | None = None,
        **options: Any,
    ) -> None:
        super().__init__("RMSprop", **given(RMSprop, locals()))


class Adam(Optimizer):
    """Steps scaled by running moments of the gradient.

    Parameters
    ----------
    beta_1 : float
        What remains of the first moment in a step.
    beta_2 : float
        What remains of the second moment.
    epsilon : float
        Added to the root of the second moment.
    amsgrad : bool
        Whether the largest second moment so far is taken.
    learning_rate, weight_decay, clipnorm, clipvalue, global_clipnorm, use_ema, ema_momentum,
    ema_overwrite_frequency, loss_scale_factor, gradient_accumulation_steps, name, **options
        As in `Optimizer`.
    """

    def __init__(
        self,
        learning_rate: float | LearningRateSchedule = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-07,
        amsgrad: bool = False,
        weight_decay: float | None = None,
        clipnorm: float | None = None,
        clipvalue: float | None = None,
        global_clipnorm: float | None = None,
        use_ema: bool = False,
        ema_momentum: float = 0.99,
        ema_overwrite_frequency: int | None = None,
        loss_scale_factor: float | None = None,
        gradient_accumulation_steps: int | None = None,
        name: str | None = None,
        **options: Any,
    ) -> None:
        super().__init__("Adam", **given(Adam, locals()))


class AdamW(Optimizer):
    """`Adam` with weight decay.

    Parameters
    ----------
    beta_1 : float
        As in `Adam`.
    beta_2 : float
        As in `Adam`.
    epsilon : float
        As in `Adam`.
    amsgrad : bool
        As in `Adam`.
    learning_rate, weight_decay, clipnorm, clipvalue, global_clipnorm, use_ema, ema_momentum,
    ema_overwrite_frequency, loss_scale_factor, gradient_accumulation_steps, name, **options
        As in `Optimizer`.
    """

    def __init__(
        self,
        learning_rate: float | LearningRateSchedule = 0.001,
        weight_decay: float = 0.004,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-07,
        amsgrad: bool = False,
        clipnorm: float | None = None,
        clipvalue: float | None = None,
        global_clipnorm: float | None = None,
        use_ema: bool = False,
        ema_momentum: float = 0.99,
        ema_overwrite_frequency: int | None = None,
        loss_scale_factor: float | None = None,
        gradient_accumulation_steps: int | None = None,
        name: str | None = None,
        **options: Any,
    ) -> None:
        if weight_decay is None:
            raise ArgumentError("AdamW: weight_decay must be a number, received None")
        super().__init__("AdamW", **given(AdamW, locals()))


class Adadelta(Optimizer):
    """Steps scaled by running means of the squares of gradients and of steps.

    Parameters
    ----------
    rho : float
        What remains of the means in a step.
    epsilon : float
        Added to the means before their roots are taken.
    learning_rate, weight_decay, clipnorm, clipvalue, global_clipnorm, use_ema, ema_momentum,
    ema_overwrite_frequency, loss_scale_factor, gradient_accumulation_steps, name, **options
        As in `Optimizer`.
    """

    def __init__(
        self,
        learning_rate: float | LearningRateSchedule = 0.001,
        rho: float = 0.95,
        epsilon: float = 1e-07,
        weight_decay: float | None = None,
        clipnorm: float | None = None,
        clipvalue: float | None = None,
        global_clipnorm: float | None = None,
        use_ema: bool = False,
        ema_momentum: float = 0.99,
        ema_overwrite_frequency: int | None = None,
        loss_scale_factor: float | None = None,
        gradient_accumulation_steps: int | None = None,
        name: str | None = None,
        **options: Any,
    ) -> None:
        super().__init__("Adadelta", **given(Adadelta, locals()))


class Adagrad(Optimizer):
    """Steps scaled by the sum of the gradients' squares.

    Parameters
    ----------
    initial_accumulator_value : float
        What the sums begin at.
    epsilon : float
        Added to the sum before its root is taken.
    learning_rate, weight_decay, clipnorm, clipvalue, global_clipnorm, use_ema, ema_momentum,
    ema_overwrite_frequency, loss_scale_factor, gradient_accumulation_steps, name, **options
        As in `Optimizer`.
    """

    def __init__(
        self,
        learning_rate: float | LearningRateSchedule = 0.001,
        initial_accumulator_value: float = 0.1,
        epsilon: float = 1e-07,
        weight_decay: float | None = None,
        clipnorm: float | None = None,
        clipvalue: float | None = None,
        global_clipnorm: float | None = None,
        use_ema: bool = False,
        ema_momentum: float = 0.99,
        ema_overwrite_frequency: int | None = None,
        loss_scale_factor: float | None = None,
        gradient_accumulation_steps: int | None = None,
        name: str | None = None,
        **options: Any,
    ) -> None:
        super().__init__("Adagrad", **given(Adagrad, locals()))


class Adamax(Optimizer):
    """`Adam` with the largest gradient for the second moment.

    Parameters
    ----------
    beta_1 : float
        As in `Adam`.
    beta_2 : float
        What remains of the largest gradient in a step.
    epsilon : float
        Added to it.
    learning_rate, weight_decay, clipnorm, clipvalue, global_clipnorm, use_ema, ema_momentum,
    ema_overwrite_frequency, loss_scale_factor, gradient_accumulation_steps, name, **options
        As in `Optimizer`.
    """

    def __init__(
        self,
        learning_rate: float | LearningRateSchedule = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-07,
        weight_decay: float | None = None,
        clipnorm: float | None = None,
        clipvalue: float | None = None,
        global_clipnorm: float | None = None,
        use_ema: bool = False,
        ema_momentum: float = 0.99,
        ema_overwrite_frequency: int | None = None,
        loss_scale_factor: float | None = None,
        gradient_accumulation_steps: int | None = None,
        name: str | None = None,
        **options: Any,
    ) -> None:
        super().__init__("Adamax", **given(Adamax, locals()))


class Nadam(Optimizer):
    """`Adam` with Nesterov's look ahead.

    Parameters
    ----------
    beta_1 : float
        As in `Adam`.
    beta_2 : float
        As in `Adam`.
    epsilon : float
        As in `Adam`.
    learning_rate, weight_decay, clipnorm, clipvalue, global_clipnorm, use_ema, ema_momentum,
    ema_overwrite_frequency, loss_scale_factor, gradient_accumulation_steps, name, **options
        As in `Optimizer`.
    """

    def __init__(
        self,
        learning_rate: float | LearningRateSchedule = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-07,
        weight_decay: float | None = None,
        clipnorm: float | None = None,
        clipvalue: float | None = None,
        global_clipnorm: float | None = None,
        use_ema: bool = False,
        ema_momentum: float = 0.99,
        ema_overwrite_frequency: int | None = None,
        loss_scale_factor: float | None = None,
        gradient_accumulation_steps: int | None = None,
        name: str | None = None,
        **options: Any,
    ) -> None:
        super().__init__("Nadam", **given(Nadam, locals()))


class Ftrl(Optimizer):
    """Follow the regularized leader: sparse weights by an L1 term of its own.

    Parameters
    ----------
    learning_rate_power : float
        The exponent of the sum of squares that steps shrink by, at most 0.
    initial_accumulator_value : float
        What the sums begin at.
    l1_regularization_strength : float
        The L1 term.
    l2_regularization_strength : float
        The L2 term.
    l2_shrinkage_regularization_strength : float
        An L2 term that acts on the gradient.
    beta : float
        The paper's beta.
    learning_rate, weight_decay, clipnorm, clipvalue, global_clipnorm, use_ema, ema_momentum,
    ema_overwrite_frequency, loss_scale_factor, gradient_accumulation_steps, name, **options
        As in `Optimizer`.
    """

    def __init__(
        self,
        learning_rate: float | LearningRateSchedule = 0.001,
        learning_rate_power: float = -0.5,
        initial_accumulator_value: float = 0.1,
        l1_regularization_strength: float = 0.0,
        l2_regularization_strength: float = 0.0,
        l2_shrinkage_regularization_strength: float = 0.0,
        beta: float = 0.0,
        weight_decay: float | None = None,
        clipnorm: float | None = None,
        clipvalue: float | None = None,
        global_clipnorm: float | None = None,
        use_ema: bool = False,
        ema_momentum: float = 0.99,
        ema_overwrite_frequency: int | None = None,
        loss_scale_factor: float | None = None,
        gradient_accumulation_steps: int | None = None,
        name: str | None = None,
        **options: Any,
    ) -> None:
        super().__init__("Ftrl", **given(Ftrl, locals()))


class Lion(Optimizer):
    """Steps of equal length in the direction of the momentum's signs.

    Parameters
    ----------
    beta_1 : float
        The momentum's share in the step.
    beta_2 : float
        What remains of the momentum in a step.
    learning_rate, weight_decay, clipnorm, clipvalue, global_clipnorm, use_ema, ema_momentum,
    ema_overwrite_frequency, loss_scale_factor, gradient_accumulation_steps, name, **options
        As in `Optimizer`.
    """

    def __init__(
        self,
        learning_rate: float | LearningRateSchedule = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.99,
        weight_decay: float | None = None,
        clipnorm: float | None = None,
        clipvalue: float | None = None,
        global_clipnorm: float | None = None,
        use_ema: bool = False,
        ema_momentum: float = 0.99,
        ema_overwrite_frequency: int | None = None,
        loss_scale_factor: float | None = None,
        gradient_accumulation_steps: int | None = None,
        name: str | None = None,
        **options: Any,
    ) -> None:
        super().__init__("Lion", **given(Lion, locals()))


class Adafactor(Optimizer):
    """`Adam`'s second moment from its means over rows and columns.

    Parameters
    ----------
    beta_2_decay : float
        The exponent with which the means' memory grows, at most 0.
    epsilon_1 : float
        Added to the gradient's square.
    epsilon_2 : float
        The least size of a variable that steps are measured by.
    clip_threshold : float
        What the root mean square of a step is limited to.
    relative_step : bool
        Keras's; the rate is bounded by 1 / sqrt(step) in any case.
    learning_rate, weight_decay, clipnorm, clipvalue, global_clipnorm, use_ema, ema_momentum,
    ema_overwrite_frequency, loss_scale_factor, gradient_accumulation_steps, name, **options
        As in `Optimizer`.
    """

    def __init__(
        self,
        learning_rate: float | LearningRateSchedule = 0.001,
        beta_2_decay: float = -0.8,
        epsilon_1: float = 1e-30,
        epsilon_2: float = 0.001,
        clip_threshold: float = 1.0,
        relative_step: bool = True,
        weight_decay: float | None = None,
        clipnorm: float | None = None,
        clipvalue: float | None = None,
        global_clipnorm: float | None = None,
        use_ema: bool = False,
        ema_momentum: float = 0.99,
        ema_overwrite_frequency: int | None = None,
        loss_scale_factor: float | None = None,
        gradient_accumulation_steps: int | None = None,
        name: str | None = None,
        **options: Any,
    ) -> None:
        super().__init__("Adafactor", **given(Adafactor, locals()))


class Muon(Optimizer):
    """Steps that are made orthogonal, for matrices; `Adam` for the other variables.

    Parameters
    ----------
    adam_beta_1 : float
        As in `Adam`, for the other variables.
    adam_beta_2 : float
        As in `Adam`.
    adam_weight_decay : float, optional
        The weight decay of the other variables; None is none.
    epsilon : float
        As in `Adam`.
    exclude_layers : list of str, optional
        Parts of variables' paths that are not made orthogonal.
    exclude_embeddings : bool
        Whether embeddings are not.
    muon_a : float
        Coefficients of the polynomial.
    muon_b : float
        See `muon_a`.
    muon_c : float
        See `muon_a`.
    adam_lr_ratio : float
        The share of the learning rate that the other variables have.
    momentum : float
        What remains of the last gradients.
    ns_steps : int
        How often the polynomial is taken.
    nesterov : bool
        Whether the momentum looks ahead.
    rms_rate : float, optional
        The root mean square of a step of rate 1; None leaves it as it is.
    learning_rate, weight_decay, clipnorm, clipvalue, global_clipnorm, use_ema, ema_momentum,
    ema_overwrite_frequency, loss_scale_factor, gradient_accumulation_steps, name, **options
        As in `Optimizer`.
    """

    def __init__(
        self,
        learning_rate: float | LearningRateSchedule = 0.001,
        adam_beta_1: float = 0.9,
        adam_beta_2: float = 0.999,
        adam_weight_decay: float | None = 0.004,
        epsilon: float = 1e-07,
        weight_decay: float | None = 0.004,
        clipnorm: float | None = None,
        clipvalue: float | None = None,
        global_clipnorm: float | None = None,
        use_ema: bool = False,
        ema_momentum: float = 0.99,
        ema_overwrite_frequency: int | None = None,
        loss_scale_factor: float | None = None,
        gradient_accumulation_steps: int | None = None,
        name: str | None = None,
        exclude_layers: list[str] | None = None,
        exclude_embeddings: bool = True,
        muon_a: float = 3.4445,
        muon_b: float = -4.775,
        muon_c: float = 2.0315,
        adam_lr_ratio: float = 1.0,
        momentum: float = 0.95,
        ns_steps: int = 5,
        nesterov: bool = True,
        rms_rate: float | None = 0.2,
        **options: Any,
    ) -> None:
        super().__init__("Muon", **given(Muon, locals()))


class LBFGS(Optimizer):
    """L-BFGS, PyTorch's: several steps of a quasi-Newton method on each batch, which should be all
    of the data (``batch_size`` at least the number of samples).

    Parameters
    ----------
    lr : float or LearningRateSchedule
        The learning rate: the first length that is tried.
    max_iter : int
        The most iterations on a batch.
    max_eval : int, optional
        The most evaluations of a batch; ``max_iter * 5 // 4`` if not given.
    tolerance_grad : float
        It ends when no number of the gradient is larger.
    tolerance_change : float
        It ends when the loss or the weights change by less.
    history_size : int
        How many steps the curvature is known from.
    line_search_fn : str, optional
        ``"strong_wolfe"``, or None for none.
    **options
        ``use_ema``, ``ema_momentum`` and ``ema_overwrite_frequency`` as in `Optimizer`.
    """

    def __init__(
        self,
        lr: float | LearningRateSchedule = 1.0,
        max_iter: int = 20,
        max_eval: int | None = None,
        tolerance_grad: float = 1e-7,
        tolerance_change: float = 1e-9,
        history_size: int = 100,
        line_search_fn: str | None = None,
        **options: Any,
    ) -> None:
        arguments = given(LBFGS, locals())
        # By the name that all optimizers have.
        arguments.setdefault("learning_rate", arguments.pop("lr"))
        super().__init__("LBFGS", **arguments)
