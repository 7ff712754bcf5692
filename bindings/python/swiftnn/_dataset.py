"""Data sets."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

from . import _lib
from ._data import Array, as_array, as_sample_weight, is_list_of_arrays


class Dataset:
    """Samples to train with: arrays in memory, or a file that may be larger than memory.

    Arrays of float32, float64, uint8, int32 and int64 that are contiguous are used where they
    are and may not change while the data set lives. Others are copied once.

    Parameters
    ----------
    x : array_like or list of arrays
        The inputs.
    y : array_like or list of arrays, optional
        The targets.
    sample_weight : array_like, optional
        One weight for each sample.
    scale : float
        What uint8 inputs are multiplied with.
    """

    def __init__(
        self, x: Any, y: Any = None, sample_weight: Any = None, *, scale: float = 1.0
    ) -> None:
        inputs = [as_array(part, "x") for part in (x if is_list_of_arrays(x) else [x])]
        targets = (
            []
            if y is None
            else [as_array(part, "y") for part in (y if is_list_of_arrays(y) else [y])]
        )
        self._set(inputs, targets, as_sample_weight(sample_weight, None, targets), scale)

    @classmethod
    def from_arrays(
        cls, inputs: list[Array], targets: list[Array], weight: Array | None, scale: float = 1.0
    ) -> Dataset:
        """A data set of arrays that the library reads as they are."""
        dataset = cls.__new__(cls)
        dataset._set(inputs, targets, weight, scale)
        return dataset

    @classmethod
    def from_hdf5(
        cls,
        path: str | os.PathLike[str],
        inputs: Sequence[str] = ("x",),
        targets: Sequence[str] = ("y",),
        sample_weight: str | None = None,
        *,
        scale: float = 1.0,
        block_rows: int = 0,
    ) -> Dataset:
        """Samples in an HDF5 file, read in blocks ahead of the training.

        Parameters
        ----------
        path : str or path
            The file.
        inputs, targets : sequence of str
            The paths of the arrays in the file.
        sample_weight : str, optional
            The path of the weights.
        scale : float
            What uint8 inputs are multiplied with.
        block_rows : int
            Rows that are read at once; 0 is about 8 MiB.
        """
        options: dict[str, Any] = {
            "inputs": list(inputs),
            "targets": list(targets),
            "scale": scale,
            "block_rows": block_rows,
        }
        if sample_weight is not None:
            options["sample_weight"] = sample_weight
        dataset = cls.__new__(cls)
        dataset._handle = _lib.call("snn_dataset_open", path, options)
        dataset._arrays, dataset._inputs, dataset._scale = [], None, scale
        return dataset

    def _set(
        self, inputs: list[Array], targets: list[Array], weight: Array | None, scale: float
    ) -> None:
        # The library reads this memory as long as the handle lives.
        self._arrays: list[Array] = [*inputs, *targets, *([] if weight is None else [weight])]
        self._inputs: list[Array] | None = inputs
        self._scale = scale
        self._handle: _lib.Handle = _lib.call(
            "snn_dataset_create", inputs, targets, weight, {"scale": scale}
        )

    @property
    def inputs(self) -> list[Array] | None:
        """The input arrays; None of a file."""
        return self._inputs

    @property
    def scale(self) -> float:
        """What uint8 inputs are multiplied with."""
        return self._scale

    @property
    def handle(self) -> _lib.Handle:
        """The library's object."""
        return self._handle

    def __len__(self) -> int:
        count: int = _lib.call("snn_dataset_get_count", self._handle)
        return count

    def __repr__(self) -> str:
        return f"<Dataset of {len(self)} samples>"
