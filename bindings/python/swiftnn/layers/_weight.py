"""The weights of layers that are written in Python."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from .._entries import Array
from .._weights import read
from ..errors import StateError

if TYPE_CHECKING:
    from ._custom import CustomLayer


class Pass:
    """A call of a layer, while it is entered: what stands for its weights on this thread."""

    __slots__ = ("_before", "_random", "_seed", "gradients", "layer", "weights")

    def __init__(
        self, layer: CustomLayer, weights: list[Array], gradients: list[Array] | None, seed: int
    ) -> None:
        self.layer = layer
        self.weights = weights
        self.gradients = gradients
        self._seed = seed
        self._random: np.random.Generator | None = None

    @staticmethod
    def of(layer: CustomLayer | None) -> Pass | None:
        """The pass of the layer that is under way on this thread."""
        under_way: Pass | None = getattr(_local, "under_way", None)
        return under_way if under_way and under_way.layer is layer else None

    @property
    def random(self) -> np.random.Generator:
        """One for the pass: each draw goes on from the last."""
        if self._random is None:
            self._random = np.random.Generator(np.random.Philox(key=self._seed))
        return self._random

    def __enter__(self) -> None:
        self._before = getattr(_local, "under_way", None)
        _local.under_way = self

    def __exit__(self, *_: object) -> None:
        _local.under_way = self._before


_local = threading.local()


class Weight(np.lib.mixins.NDArrayOperatorsMixin):
    """A weight of a layer of your own: in most places an array that cannot be written to.

    Its numbers are those of the pass inside `call` and `backward`, and a copy elsewhere. What an
    array has, such as ``reshape`` or ``sum``, it has too.
    """

    def __init__(self, layer: CustomLayer, entry: dict[str, Any]) -> None:
        # Not the layer: that would be a cycle, and a model's memory be freed late.
        self._layer = weakref.ref(layer)
        self._index = -1
        self._entry = entry
        self.name: str = entry["name"]
        self.shape: tuple[int, ...] = tuple(entry["shape"])
        self.trainable: bool = entry["trainable"]

    dtype = np.dtype(np.float32)

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return len(self.shape)

    @property
    def value(self) -> Array:
        """The numbers."""
        layer = self._layer()
        under_way = Pass.of(layer)
        if under_way is not None:
            return under_way.weights[self._index]
        if layer is None:
            raise StateError(f"the layer of the weight {self.name!r} is gone")
        if layer._model is None and getattr(_local, "under_way", None) is not None:
            raise StateError(
                f"{layer!r} was used inside of another layer of yours, which must make the weights "
                "itself: layers cannot have layers"
            )
        return read(layer._built(), layer._variable(self._index))

    @property
    def gradient(self) -> Array:
        """Inside `backward`: zeros, in which the derivatives for the weight are to be put."""
        under_way = Pass.of(self._layer())
        if under_way is None or under_way.gradients is None:
            raise StateError(f"the weight {self.name!r} has a gradient inside of backward() only")
        return under_way.gradients[self._index]

    @gradient.setter
    def gradient(self, values: Any) -> None:
        target = self.gradient
        if values is not target:  # which `+=` has written to
            np.copyto(target, np.broadcast_to(values, target.shape), casting="same_kind")

    @property
    def T(self) -> Array:  # noqa: N802
        """The transposed numbers."""
        return self.value.T

    def numpy(self) -> Array:
        """A copy of the numbers."""
        return self.value.copy()

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        return np.array(self.value, dtype) if copy else np.asarray(self.value, dtype)

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
        if any(isinstance(each, Weight) for each in options.get("out", ())):
            raise self._refusal()
        arrays = [each.value if isinstance(each, Weight) else each for each in inputs]
        return getattr(ufunc, method)(*arrays, **options)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or not hasattr(np.ndarray, name):
            raise AttributeError(f"a weight has no {name!r}")
        return getattr(self.value, name)

    def __getitem__(self, key: Any) -> Any:
        return self.value[key]

    def __setitem__(self, key: Any, values: Any) -> None:
        raise self._refusal()

    def _refusal(self) -> StateError:
        return StateError(
            f"the weight {self.name!r} cannot be written to: training changes it, by the gradient, "
            "or set_weights() from outside"
        )

    def __iter__(self) -> Iterator[Any]:
        return iter(self.value)

    def __len__(self) -> int:
        return self.shape[0]

    def __repr__(self) -> str:
        return f"<Weight {self.name!r}, shape={self.shape}>"
