"""The graph that functional calls draw in Python, until a `Model` gives it to the library."""

from __future__ import annotations

import re
import weakref
from collections.abc import Sequence
from typing import TYPE_CHECKING

from .errors import ArgumentError

if TYPE_CHECKING:
    from .layers import Layer


class KerasTensor:
    """A tensor of a graph: a shape, and the call that makes it.

    Attributes
    ----------
    shape : tuple of (int or None)
        The shape; the batch comes first and is None.
    name : str
        The name of the layer that makes it.
    dtype : str
        Always ``"float32"``.
    """

    dtype = "float32"

    def __init__(
        self, shape: Sequence[int | None], node: Node | None = None, name: str | None = None
    ) -> None:
        self.shape = tuple(shape)
        self.node = node
        self._name = name

    @property
    def name(self) -> str:
        return self.node.layer.name or "" if self.node else self._name or ""

    @property
    def ndim(self) -> int:
        """The number of axes, with the batch."""
        return len(self.shape)

    def __repr__(self) -> str:
        return f"<KerasTensor shape={self.shape}, dtype={self.dtype}, name={self.name!r}>"

    def __iter__(self) -> None:
        raise TypeError("a KerasTensor cannot be iterated")

    def __array__(self, *_: object, **__: object) -> None:
        raise TypeError("a KerasTensor has no values: it stands for those of a later prediction")


class Node:
    """One call of a layer on tensors.

    Its output knows it, and not the other way round: a model's memory is freed with the last
    reference, without waiting for the collector of cycles.
    """

    __slots__ = ("_output", "inputs", "layer")

    def __init__(self, layer: Layer, inputs: Sequence[KerasTensor]) -> None:
        self.layer = layer
        self.inputs = tuple(inputs)

    def make_output(self, shape: Sequence[int | None]) -> KerasTensor:
        """The tensor that the call gives; made once."""
        output = KerasTensor(shape, self)
        self._output = weakref.ref(output)
        return output

    @property
    def output(self) -> KerasTensor:
        """That tensor, which who came to this call through it holds."""
        output = self._output()
        assert output is not None
        return output


def sorted_nodes(inputs: Sequence[KerasTensor], outputs: Sequence[KerasTensor]) -> list[Node]:
    """The calls that lead from inputs to outputs, each after those that it needs.

    The layers appear in Keras's order: by their greatest distance from an output, and those of
    one distance in the order in which a depth-first walk from the outputs meets them.

    Raises
    ------
    ArgumentError
        An output depends on an `Input` that is not among the inputs.
    """
    finished, met = _walk(inputs, outputs)
    ranks = _layer_ranks(finished, met)
    calls: dict[int, list[Node]] = {}
    for node in finished:
        calls.setdefault(id(node.layer), []).append(node)
    # A layer enters at its rank's turn with the first of its calls that is ready; its other
    # calls wait until they are.
    available: set[int] = set()
    ordered: list[Node] = []
    waiting: list[Node] = []
    for layer in sorted(ranks, key=lambda key: ranks[key]):
        waiting += calls[layer]
        while ready := [node for node in waiting if _is_ready(node, available)]:
            ordered += ready
            available.update(id(node.output) for node in ready)
            waiting = [node for node in waiting if id(node.output) not in available]
    return ordered


def _is_ready(node: Node, available: set[int]) -> bool:
    return all(id(tensor) in available for tensor in node.inputs)


def _walk(
    inputs: Sequence[KerasTensor], outputs: Sequence[KerasTensor]
) -> tuple[list[Node], dict[int, int]]:
    """All calls, each after those that it needs, and the order in which their layers were met."""
    given = {id(tensor) for tensor in inputs}
    finished: list[Node] = []
    done: set[int] = set()
    met: dict[int, int] = {}
    stack: list[tuple[Node, bool]] = [(_node(tensor), False) for tensor in reversed([*outputs])]
    while stack:
        node, leaving = stack.pop()
        if leaving:
            if id(node) not in done:
                done.add(id(node))
                finished.append(node)
            continue
        if id(node) in done:
            continue
        met.setdefault(id(node.layer), len(met))
        if not node.inputs and id(node.output) not in given:
            raise ArgumentError(
                f"the outputs depend on the input {node.output!r}, which is not among the inputs "
                "of the model"
            )
        stack.append((node, True))
        stack += [(_node(tensor), False) for tensor in reversed(node.inputs)]
    # An input that leads nowhere comes before the layers next to the outputs.
    for position, tensor in enumerate(inputs):
        node = _node(tensor)
        if id(node) not in done:
            done.add(id(node))
            finished.append(node)
            met[id(node.layer)] = position - len(inputs)
    return finished, met


def _layer_ranks(finished: list[Node], met: dict[int, int]) -> dict[int, tuple[int, int]]:
    """For each layer: (minus its distance from the outputs, when it was met)."""
    node_depths: dict[int, int] = {}
    layer_depths: dict[int, int] = {}
    for node in reversed(finished):
        depth = max(node_depths.get(id(node), 0), layer_depths.get(id(node.layer), 0))
        layer_depths[id(node.layer)] = depth
        node_depths[id(node)] = depth
        for tensor in node.inputs:
            parent = id(_node(tensor))
            node_depths[parent] = max(depth + 1, node_depths.get(parent, 0))
    return {layer: (-depth, met[layer]) for layer, depth in layer_depths.items()}


def _node(tensor: KerasTensor) -> Node:
    if not isinstance(tensor, KerasTensor):
        raise ArgumentError(
            f"expected a tensor made by Input() or by calling a layer, received {tensor!r}"
        )
    if tensor.node is None:
        raise ArgumentError(
            f"the tensor {tensor.name!r} is of a loaded model and cannot be built upon"
        )
    return tensor.node


def snake_case(class_name: str) -> str:
    """``LeakyReLU`` -> ``leaky_re_lu``: Keras's rule for automatic names."""
    plain = re.sub(r"\W+", "", class_name)
    plain = re.sub(r"(.)([A-Z][a-z]+)", r"\1_\2", plain)
    return re.sub(r"([a-z])([A-Z])", r"\1_\2", plain).lower()


class Names:
    """Automatic names, counted for each model: dense, dense_1, dense_2 ..."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def take(self, name: str) -> None:
        """Keep a name that was given from being made."""
        self._taken.add(name)

    def make(self, class_name: str) -> str:
        """The next free name of a class."""
        base = name = snake_case(class_name)
        number = 0
        while name in self._taken:
            number += 1
            name = f"{base}_{number}"
        self._taken.add(name)
        return name
