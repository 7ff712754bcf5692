"""The bad-argument table: how to call every function of the header, and what can be wrong.

An entry gives a kind for each parameter; the rows come from the kinds, one wrong argument at a
time, and `rows` adds what several arguments together can get wrong. A parameter that most
functions have (a handle, options, a text to fill) has its kind by name. A function without an
entry fails the run.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import header
import kinds as k
from kinds import Bad, Kind, Make
from world import BITS, CLASSES, CUTS, FEATURES, FLOAT32, ROWS, World

ALL = 4 * 4 * 3
"""More than the number of floats of any variable or gradient of the model."""


@dataclass(frozen=True)
class Row:
    """One call: the good arguments, but for `changes`."""

    function: str
    label: str
    changes: dict[str, Make]
    allowed: frozenset[str]
    source: Bad | None = None


@dataclass(frozen=True)
class Entry:
    kinds: dict[str, Kind] = field(default_factory=dict)
    """By the name of the parameter; those of DEFAULTS need not be repeated."""
    rows: list[tuple[str, dict[str, Make], frozenset[str]]] = field(default_factory=list)
    good: frozenset[str] = k.OK
    after: Callable[[World], None] | None = None
    """Sets back what a call that works changes in the process."""


def exactly(number: Any) -> Make:
    return lambda world: number


def cuts(name: str) -> list[str]:
    return [f"{name}-cut-{label}.h5" for label in CUTS]


def bits(name: str) -> list[str]:
    return [f"{name}-bit-{label}.h5" for label in BITS]


def default_kind(function: header.Function, parameter: header.Parameter) -> Kind | None:
    """What a parameter is when its entry says nothing."""
    name, type_ = parameter.name, parameter.type
    handles = ("model", "session", "dataset", "trainer", "linear")
    if name in handles and type_.endswith(f"snn_{name} *"):
        return k.handle(name)
    if type_.endswith("**") or name in ("out_length", "out_rank", "out_tensor"):
        return k.out()
    if name == "out_text":
        return k.out_buffer(100_000, 1)
    if name == "capacity":
        sizes = [p.name for p in function.parameters]
        if "out_text" in sizes:
            return k.capacity(100_000, (1, 2), k.INT64_MAX)
        if "out_data" in sizes:
            return k.capacity(1_000_000, (1, 63, 64, 1000), k.INT64_MAX)
        if type_ == "int32_t":
            return k.capacity(8, (1,), k.INT32_MAX)
        return k.capacity(ALL, (1,), k.INT64_MAX)
    if name == "out_data":
        return k.out_buffer(1_000_000, 1)
    if name == "out_values":
        return k.out_buffer(ALL, 8)
    if name == "inputs" and type_ == "const snn_array *":
        return k.arrays("inputs")
    if name == "targets":
        return k.arrays("targets")
    if name == "sample_weight":
        return k.arrays("weights", optional=True)
    if name in ("input_count", "target_count", "output_count"):
        return k.count32(1)
    if type_ in ("int32_t *", "int64_t *", "double *"):
        return k.out()
    return None


MODEL_OPTIONS = k.options(
    "{class_name: 'Functional', name: 'm', seed: 7}",
    typo=("{sed: 1}", "seed"),
    bad=[
        "{class_name: 'Functionl'}", "{class_name: 1}", "{class_name: null}", "{name: 1}",
        "{name: []}", "{seed: -1}", "{seed: 1.5}", "{seed: 9223372036854775808}", "{seed: '1'}",
        "{seed: NaN}", "{seed: Infinity}", "{seed: 1e300}", "{seed: true}",
    ],
)  # fmt: skip
SEED_OPTIONS = k.options(
    "{seed: 7}", typo=("{sede: 1}", "seed"),
    bad=["{seed: -1}", "{seed: 0.5}", "{seed: 1e19}", "{seed: []}", "{seed: NaN}"],
)  # fmt: skip
SAVE_OPTIONS = k.options(
    "{keep_previous: false, verify: true}", typo=("{verfy: true}", "verify"),
    bad=["{verify: 1}", "{verify: 'yes'}", "{keep_previous: 2}", "{keep_previous: null}"],
)  # fmt: skip
LOAD_OPTIONS = k.options(
    "{previous: false}", typo=("{forein: true}", "foreign"),
    bad=["{foreign: 1}", "{previous: 'no'}", "{seed: -1}", "{seed: NaN}"],
)  # fmt: skip
TRAINER_LOAD_OPTIONS = k.options(
    "{threads: 1}", typo=("{thread: 1}", "threads"),
    bad=["{threads: -1}", "{threads: 257}", "{threads: 1.5}", "{threads: NaN}", "{foreign: 3}"],
)  # fmt: skip
TRAINER_OPTIONS = k.options(
    "{optimizer: 'sgd', loss: 'sparse_categorical_crossentropy', metrics: ['accuracy']}",
    typo=("{loss: 'mean_squared_error', optimiser: 'sgd'}", "optimizer"),
    bad=[
        "{loss: 'mean_sqared_error'}", "{loss: 3}", "{loss: ['mean_squared_error', 'mse']}",
        "{loss: {class_name: 'Nothing', config: {}}}", "{loss: {config: {}}}",
        "{loss: 'mean_squared_error', optimizer: 'adma'}",
        "{loss: 'mean_squared_error', optimizer: 1}",
        *(
            f"{{loss: 'mean_squared_error', optimizer: {{class_name: '{name}', config: {config}}}}}"
            for name, config in (
                ("Adam", "{beta_3: 1}"), ("Adam", "{learning_rate: NaN}"),
                ("Adam", "{learning_rate: -1}"), ("Adam", "{beta_1: 1.5}"),
                ("Adam", "{epsilon: Infinity}"), ("SGD", "{momentum: NaN}"),
                ("SGD", "{nesterov: 5}"), ("SGD", "{clipnorm: -1}"), ("SGD", "{clipvalue: NaN}"),
                ("Adam", "{global_clipnorm: '1'}"), ("Adam", "{clipnorm: 1, clipvalue: 1}"),
                ("AdamW", "{weight_decay: null}"), ("AdamW", "{weight_decay: -0.1}"),
                ("RMSprop", "{rho: 1.5}"), ("RMSprop", "{centered: 1}"), ("Nadam", "{beta_2: 1}"),
                ("Adagrad", "{initial_accumulator_value: -1}"), ("Adadelta", "{epsilon: -1}"),
                ("Adamax", "{beta_1: 1}"), ("Lion", "{beta_1: 0}"), ("Muon", "{ns_steps: 0}"),
                ("Ftrl", "{learning_rate_power: 1}"), ("Adafactor", "{clip_threshold: 0}"),
                ("Muon", "{exclude_layers: ['(']}"), ("LBFGS", "{max_iter: 0}"),
                ("LBFGS", "{line_search_fn: 'wolfe'}"), ("LBFGS", "{history_size: 1e18}"),
                ("SGD", "{use_ema: 1}"), ("SGD", "{ema_momentum: 2}"),
                ("SGD", "{gradient_accumulation_steps: 1}"),
                ("SGD", "{exclude_from_weight_decay: 'bias'}"),
                ("SGD", "{exclude_from_weight_decay: ['none/kernel']}"),
                ("SGD", "{learning_rate_factors: {none: 1}}"),
                ("SGD", "{learning_rate_factors: {hidden: -1}}"),
                ("SGD", "{learning_rate: {class_name: 'Cosine', config: {}}}"),
                ("SGD", "{learning_rate: {class_name: 'CosineDecay', config: {}}}"),
                ("SGD", "{learning_rate: {class_name: 'LinearWarmup', config: "
                        "{learning_rate: {class_name: 'LinearWarmup', config: {}}}}}"),
            )
        ),
        "{loss: 'mean_squared_error', metrics: ['acuracy']}",
        *(
            f"{{loss: {{class_name: '{name}', config: {config}}}}}"
            for name, config in (
                ("Huber", "{delta: 0}"), ("Huber", "{delta: NaN}"), ("Huber", "{delta: '1'}"),
                ("Dice", "{axis: [9, 9]}"), ("Dice", "{axis: 9223372036854775807}"),
                ("Tversky", "{alpha: -1}"), ("BinaryFocalCrossentropy", "{gamma: -1}"),
                ("CategoricalFocalCrossentropy", "{gamma: Infinity}"), ("Circle", "{margin: 2}"),
                ("SparseCategoricalCrossentropy", "{ignore_class: 0.5}"),
            )
        ),
        *(
            f"{{loss: 'mse', weighted_metrics: [{{class_name: '{name}', config: {config}}}]}}"
            for name, config in (
                ("TopKCategoricalAccuracy", "{k: 0}"), ("Precision", "{thresholds: 2}"),
                ("Recall", "{top_k: 3}"), ("Recall", "{class_id: -1}"),
                ("AUC", "{num_thresholds: 1}"), ("AUC", "{num_thresholds: 9223372036854775807}"),
                ("AUC", "{thresholds: [NaN]}"), ("AUC", "{thresholds: []}"),
                ("AUC", "{label_weights: [1, -1]}"), ("PrecisionAtRecall", "{}"),
                ("MeanIoU", "{num_classes: 1000000}"), ("IoU", "{num_classes: 2}"),
                ("F1Score", "{average: 'all'}"), ("R2Score", "{num_regressors: -1}"),
                ("Recall", "{thresholds: []}"), ("Recall", "{thresholds: [0.5, 2]}"),
                ("TruePositives", "{thresholds: [NaN, 0.5]}"),
                ("FalseNegatives", f"{{thresholds: [{'0.5, ' * 4096}1]}}"),
                ("FBetaScore", "{average: []}"), ("R2Score", "{class_aggregation: 1}"),
            )
        ),
        "{loss: 'mean_squared_error', metrics: 'accuracy', threads: 'many'}",
        "{loss: 'mean_squared_error', metrics: [1]}",
        "{loss: 'mean_squared_error', loss_weights: [NaN]}",
        "{loss: 'mean_squared_error', loss_weights: [1, 2]}",
        "{loss: 'mean_squared_error', threads: -1}",
        "{loss: 'mean_squared_error', threads: 257}",
    ],
)  # fmt: skip
LOSS_OPTIONS = k.options(
    "{loss: 'huber', threads: 1}", typo=("{los: 'huber'}", "loss"),
    bad=[
        "{}", "{loss: null}", "{loss: 'hubr'}", "{loss: ['huber']}",
        "{loss: 'huber', threads: 257}", "{loss: 'sparse_categorical_crossentropy'}",
        "{loss: {class_name: 'Dice', config: {axis: 3}}}",
    ],
)  # fmt: skip
METRIC_OPTIONS = k.options(
    "{metric: 'mae', threads: 1}", typo=("{metrc: 'mae'}", "metric"),
    bad=[
        "{}", "{metric: null}", "{metric: 'mea'}", "{metric: ['mae']}",
        "{metric: 'sparse_categorical_accuracy'}", "{metric: 'auc'}",
        "{metric: {class_name: 'Recall', config: {top_k: 4}}}",
    ],
)  # fmt: skip
RESULT_OPTIONS = k.options(
    "{metric: 'mae', threads: 1}", typo=("{metrc: 'mae'}", "metric"),
    bad=[
        "{}", "{metric: null}", "{metric: 'mea'}", "{metric: 'auc'}",
        "{metric: {class_name: 'Recall', config: {thresholds: []}}}",
    ],
)  # fmt: skip
SESSION_OPTIONS = k.options(
    "{threads: 1, batch_capacity: 4}", typo=("{batchcapacity: 1}", "batch_capacity"),
    bad=[
        "{threads: -1}", "{threads: 257}", "{threads: 1e10}", "{threads: NaN}", "{threads: '1'}",
        "{batch_capacity: 0}", "{batch_capacity: -1}", "{batch_capacity: 1.5}",
        "{batch_capacity: 9223372036854775807}", "{batch_capacity: NaN}",
        "{scale: NaN}", "{scale: Infinity}", "{scale: 'big'}",
    ],
)  # fmt: skip
DATASET_OPTIONS = k.options(
    "{scale: 1.0}", typo=("{scal: 1}", "scale"),
    bad=["{scale: NaN}", "{scale: -Infinity}", "{scale: '1'}", "{scale: []}", "{scale: true}"],
)  # fmt: skip
OPEN_OPTIONS = k.options(
    "{inputs: ['x_train'], targets: ['y_train'], scale: 0.0625}",
    typo=("{input: ['x']}", "inputs"),
    bad=[
        "{inputs: 3}", "{inputs: [1]}", "{inputs: []}", "{targets: {}}",
        "{sample_weight: 1}", "{scale: NaN}", "{block_rows: -1}", "{block_rows: 1.5}",
        "{block_rows: NaN}", "{block_rows: 1e300}",
    ],
)  # fmt: skip
FIT_OPTIONS = k.options(
    "{epochs: 1, batch_size: 2}", typo=("{batch_sise: 32}", "batch_size"),
    bad=[
        "{epochs: -1}", "{epochs: 1.5}", "{epochs: NaN}", "{epochs: '3'}", "{epochs: 1e300}",
        "{initial_epoch: -1}", "{initial_epoch: NaN}", "{batch_size: 0}", "{batch_size: -32}",
        "{batch_size: 2.5}", "{batch_size: NaN}", "{batch_size: null}", "{shuffle: 'yes'}",
        "{shuffle: 1}", "{validation_split: 1}", "{validation_split: -0.1}",
        "{validation_split: NaN}", "{validation_split: 7}", "{validation_batch_size: 0}",
        "{resume: 1}", "{max_steps: 0}", "{max_steps: 1.5}", "{max_milliseconds: -1}",
        "{max_milliseconds: NaN}", "{max_epochs: -1}", "{validation_freq: 0}",
        "{validation_freq: [1]}", "{validation_steps: 0}", "{mixup: 0}", "{mixup: -1}",
        "{mixup: Infinity}", "{class_weight: [1]}", "{class_weight: {a: 1}}",
        "{class_weight: {'-1': 1}}", "{class_weight: {'0': -1}}", "{class_weight: {'0': NaN}}",
        "{class_weight: {'9223372036854775807': 1}}", "{callbacks: 'EarlyStopping'}",
        "{callbacks: [1]}", "{callbacks: ['EarlyStoping']}", "{callbacks: [['EarlyStopping']]}",
        "{callbacks: ['ModelCheckpoint']}", "{callbacks: ['BackupAndRestore']}",
        "{callbacks: ['CSVLogger']}",
        *(
            f"{{callbacks: [{{class_name: '{name}', config: {{{config}}}}}]}}"
            for name, config in (
                ("SwapEMAWeights", ""), ("SwapEMAWeights", "swap_on_epoch: 1"),
                ("EarlyStopping", "monitor: 'los'"), ("EarlyStopping", "monitor: 5"),
                ("EarlyStopping", "monitor: 'loss', mode: 'up'"),
                ("EarlyStopping", "monitor: 'loss', patience: -1"),
                ("EarlyStopping", "monitor: 'loss', min_delta: NaN"),
                ("EarlyStopping", "monitor: 'loss', baseline: 'low'"),
                ("EarlyStopping", "monitor: 'loss', patiense: 1"),
                ("ReduceLROnPlateau", "monitor: 'loss', factor: 1"),
                ("ReduceLROnPlateau", "monitor: 'loss', min_lr: -1"),
                ("ModelCheckpoint", "filepath: 'm'"), ("ModelCheckpoint", "filepath: ''"),
                ("ModelCheckpoint", "filepath: 'm-{epoch:02d.h5'"),
                ("ModelCheckpoint", "filepath: 'm-{epoch:99999d}.h5'"),
                ("ModelCheckpoint", "filepath: 'm-{loss:.99999f}.h5'"),
                ("ModelCheckpoint", "filepath: 'm-{}.h5'"),
                ("ModelCheckpoint", "filepath: 'm-}.h5'"),
                ("ModelCheckpoint", "filepath: 'm.h5', save_freq: 0"),
                ("ModelCheckpoint", "filepath: 'm.h5', save_weights_only: true"),
                ("BackupAndRestore", "backup_dir: ''"),
                ("BackupAndRestore", "backup_dir: 'b', save_freq: 'day'"),
                ("CSVLogger", "filename: 'l.csv', separator: ''"),
                ("CSVLogger", "filename: 'l.csv', separator: ', '"),
            )
        ),
    ],
)  # fmt: skip
EVALUATE_OPTIONS = k.options(
    "{batch_size: 2}", typo=("{batchsize: 2}", "batch_size"),
    bad=[
        "{batch_size: 0}", "{batch_size: -1}", "{batch_size: NaN}", "{batch_size: 0.5}",
        "{steps: 0}",
    ],
)  # fmt: skip
LINEAR_BAD = [
    "{alpha: -1}", "{alpha: NaN}", "{alpha: Infinity}", "{alpha: 'x'}", "{alpha: []}",
    "{alpha: [1, 'x']}", "{alpha: {}}", "{rcond: -1}", "{rcond: 2}", "{rcond: NaN}",
    "{rcond: 'x'}", "{scale_columns: 1}", "{scale_columns: null}", "{threads: -1}",
    "{threads: 257}", "{threads: NaN}",
]  # fmt: skip
LINEAR_OPTIONS = k.options(
    "{fit_intercept: true, alpha: 0.5}", typo=("{fit_intercpt: true}", "fit_intercept"),
    bad=[
        *LINEAR_BAD, "{fit_intercept: 1}", "{fit_intercept: 'no'}", "{forgetting_factor: 0}",
        "{forgetting_factor: -0.5}", "{forgetting_factor: 1.5}", "{forgetting_factor: NaN}",
        "{forgetting_factor: null}",
    ],
)  # fmt: skip
LAST_LAYER_OPTIONS = k.options(
    "{alpha: 0.5, batch_size: 2}", typo=("{alfa: 1}", "alpha"),
    bad=[*LINEAR_BAD, "{batch_size: 0}", "{batch_size: NaN}", "{alpha: [1, 2, 3]}"],
)  # fmt: skip
SEARCH_OPTIONS = k.options(
    "{steps: 3, batch_size: 2}", typo=("{stepps: 3}", "steps"),
    bad=[
        "{start: 0}", "{start: -1}", "{start: NaN}", "{end: 1e-9}", "{end: Infinity}",
        "{steps: 1}", "{steps: 1e18}", "{batch_size: 0}", "{smoothing: 1}", "{smoothing: NaN}",
        "{stop_factor: 0.5}", "{shuffle: 1}",
    ],
)  # fmt: skip
LAYER_OPTIONS = k.options(
    "{units: 3, name: 'more'}", typo=("{units: 3, actvation: 'relu'}", "activation"),
    unknown="{units: 3, nonsense: 1}",
    bad=[
        "{}", "{units: 0}", "{units: -3}", "{units: 1.5}", "{units: NaN}", "{units: Infinity}",
        "{units: '3'}", "{units: 1e18}", "{units: 9223372036854775807}", "{units: [3]}",
        "{units: 3, activation: 'rellu'}", "{units: 3, activation: 5}",
        "{units: 3, use_bias: 'no'}", "{units: 3, kernel_initializer: 'glorot'}",
        "{units: 3, kernel_initializer: {class_name: 'RandomNormal', config: {stddev: NaN}}}",
        "{units: 3, kernel_initializer: {class_name: 'RandomNormal', config: {sd: 1}}}",
        "{units: 3, kernel_initializer: 7}", "{units: 3, name: 'hidden'}", "{units: 3, name: 5}",
        "{units: 3, name: ''}", "{units: 3, trainable: 'no'}",
    ],
)  # fmt: skip

UNSUPPORTED = frozenset({"SNN_ERROR_UNSUPPORTED"})
STATE = frozenset({"SNN_ERROR_STATE"})
NUMERIC = frozenset({"SNN_ERROR_NUMERIC"})


def layer_row(class_name: str, options: str) -> tuple[str, dict[str, Make], frozenset[str]]:
    """A layer that cannot be: the class and its options together."""
    changes: dict[str, Make] = {
        "class_name": lambda world: world.text(class_name),
        "options": lambda world: world.text(options),
    }
    return f"{class_name} {options}", changes, k.TEXT | k.SIZE | UNSUPPORTED


LAYER_ROWS = [
    layer_row(class_name, options)
    for class_name, options in (
        ("dense", "{units: 3}"), ("Dens", "{units: 3}"), ("Lambda", "{function: 'x'}"),
        ("Conv9D", "{}"), ("InputLayer", "{shape: [3]}"), ("InputLayer", "{}"),
        ("Activation", "{}"), ("Activation", "{activation: 'nothing'}"),
        ("BatchNormalization", "{momentum: NaN}"), ("BatchNormalization", "{epsilon: 'x'}"),
        ("BatchNormalization", "{axis: 5}"), ("Dropout", "{rate: 1.5}"), ("Dropout", "{rate: -1}"),
        ("Dropout", "{rate: NaN}"), ("Dropout", "{rate: 'x'}"), ("Dropout", "{}"),
        ("Concatenate", "{axis: 9}"), ("Flatten", "{data_format: 'up'}"), ("Reshape", "{}"),
        ("Reshape", "{target_shape: [7]}"), ("Reshape", "{target_shape: [-1, -1]}"),
        ("Reshape", "{target_shape: [-2]}"), ("Reshape", "{target_shape: [0]}"),
        ("Reshape", "{target_shape: [4611686018427387904, 4]}"),
        ("Reshape", "{target_shape: 'x'}"), ("Softmax", "{axis: 7}"), ("Softmax", "{axis: 'x'}"),
        ("ReLU", "{max_value: -1}"), ("ReLU", "{negative_slope: NaN}"),
        ("LeakyReLU", "{negative_slope: NaN}"), ("LeakyReLU", "{alpha: 'x'}"),
        ("Permute", "{}"), ("Permute", "{dims: [2, 1]}"), ("Permute", "{dims: [0]}"),
        ("Permute", "{dims: 'x'}"),
        ("Permute", "{dims: [1, 1]}"), ("RepeatVector", "{}"), ("RepeatVector", "{n: 0}"),
        ("RepeatVector", "{n: 4611686018427387904}"), ("ELU", "{alpha: NaN}"),
        ("PReLU", "{shared_axes: 3}"), ("PReLU", "{shared_axes: 'x'}"),
        ("ZeroPadding1D", "{}"), ("ZeroPadding2D", "{padding: [[1, 2], [3]]}"),
        ("ZeroPadding2D", "{padding: 'x'}"), ("ZeroPadding3D", "{padding: -1}"),
        ("Cropping1D", "{cropping: [1, 2, 3]}"), ("Cropping2D", "{cropping: 0.5}"),
        ("Cropping3D", "{cropping: {a: 1}}"), ("UpSampling1D", "{size: 0}"),
        ("UpSampling2D", "{interpolation: 'lanczos3'}"), ("UpSampling3D", "{size: [1, 2]}"),
        ("Rescaling", "{}"), ("Rescaling", "{scale: NaN}"), ("Rescaling", "{scale: [[], {}]}"),
        ("Rescaling", "{scale: [1, 2, 3, 4, 5, 6, 7]}"), ("Normalization", "{axis: 0}"),
        ("Normalization", "{axis: 9}"), ("Normalization", "{mean: 1}"),
        ("Normalization", "{mean: 1, variance: -1}"), ("Dot", "{axes: 1}"), ("Dot", "{}"),
        ("Dot", "{axes: [1, 2, 3]}"), ("Subtract", "{}"), ("Multiply", "{axis: 1}"),
        ("LayerNormalization", "{axis: 0}"), ("LayerNormalization", "{axis: 7}"),
        ("LayerNormalization", "{axis: []}"), ("LayerNormalization", "{axis: [1, 1]}"),
        ("LayerNormalization", "{axis: [1, -1]}"), ("LayerNormalization", "{axis: 'x'}"),
        ("LayerNormalization", "{axis: 9223372036854775807}"),
        ("LayerNormalization", "{epsilon: 0}"), ("LayerNormalization", "{epsilon: NaN}"),
        ("LayerNormalization", "{rms_scaling: true}"), ("LayerNormalization", "{groups: 2}"),
        ("GroupNormalization", "{}"), ("GroupNormalization", "{groups: 0}"),
        ("GroupNormalization", "{groups: -2}"), ("GroupNormalization", "{groups: 2147483647}"),
        ("GroupNormalization", "{groups: 1, axis: 5}"), ("GroupNormalization", "{groups: 1.5}"),
        ("RMSNormalization", "{axis: -9}"), ("RMSNormalization", "{epsilon: -1}"),
        ("RMSNormalization", "{center: true}"), ("UnitNormalization", "{axis: 0}"),
        ("UnitNormalization", "{axis: null}"), ("UnitNormalization", "{epsilon: 1}"),
        ("Conv1D", "{}"), ("Conv1D", "{filters: 0, kernel_size: 3}"),
        ("Conv2D", "{filters: 4}"), ("Conv2D", "{filters: 4, kernel_size: 0}"),
        ("Conv2D", "{filters: 4, kernel_size: [1, 2, 3]}"), ("Conv3D", "{kernel_size: 3}"),
        ("Conv2D", "{filters: 4, kernel_size: 3, strides: 0}"),
        ("Conv2D", "{filters: 4, kernel_size: 3, strides: 2, dilation_rate: 2}"),
        ("Conv2D", "{filters: 4, kernel_size: 3, groups: 3}"),
        ("Conv2D", "{filters: 4, kernel_size: 3, padding: 'causal'}"),
        ("Conv2D", "{filters: 4, kernel_size: 3, data_format: 'up'}"),
        ("Conv1D", "{filters: 4, kernel_size: 3, dilation_rate: 2147483648}"),
        ("Conv1D", "{filters: 4, kernel_size: 3}"),
        ("DepthwiseConv1D", "{kernel_size: 3, depth_multiplier: 0}"),
        ("DepthwiseConv2D", "{}"), ("SeparableConv1D", "{filters: 1, kernel_size: 'x'}"),
        ("SeparableConv2D", "{filters: 1}"),
        ("Conv1DTranspose", "{filters: 1, kernel_size: 3, output_padding: 1}"),
        ("Conv2DTranspose", "{filters: 1, kernel_size: 3, output_padding: -1}"),
        ("Conv3DTranspose", "{filters: 1, kernel_size: 2147483648}"),
        ("MaxPooling1D", "{}"), ("MaxPooling2D", "{}"), ("MaxPooling3D", "{}"),
        ("MaxPooling1D", "{pool_size: 0}"), ("MaxPooling1D", "{pool_size: [1, 1]}"),
        ("MaxPooling2D", "{pool_size: [1]}"), ("MaxPooling1D", "{strides: 0}"),
        ("MaxPooling1D", "{pool_size: 2147483648}"), ("MaxPooling1D", "{padding: 'causal'}"),
        ("MaxPooling1D", "{data_format: 'up'}"), ("AveragePooling1D", "{}"),
        ("AveragePooling1D", "{pool_size: null}"), ("AveragePooling2D", "{pool_size: 'x'}"),
        ("AveragePooling1D", "{pool_size: 2, strides: -1}"),
        ("GlobalMaxPooling1D", "{keepdims: 2}"), ("GlobalAveragePooling2D", "{}"),
        ("GlobalAveragePooling3D", "{pool_size: 2}"),
    )
]  # fmt: skip


def text_entry() -> Entry:
    """A text about the model or trainer, with the question for its length."""
    return Entry(rows=[length_only("out_text")])


def length_only(buffer: str) -> tuple[str, dict[str, Make], frozenset[str]]:
    changes: dict[str, Make] = {buffer: exactly(None), "capacity": exactly(0)}
    return "asks only for the length", changes, k.OK


def free_entry(kind: str) -> Entry:
    return Entry({kind: k.handle(kind, null_is=k.OK)})


def memory_of(name: str) -> Make:
    return lambda world: world.memory(world.files.path(name).read_bytes())


def load_memory_entry(name: str, options: Kind, **more: Kind) -> Entry:
    damaged = [f"{name}-cut-half.h5", *bits(name), "text.h5", "zeros.h5", "signature.h5"]
    rows: list[tuple[str, dict[str, Make], frozenset[str]]] = []
    for other in damaged:

        def length(world: World, other: str = other) -> int:
            return world.files.path(other).stat().st_size

        rows.append((other, {"data": memory_of(other), "length": length}, k.DAMAGED))
    # The length must be the file's own, which an entry cannot know: the row takes it.
    sizes = [
        *(Bad(f"length {n}", exactly(n), k.SIZE | k.DAMAGED) for n in (-1, 0, 1, 8, 63, 64, 1000)),
        Bad(f"length {k.INT64_MIN}", exactly(k.INT64_MIN), k.SIZE),
    ]

    def own_length(world: World) -> int:
        return world.files.path(f"{name}.h5").stat().st_size

    return Entry(
        {
            "data": Kind(memory_of(f"{name}.h5"), [k.null()]),
            "length": Kind(own_length, sizes),
            "options": options,
            **more,
        },
        rows,
    )


def variable_entry() -> Entry:
    """A value of one variable, by its name."""
    return Entry(
        {
            "name": k.text("hidden/kernel", unknown="hidden/kernl"),
            "variable_name": k.text("hidden/kernel", unknown="hidden/kernl"),
        },
        [length_only("out_values")],
    )


BATCH_ROWS: list[tuple[str, dict[str, Make], frozenset[str]]] = [
    (
        "labels out of range",
        {"targets": lambda w: w.targets(data=w.int32s(0, 1, 7, 0, 1))},
        k.SIZE | NUMERIC,
    ),
    (
        "negative labels",
        {"targets": lambda w: w.targets(data=w.int32s(0, -1, 1, 0, 1))},
        k.SIZE | NUMERIC,
    ),
    (
        "NaN in the data",
        {"inputs": lambda w: w.inputs(data=w.floats(*[k.NAN] * (ROWS * FEATURES)))},
        NUMERIC,
    ),
    (
        "NaN in the weights",
        {"sample_weight": lambda w: w.weights(data=w.floats(*[k.NAN] * ROWS))},
        NUMERIC | k.ARGUMENT,
    ),
    ("one sample less in all but the inputs", {"targets": lambda w: w.targets(
        shape=w.int64s(ROWS - 1, 1))}, k.SIZE),
]  # fmt: skip


def json_rows() -> list[tuple[str, dict[str, Make], frozenset[str]]]:
    """Keras JSON, damaged in one place each."""

    def edited(edit: Callable[[Any], None]) -> Make:
        def make(world: World) -> int:
            config = world.files.json()
            edit(config)
            return world.text(json.dumps(config))

        return make

    def cut(share: float) -> Make:
        def make(world: World) -> int:
            whole = world.files.path("model.json").read_text()
            return world.text(whole[: int(len(whole) * share)])

        return make

    def layers(config: Any) -> Any:
        return config["config"]["layers"]

    def set_config(index: int, key: str, content: Any) -> Callable[[Any], None]:
        return lambda config: layers(config)[index]["config"].__setitem__(key, content)

    edits: dict[str, Callable[[Any], None]] = {
        "unknown model class": lambda c: c.update(class_name="Mine", config={"layers": []}),
        "model class is a number": lambda c: c.__setitem__("class_name", 3),
        "no config": lambda c: c.__delitem__("config"),
        "no layers": lambda c: c["config"].__delitem__("layers"),
        "layers are no list": lambda c: c["config"].__setitem__("layers", {"a": 1}),
        "layers are empty": lambda c: c["config"].__setitem__("layers", []),
        "a layer is a text": lambda c: layers(c).__setitem__(1, "Dense"),
        "unknown layer": lambda c: layers(c)[1].__setitem__("class_name", "Dens"),
        "a Lambda": lambda c: layers(c)[1].__setitem__("class_name", "Lambda"),
        "no layer class": lambda c: layers(c)[1].__delitem__("class_name"),
        "unknown activation": set_config(1, "activation", "rellu"),
        "units are a text": set_config(1, "units", "4"),
        "units are negative": set_config(1, "units", -4),
        "units are huge": set_config(1, "units", 2**62),
        "units are missing": lambda c: layers(c)[1]["config"].__delitem__("units"),
        "the same name twice": lambda c: (
            layers(c)[2].__setitem__("name", "hidden"),
            layers(c)[2]["config"].__setitem__("name", "hidden"),
        ),
        "no connection": lambda c: layers(c)[1].__setitem__("inbound_nodes", []),
        "connection is a number": lambda c: layers(c)[1].__setitem__("inbound_nodes", 3),
        "a circle": lambda c: layers(c)[1].__setitem__(
            "inbound_nodes", layers(c)[3]["inbound_nodes"]
        ),
        "a layer twice": lambda c: layers(c).append(layers(c)[1]),
        "unknown output": lambda c: c["config"].__setitem__("output_layers", [["none", 0, 0]]),
        "output is a number": lambda c: c["config"].__setitem__("output_layers", 3),
        "unknown input": lambda c: c["config"].__setitem__("input_layers", [["none", 0, 0]]),
        "negative input shape": set_config(0, "batch_shape", [None, -3]),
        "input shape is a text": set_config(0, "batch_shape", "3"),
        "input of rank 20": set_config(0, "batch_shape", [None] + [1] * 20),
        "input shape overflows": set_config(0, "batch_shape", [None, 2**40, 2**40]),
    }
    answers = k.TEXT | k.SIZE | k.FORMAT | UNSUPPORTED
    return [
        *((label, {"json": edited(edit)}, answers) for label, edit in edits.items()),
        *(
            (f"{share:.0%} of it", {"json": cut(share)}, k.TEXT)
            for share in (0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99)
        ),
        ("an empty object", {"json": lambda w: w.text("{}")}, answers),
        ("null", {"json": lambda w: w.text("null")}, answers),
    ]


def last_tensor(world: World) -> int:
    world.handle("open_model")
    return world.int32s(world.last_tensor)


def first_dense_tensor(world: World) -> int:
    world.handle("open_model")
    return world.int32s(world.dense_tensor)


def used_model(world: World) -> int:
    """A model that has predicted, and so takes no more layers."""
    world.predictions()
    return world.handle("model")


def tensor_rows(parameter: str) -> list[tuple[str, dict[str, Make], frozenset[str]]]:
    return [
        (f"tensor {n}", {parameter: lambda w, n=n: w.int32s(n)}, k.SIZE)
        for n in (-1, 99, k.INT32_MIN, k.INT32_MAX)
    ]


# A data set does not know its model yet: any number up to a bound may be right.
BOUNDED_COUNTS = dict.fromkeys((-1, 0, k.INT32_MIN, k.INT32_MAX), k.SIZE)

DATA_CUTS = [name for name in cuts("data") if "last-byte" not in name]

FOREIGN_ROWS: list[tuple[str, dict[str, Make], frozenset[str]]] = [
    (
        "a foreign file where none is wanted",
        {
            "path": lambda w: w.text(str(w.files.path("model-foreign.h5"))),
            "options": lambda w: w.text("{foreign: false}"),
        },
        k.FORMAT | UNSUPPORTED,
    ),
    ("an HDF5 file that is no model", {"path": lambda w: w.text(str(w.files.path("data.h5")))},
     k.FORMAT),
]  # fmt: skip


LINEAR_ROWS: list[tuple[str, dict[str, Make], frozenset[str]]] = [
    *BATCH_ROWS[2:],
    (
        "an infinity in the targets",
        {"targets": lambda w: w.targets(
            dtype=FLOAT32, data=w.floats(0, 1, 1, 0, float("inf")))},
        NUMERIC,
    ),
    (
        "a negative weight",
        {"sample_weight": lambda w: w.weights(data=w.floats(1, 1, -1, 1, 1))},
        k.ARGUMENT,
    ),
    (
        "as many penalties as no output has",
        {"linear": lambda w: w.handle("linear_of_two_outputs")},
        k.SIZE,
    ),
]  # fmt: skip


BEFORE_A_FIT: tuple[str, dict[str, Make], frozenset[str]] = (
    "before a fit", {"linear": lambda w: w.handle("linear")}, STATE,
)  # fmt: skip


def linear_values() -> Entry:
    """Numbers of a fitted linear model, with the question for their count."""
    return Entry(
        {"linear": k.handle("linear", "fitted_linear")},
        [length_only("out_values"), BEFORE_A_FIT],
    )


def process(function: str, *values: Any) -> Callable[[World], None]:
    return lambda world: world.library.must(function, *values)


ENTRIES: dict[str, Entry] = {
    # status and errors
    "snn_version": Entry(),
    "snn_status_name": Entry(
        {"status": k.int32(-5, dict.fromkeys(
            (*range(-20, 4), k.INT32_MIN, k.INT32_MAX), k.OK))}
    ),
    "snn_last_error": Entry(),
    "snn_build_info": text_entry(),
    "snn_log_set_callback": Entry(
        {
            "callback": Kind(exactly(None)),
            "user": Kind(exactly(None), [k.value("garbage", 0xDEADBEEF, k.OK)]),
        },
        after=process("snn_log_set_callback", None, None),
    ),
    "snn_loss_register": Entry(
        {
            # Any printable text is a name.
            "name": Kind(
                k.text("mine").good,
                [bad for bad in k.text("mine").bad if bad.label != "a format"]
                + [Bad("ours", lambda world: world.text("huber"), k.ARGUMENT, "huber")],
            ),
            "callback": Kind(exactly(None)),
            "user": Kind(exactly(None), [k.value("garbage", 0xDEADBEEF, k.OK)]),
        },
    ),
    "snn_layer_register": Entry(
        {
            # Any printable text without '/' is a name.
            "class_name": Kind(
                k.text("Mine").good,
                [bad for bad in k.text("Mine").bad if bad.label != "a format"]
                + [
                    Bad(name, lambda world, name=name: world.text(name), k.ARGUMENT, name)
                    for name in ("Dense", "InputLayer", "Conv2D", "Sequential")
                ]
                + [
                    Bad("a path", lambda world: world.text("a/b"), k.ARGUMENT),
                    Bad("65 bytes", lambda world: world.text("a" * 65), k.TEXT),
                ],
            ),
            "callbacks": k.layer_callbacks(),
            "user": Kind(exactly(None), [k.value("garbage", 0xDEADBEEF, k.OK)]),
        },
        after=lambda world: world.library.must(
            "snn_layer_register", world.text("Mine"), None, None
        ),
    ),
    "snn_loss_compute": Entry(
        {
            "options": LOSS_OPTIONS,
            "y_true": k.arrays("inputs"),
            "y_pred": k.arrays("inputs"),
            "out_gradient": k.out_buffer(ALL, 4),
        },
    ),
    "snn_metric_compute": Entry(
        {
            "options": METRIC_OPTIONS,
            "y_true": k.arrays("inputs"),
            "y_pred": k.arrays("inputs"),
            "sums": Kind(lambda w: w.memory(bytes(16)), [k.null()]),
            "sum_count": k.int64(2, dict.fromkeys((-1, 1, 3, 2**62, k.INT64_MIN), k.SIZE)),
            "out_sums": k.out_buffer(ALL, 8),
        },
    ),
    "snn_metric_get_result": Entry(
        {
            "options": RESULT_OPTIONS,
            # Their shape alone counts.
            "y_pred": k.arrays("inputs", checked=False, alone=True),
            "sums": Kind(lambda w: w.memory(bytes(16)), [k.null()]),
            "sum_count": k.int64(2, dict.fromkeys((-1, 1, 3, 2**62, k.INT64_MIN), k.SIZE)),
            "capacity": k.capacity(ALL, (), k.INT64_MAX),
        },
        [
            ("classes beyond all memory",
             {"options": lambda w: w.text("{metric: 'f1_score'}"),
              "y_pred": lambda w: w.inputs(shape=w.int64s(0, 2**40))}, k.SIZE),
            length_only("out_values"),
            ("none yet", {"sums": exactly(None), "sum_count": exactly(0)}, k.SIZE),
        ],
    ),
    # the process
    "snn_threads_set_count": Entry(
        {"count": k.int32(1, dict.fromkeys(
            (-1, -2, 257, 258, 1000, 65536, k.INT32_MIN, k.INT32_MAX), k.SIZE)
            | dict.fromkeys((0, 2, 256), k.OK))},
        after=process("snn_threads_set_count", 0),
    ),
    "snn_threads_get_count": Entry(),
    "snn_memory_set_limit": Entry(
        {"bytes": k.int64(0, dict.fromkeys((-1, -2, -(2**31), -(2**62), k.INT64_MIN), k.SIZE)
            | dict.fromkeys((1, 2**31, 2**32, 2**62, k.INT64_MAX), k.OK))},
        after=process("snn_memory_set_limit", 0),
    ),
    "snn_memory_get_usage": Entry(),
    # models
    "snn_model_create": Entry({"options": MODEL_OPTIONS}),
    "snn_model_create_from_json": Entry(
        {
            "json": Kind(
                lambda w: w.text(w.files.path("model.json").read_bytes()),
                [k.null(), *k.options().bad],
            ),
            "options": SEED_OPTIONS,
        },
        json_rows(),
    ),
    "snn_model_free": free_entry("model"),
    "snn_model_add_layer": Entry(
        {
            "model": k.handle("model", "open_model"),
            "class_name": k.text("Dense", unknown="Denze"),
            "options": LAYER_OPTIONS,
            "inputs": k.numbers(last_tensor),
        },
        [
            *LAYER_ROWS,
            *tensor_rows("inputs"),
            ("a complete model", {"model": used_model}, STATE),
            ("no input in a graph", {"inputs": exactly(None), "input_count": exactly(0)}, k.SIZE),
        ],
    ),
    "snn_model_call_layer": Entry(
        {
            "model": k.handle("model", "open_model"),
            "layer_name": k.text("norm", unknown="nrom"),
            "inputs": k.numbers(first_dense_tensor),
        },
        [
            *tensor_rows("inputs"),
            ("a complete model", {"model": used_model}, STATE),
            ("another shape", {"layer_name": lambda w: w.text("hidden")}, k.SIZE),
        ],
    ),
    "snn_model_set_outputs": Entry(
        {
            "model": k.handle("model", "open_model"),
            "tensors": k.numbers(last_tensor),
            "count": k.int32(1, dict.fromkeys((-1, 0, k.INT32_MIN, k.INT32_MAX), k.SIZE)),
        },
        [*tensor_rows("tensors"), ("a complete model", {"model": used_model}, STATE)],
    ),
    "snn_model_get_tensor_shape": Entry(
        {
            "model": k.handle("model", "open_model"),
            "tensor": k.index32(0, 1000),
            "out_shape": k.out_buffer(8, 8),
            "capacity": k.capacity(8, (), k.INT32_MAX),
        },
        [
            ("a complete model", {"model": used_model}, k.OK),
            ("asks only for the rank", {"out_shape": exactly(None), "capacity": exactly(0)}, k.OK),
        ],
    ),
    "snn_model_to_json": text_entry(),
    "snn_model_get_summary": text_entry(),
    "snn_model_describe": text_entry(),
    "snn_model_get_parameter_count": Entry(),
    "snn_model_get_variable_count": Entry(),
    "snn_model_get_variable_name": Entry({"index": k.index64(0, 8)}, [length_only("out_text")]),
    "snn_model_get_variable_shape": Entry(
        {
            "name": k.text("hidden/kernel", unknown="hidden/kernl"),
            "out_shape": k.out_buffer(8, 8),
        },
        [("asks only for the rank", {"out_shape": exactly(None), "capacity": exactly(0)}, k.OK)],
    ),
    "snn_model_get_variable": variable_entry(),
    "snn_model_set_variable": Entry(
        {
            "name": k.text("hidden/kernel", unknown="hidden/kernl"),
            "values": k.numbers(lambda w: w.floats(*range(FEATURES * 4))),
            "count": k.count64(FEATURES * 4),
        }
    ),
    "snn_model_set_trainable": Entry(
        {
            "layer_name": k.text("hidden", unknown="hiden", null_is=k.OK),
            "trainable": k.int32(0, dict.fromkeys(
                (-1, 2, k.INT32_MIN, k.INT32_MAX), k.OK | k.ARGUMENT)),
        }
    ),
    "snn_model_adapt": Entry(
        {
            "model": k.handle("model", "normalized_model"),
            "layer_name": k.text("scaled", unknown="scald"),
            "dataset": k.handle("dataset", "inputs_alone"),
        },
        [
            ("a layer that has no mean", {"layer_name": lambda w: w.text("hidden")}, UNSUPPORTED),
            ("inputs of another shape", {"dataset": lambda w: w.handle("other_dataset")}, k.SIZE),
            ("data that is not a number", {"dataset": lambda w: w.handle("nan_dataset")}, NUMERIC),
        ],
    ),
    "snn_model_save": Entry({"path": k.write_path("saved.h5"), "options": SAVE_OPTIONS}),
    "snn_model_save_memory": Entry({"options": SAVE_OPTIONS}, [length_only("out_data")]),
    "snn_model_load": Entry(
        {
            "path": k.read_path("model.h5", [*cuts("model"), *bits("model")]),
            "options": LOAD_OPTIONS,
        },
        FOREIGN_ROWS,
    ),
    "snn_model_load_memory": load_memory_entry("model", LOAD_OPTIONS),
    "snn_model_save_weights": Entry(
        {"path": k.write_path("saved.weights.h5"), "options": SAVE_OPTIONS}
    ),
    "snn_model_load_weights": Entry(
        {
            "path": k.read_path(
                "old.weights.h5", [*cuts("old.weights"), *bits("old.weights"), "data.h5"]
            ),
            "options": k.options(
                None, typo=("{forein: true}", "foreign"), bad=["{foreign: 1}", "{previous: 'no'}"]
            ),
        }
    ),
    # prediction
    "snn_session_create": Entry({"options": SESSION_OPTIONS}),
    "snn_session_free": free_entry("session"),
    "snn_session_predict": Entry(
        {
            "input": k.numbers(lambda w: w.floats(*range(ROWS * FEATURES))),
            "rows": k.int64(ROWS, dict.fromkeys(
                (-1, ROWS + 1, 2**31, 2**32, 2**61, 2**62, 2**63 - 1, k.INT64_MIN), k.SIZE)
                | {0: k.OK | k.SIZE}),
            "out_output": k.numbers(lambda w: w.out("out_output", ROWS * CLASSES * 4)),
            "capacity": k.capacity(
                ROWS * CLASSES, (0, 1, ROWS * CLASSES - 1), k.INT64_MAX),
        },
        [
            (f"{rows} rows and room for all", {"rows": exactly(rows),
             "capacity": exactly(k.INT64_MAX)}, k.SIZE)
            for rows in (2**62, 2**63 - 1, 2**63 // 3 + 1)
        ] + [("the input is the output", {"input": lambda w: w.inputs_and_outputs(),
             "out_output": lambda w: w.inputs_and_outputs()}, k.ARGUMENT)],
    ),
    "snn_session_predict_arrays": Entry(
        {
            "inputs": k.arrays("inputs", alone=True),
            "out_outputs": k.out_list(ROWS * CLASSES),
            "capacities": Kind(
                lambda w: w.int64s(ROWS * CLASSES),
                [k.null(), *(Bad(str(n), lambda w, n=n: w.int64s(n), k.SIZE)
                             for n in (-1, 0, 1, ROWS * CLASSES - 1, k.INT64_MIN))],
            ),
        }
    ),
    # data sets
    "snn_dataset_create": Entry(
        {
            "inputs": k.arrays("inputs", checked=False),
            "targets": k.arrays("targets", checked=False),
            "input_count": k.int32(1, BOUNDED_COUNTS),
            "target_count": k.int32(1, BOUNDED_COUNTS | {0: k.OK | k.SIZE}),
            "options": DATASET_OPTIONS,
        }
    ),
    "snn_dataset_open": Entry(
        {"path": k.read_path("data.h5", DATA_CUTS), "options": OPEN_OPTIONS},
        [
            (content, {"options": lambda w, t=content: w.text(t)}, k.TEXT | k.FORMAT | k.SIZE)
            for content in (
                "{inputs: ['none'], targets: ['y_train']}",
                "{inputs: ['x_train'], targets: ['none']}",
                "{inputs: ['x_train'], targets: ['y_test']}",
                "{inputs: [''], targets: ['y_train']}",
                "{inputs: ['/'], targets: ['y_train']}",
                "{inputs: ['x_train'], targets: ['y_train'], sample_weight: 'none'}",
                "{inputs: ['x_train'], targets: ['y_train'], sample_weight: 'x_train'}",
            )
        ],
    ),
    "snn_dataset_get_count": Entry(),
    "snn_dataset_free": free_entry("dataset"),
    # training
    "snn_trainer_create": Entry({"options": TRAINER_OPTIONS}),
    "snn_trainer_free": free_entry("trainer"),
    "snn_trainer_fit": Entry(
        {
            "validation": k.handle("dataset", null_is=k.OK),
            "options": FIT_OPTIONS,
            "callbacks": k.callbacks(),
        },
        [
            ("data of another shape", {"dataset": lambda w: w.handle("other_dataset")}, k.SIZE),
            ("validation data of another shape",
             {"validation": lambda w: w.handle("other_dataset")}, k.SIZE),
            ("data that is not a number", {"dataset": lambda w: w.handle("nan_dataset")}, NUMERIC),
            *(
                (options, {"options": lambda w, t=options: w.text(t)}, codes)
                for options, codes in (
                    ("{steps_per_epoch: 5}", UNSUPPORTED),
                    ("{callbacks: [{class_name: 'BackupAndRestore', config: {backup_dir: 'b', "
                     "double_checkpoint: true}}]}", UNSUPPORTED),
                    ("{callbacks: [{class_name: 'CSVLogger', config: "
                     "{filename: '/dev/null/l.csv'}}]}", k.IO),
                    ("{callbacks: [{class_name: 'BackupAndRestore', config: "
                     "{backup_dir: '/proc/none'}}]}", k.IO),
                )
            ),
        ],
    ),
    "snn_trainer_evaluate_told": Entry(
        {"options": EVALUATE_OPTIONS, "callbacks": k.callbacks()},
        [
            ("data of another shape", {"dataset": lambda w: w.handle("other_dataset")}, k.SIZE),
            length_only("out_values"),
        ],
    ),
    "snn_trainer_diagnostics": Entry(
        {"options": k.options("{}")},
        [
            # What is not finite is what it is to tell of.
            *((name, changes, codes | k.OK if NUMERIC <= codes else codes)
              for name, changes, codes in BATCH_ROWS),
            length_only("out_text"),
        ],
    ),
    "snn_trainer_evaluate": Entry(
        {"options": EVALUATE_OPTIONS},
        [
            ("data of another shape", {"dataset": lambda w: w.handle("other_dataset")}, k.SIZE),
            length_only("out_values"),
        ],
    ),
    "snn_trainer_get_metric_name": Entry({"index": k.index32(1, 2)}, [length_only("out_text")]),
    "snn_trainer_train_on_batch": Entry(rows=BATCH_ROWS),
    "snn_trainer_compute_gradients": Entry(rows=BATCH_ROWS),
    "snn_trainer_check_gradients": Entry(
        {
            "options": k.options(
                None, typo=("{number: 1}", "numbers"), bad=["{numbers: 0}", "{numbers: 'all'}"]
            ),
        },
        [length_only("out_text"), *BATCH_ROWS],
    ),
    "snn_trainer_get_gradient": Entry(
        {
            "trainer": k.handle("trainer", "trainer_with_gradients"),
            "variable_name": k.text("hidden/kernel", unknown="hidden/kernl"),
        },
        [
            length_only("out_values"),
            ("before any gradient", {"trainer": lambda w: w.handle("trainer")}, STATE),
        ],
    ),
    "snn_trainer_get_input_gradient": Entry(
        {
            "trainer": k.handle("trainer", "trainer_with_gradients"),
            "input": k.index32(0, 1),
        },
        [
            length_only("out_values"),
            ("before any gradient", {"trainer": lambda w: w.handle("trainer")}, STATE),
        ],
    ),
    "snn_trainer_get_learning_rate": Entry(),
    "snn_trainer_set_learning_rate": Entry(
        {"rate": k.real(0.01, dict.fromkeys(
            (k.NAN, float("inf"), -float("inf"), -1.0, -1e-300, -1e300), k.ARGUMENT))}
    ),
    "snn_trainer_find_learning_rate": Entry(
        {"options": SEARCH_OPTIONS},
        [
            ("data of another shape", {"dataset": lambda w: w.handle("other_dataset")}, k.SIZE),
            ("data that is not a number", {"dataset": lambda w: w.handle("nan_dataset")}, NUMERIC),
            length_only("out_text"),
        ],
    ),
    "snn_trainer_find_learning_rate_told": Entry(
        {"options": SEARCH_OPTIONS, "callbacks": k.callbacks()},
        [
            ("data of another shape", {"dataset": lambda w: w.handle("other_dataset")}, k.SIZE),
            ("data that is not a number", {"dataset": lambda w: w.handle("nan_dataset")}, NUMERIC),
            length_only("out_text"),
        ],
    ),
    "snn_trainer_get_callbacks": text_entry(),
    "snn_trainer_get_position": Entry(),
    "snn_trainer_get_history": text_entry(),
    "snn_trainer_describe": text_entry(),
    "snn_trainer_save": Entry({"path": k.write_path("saved.h5"), "options": SAVE_OPTIONS}),
    "snn_trainer_save_memory": Entry({"options": SAVE_OPTIONS}, [length_only("out_data")]),
    "snn_trainer_load": Entry(
        {
            "path": k.read_path("trainer.h5", [*cuts("trainer"), *bits("trainer")]),
            "options": TRAINER_LOAD_OPTIONS,
        },
        [("a file without training state",
          {"path": lambda w: w.text(str(w.files.path("model.h5")))}, k.FORMAT | STATE)],
    ),
    "snn_trainer_load_memory": load_memory_entry("trainer", TRAINER_LOAD_OPTIONS),
    # the exact fit
    "snn_linear_create": Entry({"options": LINEAR_OPTIONS}),
    "snn_linear_free": free_entry("linear"),
    "snn_linear_fit": Entry(
        {
            "inputs": k.arrays("inputs", checked=False),
            "targets": k.arrays("targets", checked=False),
        },
        [
            *LINEAR_ROWS,
            ("all weights are 0", {"sample_weight": lambda w: w.weights(
                data=w.floats(0, 0, 0, 0, 0))}, k.ARGUMENT),
        ],
    ),
    "snn_linear_fit_dataset": Entry(
        rows=[
            ("data that is not a number", {"dataset": lambda w: w.handle("nan_dataset")}, NUMERIC),
            ("no targets", {"dataset": lambda w: w.handle("inputs_alone")}, k.ARGUMENT),
        ],
    ),
    "snn_linear_update": Entry({"linear": k.handle("linear", "fitted_linear")}, LINEAR_ROWS[:-1]),
    "snn_linear_predict": Entry(
        {
            "linear": k.handle("linear", "fitted_linear"),
            "inputs": k.arrays("inputs", alone=True),
        },
        [length_only("out_values"), BEFORE_A_FIT],
    ),
    "snn_linear_get_coefficients": linear_values(),
    "snn_linear_get_intercept": Entry(
        {"linear": k.handle("linear", "fitted_linear"),
         "capacity": k.capacity(ALL, (), k.INT64_MAX)},
        linear_values().rows,
    ),
    "snn_linear_get_singular_values": linear_values(),
    "snn_linear_get_residual_sums_of_squares": Entry(
        {"linear": k.handle("linear", "fitted_linear"),
         "capacity": k.capacity(ALL, (), k.INT64_MAX)},
        linear_values().rows,
    ),
    "snn_linear_get_counts": Entry(
        {"linear": k.handle("linear", "fitted_linear")},
        [BEFORE_A_FIT],
    ),
    "snn_model_fit_last_layer": Entry(
        {
            "model": k.handle("model", "affine_model"),
            "dataset": k.handle("dataset", "affine_dataset"),
            "options": LAST_LAYER_OPTIONS,
        },
        [
            ("a model that ends in an activation", {"model": lambda w: w.handle("model")},
             UNSUPPORTED),
            ("targets of another shape", {"dataset": lambda w: w.handle("dataset")}, k.SIZE),
            ("inputs of another shape", {"dataset": lambda w: w.handle("other_dataset")}, k.SIZE),
            ("data that is not a number", {"dataset": lambda w: w.handle("affine_nan_dataset")},
             NUMERIC),
        ],
    ),
}  # fmt: skip


def rows() -> Iterator[Row]:
    """Every row, function by function in the header's order: the good call first."""
    for function in header.functions():
        entry = ENTRIES[function.name]
        yield Row(function.name, "as it should be", {}, entry.good)
        for parameter in function.parameters:
            for bad in kind_of(function, parameter).bad:
                label = f"{parameter.name}: {bad.label}"
                yield Row(function.name, label, {parameter.name: bad.make}, bad.allowed, bad)
        for label, changes, allowed in entry.rows:
            names = {p.name for p in function.parameters}
            if set(changes) <= names:
                yield Row(function.name, label, changes, allowed)


def kind_of(function: header.Function, parameter: header.Parameter) -> Kind:
    kind = ENTRIES[function.name].kinds.get(parameter.name) or default_kind(function, parameter)
    if kind is None:
        raise LookupError(f"{function.name}: its entry does not say what {parameter.name} is")
    return kind


def functions_without_entry() -> list[str]:
    return [f.name for f in header.functions() if f.name not in ENTRIES]


def entries_without_function() -> list[str]:
    return sorted(set(ENTRIES) - {f.name for f in header.functions()})
