"""The networks of the rows: as Keras's JSON, and what their arithmetic costs."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

Config = dict[str, Any]


@dataclass(frozen=True)
class Network:
    """A network that rows train or predict with.

    Attributes
    ----------
    name : str
        What the peers' programs know it by.
    keras : dict
        What ``to_json`` of Keras gives; the library reads it.
    input_shape : tuple of int
        Of one sample, channels last.
    classes : int
        Outputs.
    parameters : int
        Numbers that training changes.
    forward_flops : int
        Operations of the products of one sample's prediction, a multiply-add being two.
    first_flops : int
        Those of the first layer, whose input needs no gradient.
    dense : tuple of int
        Units from the input on, of a network that has dense layers only.
    """

    name: str
    keras: Config
    input_shape: tuple[int, ...]
    classes: int
    parameters: int
    forward_flops: int
    first_flops: int
    dense: tuple[int, ...] = ()

    def json(self) -> str:
        """The architecture as text."""
        return json.dumps(self.keras)

    @property
    def training_flops(self) -> int:
        """Operations of one sample's step: forward, both gradients of each layer but the first."""
        return 3 * self.forward_flops - self.first_flops


class Graph:
    """Draws a functional model in Keras's JSON and counts what it costs."""

    def __init__(self) -> None:
        self.layers: list[Config] = []
        self.shapes: dict[str, tuple[int, ...]] = {}
        self.parameters = 0
        self.products: list[int] = []

    def input(self, shape: tuple[int, ...]) -> str:
        """The model's input."""
        return self._add("InputLayer", {"batch_shape": [None, *shape]}, (), shape)

    def dense(self, x: str, units: int, activation: str = "linear") -> str:
        """A Dense layer on the last axis."""
        *outer, inputs = self.shapes[x]
        self.count(inputs * units + units, math.prod(outer) * inputs * units)
        config = {"units": units, "activation": activation}
        return self._add("Dense", config, (x,), (*outer, units))

    def convolution(self, x: str, filters: int, size: int, stride: int) -> str:
        """A Conv2D layer without bias, padded to ceil(size / stride)."""
        height, width, channels = self.shapes[x]
        shape = (-(-height // stride), -(-width // stride), filters)
        self.count(size * size * channels * filters, math.prod(shape) * size * size * channels)
        config = {
            "filters": filters, "kernel_size": [size, size], "strides": [stride, stride],
            "padding": "same", "use_bias": False,
        }  # fmt: skip
        return self._add("Conv2D", config, (x,), shape)

    def depthwise(self, x: str, size: int, stride: int) -> str:
        """A DepthwiseConv2D layer without bias, padded to ceil(size / stride)."""
        height, width, channels = self.shapes[x]
        shape = (-(-height // stride), -(-width // stride), channels)
        self.count(size * size * channels, math.prod(shape) * size * size)
        config = {
            "kernel_size": [size, size], "strides": [stride, stride], "padding": "same",
            "use_bias": False,
        }  # fmt: skip
        return self._add("DepthwiseConv2D", config, (x,), shape)

    def normalization(self, kind: str, x: str) -> str:
        """BatchNormalization or LayerNormalization of the last axis."""
        self.count(2 * self.shapes[x][-1], 0)
        return self._add(kind, {}, (x,), self.shapes[x])

    def attention(self, x: str, heads: int) -> str:
        """MultiHeadAttention of a sequence with itself, key_dim being its width / heads."""
        tokens, width = self.shapes[x]
        products = 4 * tokens * width * width + 2 * tokens * tokens * width
        self.count(4 * (width * width + width), products)
        config = {"num_heads": heads, "key_dim": width // heads}
        return self._add("MultiHeadAttention", config, (x, x), (tokens, width))

    def simple(
        self, kind: str, *inputs: str, shape: tuple[int, ...] | None = None, **config: Any
    ) -> str:
        """A layer without weights."""
        return self._add(kind, config, inputs, shape or self.shapes[inputs[0]])

    def network(self, name: str, first_products: int) -> Network:
        """The model from the first to the last layer that was drawn; `first_products` counts the
        multiply-adds with which the first layer's input would get a gradient."""
        first, last = self.layers[0]["name"], self.layers[-1]["name"]
        config = {
            "name": "bench", "layers": self.layers,
            "input_layers": [[first, 0, 0]], "output_layers": [[last, 0, 0]],
        }  # fmt: skip
        return Network(
            name, {"class_name": "Functional", "config": config}, self.shapes[first],
            self.shapes[last][-1], self.parameters, 2 * sum(self.products), 2 * first_products,
        )  # fmt: skip

    def count(self, parameters: int, multiply_adds: int) -> None:
        """Adds to what the network costs."""
        self.parameters += parameters
        if multiply_adds:
            self.products.append(multiply_adds)

    def _add(
        self, kind: str, config: Config, inputs: Sequence[str], shape: tuple[int, ...]
    ) -> str:
        name = f"layer_{len(self.layers)}"
        tensors: list[Any] = [_tensor(x, self.shapes[x]) for x in inputs]
        # Layers that merge take a list of tensors; attention takes query and value.
        merges = len(inputs) > 1 and kind != "MultiHeadAttention"
        node: Config = {"args": [tensors] if merges else tensors, "kwargs": {}}
        self.layers.append(
            {
                "class_name": kind, "name": name, "config": {"name": name, **config},
                "inbound_nodes": [node] if inputs else [],
            }  # fmt: skip
        )
        self.shapes[name] = shape
        return name


def _tensor(name: str, shape: tuple[int, ...]) -> Config:
    config = {"shape": [None, *shape], "dtype": "float32", "keras_history": [name, 0, 0]}
    return {"class_name": "__keras_tensor__", "config": config}


def dense_network(name: str, units: Sequence[int]) -> Network:
    """Dense layers in a row with relu between them."""
    layers: list[Config] = [
        {"class_name": "InputLayer", "config": {"batch_shape": [None, units[0]]}}
    ]
    for count in units[1:]:
        layers.append(
            {"class_name": "Dense", "config": {"units": count, "activation": "relu"}}
        )
    layers[-1]["config"]["activation"] = "linear"
    products = [a * b for a, b in zip(units, units[1:])]
    return Network(
        name, {"class_name": "Sequential", "config": {"name": "bench", "layers": layers}},
        (units[0],), units[-1], sum(products) + sum(units[1:]), 2 * sum(products),
        2 * products[0], tuple(units),
    )  # fmt: skip


def _basic_block(graph: Graph, x: str, filters: int, stride: int) -> str:
    """relu(x + f(x)) of two 3×3 convolutions (He, Zhang, Ren and Sun 2016)."""
    y = graph.convolution(x, filters, 3, stride)
    y = graph.simple("ReLU", graph.normalization("BatchNormalization", y))
    y = graph.normalization("BatchNormalization", graph.convolution(y, filters, 3, 1))
    if stride != 1 or graph.shapes[x][-1] != filters:
        x = graph.convolution(x, filters, 1, stride)
        x = graph.normalization("BatchNormalization", x)
    return graph.simple("ReLU", graph.simple("Add", y, x))


def _residual_head(graph: Graph, x: str, widths: Sequence[int], blocks: int, classes: int) -> None:
    for stage, filters in enumerate(widths):
        for block in range(blocks):
            x = _basic_block(graph, x, filters, 2 if stage > 0 and block == 0 else 1)
    x = graph.simple("GlobalAveragePooling2D", x, shape=(widths[-1],))
    graph.dense(x, classes)


def resnet20() -> Network:
    """The ResNet-20 of CIFAR-10, shortcuts being 1×1 convolutions."""
    graph = Graph()
    x = graph.convolution(graph.input((32, 32, 3)), 16, 3, 1)
    x = graph.simple("ReLU", graph.normalization("BatchNormalization", x))
    _residual_head(graph, x, (16, 32, 64), 3, 10)
    return graph.network("resnet20", graph.products[0])


def resnet18() -> Network:
    """The ResNet-18 of ImageNet."""
    graph = Graph()
    x = graph.convolution(graph.input((224, 224, 3)), 64, 7, 2)
    x = graph.simple("ReLU", graph.normalization("BatchNormalization", x))
    x = graph.simple(
        "MaxPooling2D", x, shape=(56, 56, 64), pool_size=[3, 3], strides=[2, 2], padding="same"
    )
    _residual_head(graph, x, (64, 128, 256, 512), 2, 1000)
    return graph.network("resnet18", graph.products[0])


# Of MobileNetV2: expansion, channels, blocks and the first one's stride.
MOBILENET_STAGES = (
    (1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2),
    (6, 320, 1, 1),
)  # fmt: skip


def mobilenetv2() -> Network:
    """The MobileNetV2 of ImageNet (Sandler, Howard, Zhu, Zhmoginov and Chen 2018)."""
    graph = Graph()

    def normalized(x: str, is_active: bool = True) -> str:
        x = graph.normalization("BatchNormalization", x)
        return graph.simple("ReLU", x, max_value=6.0) if is_active else x

    x = normalized(graph.convolution(graph.input((224, 224, 3)), 32, 3, 2))
    for expansion, filters, blocks, first_stride in MOBILENET_STAGES:
        for block in range(blocks):
            stride = first_stride if block == 0 else 1
            inputs = graph.shapes[x][-1]
            y = x
            if expansion > 1:
                y = normalized(graph.convolution(y, expansion * inputs, 1, 1))
            y = normalized(graph.depthwise(y, 3, stride))
            y = normalized(graph.convolution(y, filters, 1, 1), is_active=False)
            x = graph.simple("Add", x, y) if stride == 1 and inputs == filters else y
    x = normalized(graph.convolution(x, 1280, 1, 1))
    graph.dense(graph.simple("GlobalAveragePooling2D", x, shape=(1280,)), 1000)
    return graph.network("mobilenetv2", graph.products[0])


def lstm() -> Network:
    """An LSTM of 128 units over 100 steps of 64 numbers, and a Dense layer on the last state."""
    steps, inputs, units, classes = 100, 64, 128, 10
    graph = Graph()
    x = graph.input((steps, inputs))
    graph.count(4 * units * (inputs + units + 1), steps * 4 * units * (inputs + units))
    x = graph.simple("LSTM", x, shape=(units,), units=units)
    graph.dense(x, classes)
    return graph.network("lstm", steps * 4 * units * inputs)


def encoder() -> Network:
    """Four transformer encoder layers, normalized first, on 128 tokens of width 256."""
    graph = Graph()
    x = graph.input((128, 256))
    for _ in range(4):
        y = graph.attention(graph.normalization("LayerNormalization", x), heads=4)
        x = graph.simple("Add", x, y)
        y = graph.dense(graph.normalization("LayerNormalization", x), 1024, "gelu")
        x = graph.simple("Add", x, graph.dense(y, 256))
    graph.dense(graph.simple("GlobalAveragePooling1D", x, shape=(256,)), 10)
    return graph.network("encoder", 0)


NETWORKS: dict[str, Network] = {
    network.name: network
    for network in (
        dense_network("mlp", (784, 512, 512, 10)),
        dense_network("tiny", (4, 16, 16, 3)),
        resnet20(),
        resnet18(),
        mobilenetv2(),
        lstm(),
        encoder(),
    )
}
