"""Values of a wrong kind are refused by the library's own errors, which name what came."""

import numpy as np
import pytest
from conftest import two_layers

import swiftnn
from swiftnn import losses, metrics, optimizers


def mse(y_true, y_pred):
    """A loss of Python with a name of the library's."""
    difference = y_pred - y_true
    return (difference**2).mean(1), 2 * difference / difference.shape[1]


@pytest.mark.parametrize(
    ("optimizer", "words"),
    [
        (optimizers.Adam, r"the class Adam: write Adam\(\)"),
        (dict, "received <class 'dict'>"),
        (3, "received 3"),
        (None, "received None"),
        ({"config": {}}, "received {'config': {}}"),
        ({"class_name": "SGD", "config": 3}, "received {'class_name': 'SGD', 'config': 3}"),
    ],
)
def test_what_is_no_optimizer(optimizer, words):
    model = two_layers()
    before = model.optimizer
    with pytest.raises(swiftnn.ArgumentError, match=f"optimizer: expected a name, .*{words}"):
        model.compile(optimizer, "mse")
    assert model.optimizer is before


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"class_weight": [1, 2]}, r"class_weight: expected a dictionary .*received \[1, 2\]"),
        ({"class_weight": {"a": 1}}, "class_weight: expected a class number, received 'a'"),
        ({"class_weight": {0.5: 1}}, "class_weight: expected a class number, received 0.5"),
        ({"class_weight": {np.nan: 1}}, "class_weight: expected a class number, received nan"),
        ({"class_weight": {0: "a"}}, "class_weight of 0: expected a number, received 'a'"),
        ({"sample_weight": "a"}, "sample_weight: expected an array"),
        ({"sample_weight": ["a"] * 256}, "sample_weight: expected numbers"),
        ({"validation_split": "a"}, "validation_split: expected a number, received 'a'"),
        ({"validation_split": [1]}, r"validation_split: expected a number, received \[1\]"),
        ({"max_steps": "a"}, "max_steps: expected a number from 1, received 'a'"),
        ({"max_steps": np.nan}, "max_steps: expected a number from 1, received nan"),
        ({"max_steps": np.inf}, "max_steps: expected a number from 1, received inf"),
        ({"max_seconds": "a"}, "max_seconds: expected 0 to 1e9, received 'a'"),
    ],
)
def test_what_a_fit_does_not_take(points, options, words):
    with pytest.raises(swiftnn.ArgumentError, match=words):
        two_layers().fit(*points, verbose=0, **options)


def test_what_a_step_and_a_search_do_not_take(points):
    model = two_layers()
    for weights in ([1, 2], {"a": 1}):
        with pytest.raises(swiftnn.ArgumentError, match="class_weight"):
            model.train_on_batch(*points, class_weight=weights)
    with pytest.raises(swiftnn.ArgumentError, match="start: expected a number, received 'a'"):
        model.find_learning_rate(*points, start="a")


@pytest.mark.parametrize("rate", ["a", None, [1]])
def test_what_is_no_learning_rate(rate):
    with pytest.raises(swiftnn.ArgumentError, match="learning_rate: expected a number, received"):
        two_layers().optimizer.learning_rate = rate


@pytest.mark.parametrize("steps", [2, 2.0, np.int64(2)])
def test_numbers_of_any_kind_are_numbers(points, steps):
    model = two_layers()
    assert model.fit(
        *points, verbose=0, max_steps=steps, max_seconds=np.float32(100),
        class_weight={np.int64(0): np.float32(1), 1.0: 2}, validation_split=np.float64(0.25),
    ).paused  # fmt: skip


def test_a_class_of_a_metric_or_a_loss_serves_as_in_keras(points):
    values = []
    for made in (lambda kind: kind, lambda kind: kind()):
        model = two_layers()
        model.compile(
            "sgd", made(losses.BinaryCrossentropy), metrics=[made(metrics.AUC), "accuracy"]
        )
        assert model.metrics_names == ["loss", "auc", "accuracy"]
        values.append(model.evaluate(*points, verbose=0))
    assert values[0] == values[1]
    with pytest.raises(swiftnn.ArgumentError, match=r"metrics: .*the class MeanIoU.*num_classes"):
        model.compile("sgd", "mse", metrics=[metrics.MeanIoU])


def test_a_function_with_the_name_of_a_loss_is_to_be_renamed():
    with pytest.raises(swiftnn.ArgumentError, match="loss: the function 'mse' must be renamed"):
        two_layers().compile("sgd", mse)


@pytest.mark.parametrize("options", [{"metrics": [len]}, {"loss": object()}, {"threads": {1}}])
def test_what_compile_does_not_take(options):
    with pytest.raises(swiftnn.ArgumentError, match=f"{next(iter(options))}: expected a name"):
        two_layers().compile(**{"loss": "mse", **options})
