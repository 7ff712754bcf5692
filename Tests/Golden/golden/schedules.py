"""`schedules.json`: learning rates at many steps; in float64, as Keras's own dtype is set."""

import keras

from .text import document

STEPS = [*range(0, 26), 30, 39, 40, 41, 50, 64, 99, 100, 101, 150, 240, 1000, 12345]

CONFIGURATIONS = [
    (
        "ExponentialDecay",
        {"initial_learning_rate": 0.1, "decay_steps": 10, "decay_rate": 0.96},
    ),
    (
        "ExponentialDecay",
        {
            "initial_learning_rate": 0.1,
            "decay_steps": 7,
            "decay_rate": 0.5,
            "staircase": True,
        },
    ),
    ("ExponentialDecay", {"initial_learning_rate": 0.1, "decay_steps": 500, "decay_rate": 1.25}),
    ("PiecewiseConstantDecay", {"boundaries": [10], "values": [1.0, 0.5]}),
    ("PiecewiseConstantDecay", {"boundaries": [3, 20, 100], "values": [1.0, 0.5, 0.1, 0.01]}),
    ("PolynomialDecay", {"initial_learning_rate": 0.1, "decay_steps": 40}),
    (
        "PolynomialDecay",
        {
            "initial_learning_rate": 0.1,
            "decay_steps": 40,
            "end_learning_rate": 0.01,
            "power": 0.5,
        },
    ),
    (
        "PolynomialDecay",
        {"initial_learning_rate": 0.1, "decay_steps": 20, "power": 2.0, "cycle": True},
    ),
    (
        "InverseTimeDecay",
        {"initial_learning_rate": 0.1, "decay_steps": 10, "decay_rate": 0.5},
    ),
    (
        "InverseTimeDecay",
        {
            "initial_learning_rate": 0.1,
            "decay_steps": 10,
            "decay_rate": 0.5,
            "staircase": True,
        },
    ),
    ("CosineDecay", {"initial_learning_rate": 0.1, "decay_steps": 100}),
    ("CosineDecay", {"initial_learning_rate": 0.1, "decay_steps": 40, "alpha": 0.1}),
    (
        "CosineDecay",
        {
            "initial_learning_rate": 0.0,
            "decay_steps": 40,
            "warmup_target": 0.25,
            "warmup_steps": 10,
        },
    ),
    (
        "CosineDecay",
        {
            "initial_learning_rate": 0.01,
            "decay_steps": 40,
            "alpha": 0.25,
            "warmup_target": 0.25,
            "warmup_steps": 0,
        },
    ),
    ("CosineDecayRestarts", {"initial_learning_rate": 0.1, "first_decay_steps": 10}),
    (
        "CosineDecayRestarts",
        {
            "initial_learning_rate": 0.1,
            "first_decay_steps": 7,
            "t_mul": 1.0,
            "m_mul": 0.75,
            "alpha": 0.1,
        },
    ),
    (
        "CosineDecayRestarts",
        {"initial_learning_rate": 0.1, "first_decay_steps": 9, "t_mul": 1.5, "m_mul": 0.9},
    ),
]


def case(class_name, config):
    schedule = getattr(keras.optimizers.schedules, class_name)(**config)
    return {
        "class_name": class_name,
        "config": config,
        "written": schedule.get_config(),
        "rates": [float(schedule(step)) for step in STEPS],
    }


def make():
    return document(steps=STEPS, cases=[case(*row) for row in CONFIGURATIONS])
