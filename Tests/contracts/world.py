"""The library under ctypes, and the objects that a row of the bad-argument table works with."""

from __future__ import annotations

import ctypes
import json
import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import header

SCALARS: dict[str, Any] = {
    "int32_t": ctypes.c_int32,
    "snn_status": ctypes.c_int32,
    "int64_t": ctypes.c_int64,
    "double": ctypes.c_double,
}

FLOAT32, UINT8, INT32 = 0, 2, 3
ROWS, FEATURES, CLASSES = 5, 3, 2
UNTOUCHED = 0xA5
"""What every byte of an out parameter holds before a call."""


# Where files are cut, and where a bit of them is flipped, by their size.
CUTS: dict[str, Callable[[int], int]] = {
    "first-byte": lambda size: 1,
    "signature": lambda size: 8,
    "superblock": lambda size: 63,
    "start": lambda size: 512,
    "quarter": lambda size: size // 4,
    "half": lambda size: size // 2,
    "before-trailer": lambda size: size - 65,
    "in-trailer": lambda size: size - 30,
    "last-byte": lambda size: size - 1,
}
BITS: dict[str, Callable[[int], int]] = {
    "signature": lambda size: 0,
    "superblock": lambda size: 9,
    "root": lambda size: 40,
    "start": lambda size: 96,
    "third": lambda size: size // 3,
    "half": lambda size: size // 2,
    "end": lambda size: size - 65,
    "length": lambda size: size - 45,
    "digest": lambda size: size - 20,
}


class Array(ctypes.Structure):
    """snn_array"""

    _fields_ = [
        ("struct_size", ctypes.c_size_t),
        ("dtype", ctypes.c_int32),
        ("rank", ctypes.c_int32),
        ("shape", ctypes.c_void_p),
        ("data", ctypes.c_void_p),
    ]


class Callbacks(ctypes.Structure):
    """snn_fit_callbacks"""

    _fields_ = [
        ("struct_size", ctypes.c_size_t),
        ("on_batch_end", ctypes.c_void_p),
        ("on_epoch_end", ctypes.c_void_p),
        ("user", ctypes.c_void_p),
    ]


class LayerCallbacks(ctypes.Structure):
    """snn_layer_callbacks"""

    _fields_ = [
        ("struct_size", ctypes.c_size_t),
        ("forward", ctypes.c_void_p),
        ("backward", ctypes.c_void_p),
        ("build", ctypes.c_void_p),
        ("create", ctypes.c_void_p),
        ("destroy", ctypes.c_void_p),
    ]


class Library:
    """Every function of the header; pointers are passed as numbers, so that any can be tried."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._loaded = ctypes.CDLL(str(path))
        self.statuses = header.statuses()
        self.names = {value: name for name, value in self.statuses.items()}
        for function in header.functions():
            entry = getattr(self._loaded, function.name)
            entry.argtypes = [
                ctypes.c_void_p if p.is_pointer else SCALARS[p.type] for p in function.parameters
            ]
            entry.restype = SCALARS.get(function.result, ctypes.c_char_p)

    def call(self, name: str, *arguments: Any) -> Any:
        return getattr(self._loaded, name)(*arguments)

    def must(self, name: str, *arguments: Any) -> None:
        """A call that belongs to the scenery and has to work."""
        status = self.call(name, *arguments)
        if status != 0:
            raise RuntimeError(f"{name}: {self.names.get(status, status)}: {self.last_error()}")

    def last_error(self) -> str:
        return self.call("snn_last_error").decode("utf-8")

    def bytes_in_use(self) -> int:
        counts = [ctypes.c_int64() for _ in range(3)]
        self.must("snn_memory_get_usage", *(ctypes.addressof(c) for c in counts))
        return counts[0].value


class World:
    """Objects for one row, made when they are asked for and freed after it."""

    def __init__(self, library: Library, files: Files) -> None:
        self.library = library
        self.files = files
        self.keep: list[Any] = []
        """What the library may read while the row runs."""
        self.outs: list[tuple[str, ctypes.Array[ctypes.c_char]]] = []
        self._shared: int | None = None
        self._handles: dict[str, int] = {}
        self._made: list[tuple[str, int]] = []
        self.after: list[Callable[[], None]] = []

    # Memory that is lent to the library.

    def memory(self, content: bytes) -> int:
        buffer = ctypes.create_string_buffer(content, max(len(content), 1))
        self.keep.append(buffer)
        return ctypes.addressof(buffer)

    def text(self, content: str | bytes) -> int:
        encoded = content.encode() if isinstance(content, str) else content
        return self.memory(encoded + b"\0")

    def floats(self, *values: float) -> int:
        return self._numbers(ctypes.c_float, values)

    def int32s(self, *values: int) -> int:
        return self._numbers(ctypes.c_int32, values)

    def int64s(self, *values: int) -> int:
        return self._numbers(ctypes.c_int64, values)

    def pointers(self, *values: int | None) -> int:
        return self._numbers(ctypes.c_void_p, values)

    def out(self, name: str, size: int) -> int:
        """Memory that only a call that succeeds may write."""
        buffer = ctypes.create_string_buffer(bytes([UNTOUCHED]) * size, size)
        self.keep.append(buffer)
        self.outs.append((name, buffer))
        return ctypes.addressof(buffer)

    def touched(self) -> list[str]:
        return [name for name, buffer in self.outs if buffer.raw.strip(bytes([UNTOUCHED]))]

    def array(self, dtype: int, shape: list[int], data: int, /, **changes: Any) -> int:
        """An snn_array, with zeros behind it where a wrong count would make the library look."""
        arrays = (Array * 4)()
        arrays[0] = Array(ctypes.sizeof(Array), dtype, len(shape), self.int64s(*shape), data)
        for field, value in changes.items():
            setattr(arrays[0], field, value)
        self.keep.append(arrays)
        return ctypes.addressof(arrays)

    def inputs(self, **changes: Any) -> int:
        data = self.floats(*(0.1 * i - 0.7 for i in range(ROWS * FEATURES)))
        return self.array(FLOAT32, [ROWS, FEATURES], data, **changes)

    def targets(self, **changes: Any) -> int:
        return self.array(INT32, [ROWS, 1], self.int32s(0, 1, 1, 0, 1), **changes)

    def weights(self, **changes: Any) -> int:
        return self.array(FLOAT32, [ROWS], self.floats(1, 2, 1, 0.5, 1), **changes)

    def inputs_and_outputs(self) -> int:
        """Memory for both: the same one for each call of this."""
        if self._shared is None:
            self._shared = self.floats(*range(ROWS * (FEATURES + CLASSES)))
        return self._shared

    def _numbers(self, kind: Any, values: Any) -> int:
        numbers = (kind * max(len(values), 1))(*values)
        self.keep.append(numbers)
        return ctypes.addressof(numbers)

    # Objects.

    def handle(self, name: str) -> int:
        if name not in self._handles:
            self._handles[name] = getattr(self, f"_make_{name}")()
        return self._handles[name]

    def freed(self, kind: str) -> int:
        handle = getattr(self, f"_make_{kind}")()
        self.release(kind, handle)
        return handle

    def adopt(self, kind: str, handle: int) -> None:
        """A handle that a call returned: it is freed with the rest."""
        self._made.append((kind, handle))

    def release(self, kind: str, handle: int) -> None:
        """Frees a handle now, or takes note that the call of the row did."""
        if (kind, handle) in self._made:
            self._made.remove((kind, handle))
            self.library.must(f"snn_{kind}_free", handle)

    def forget(self, handle: int) -> None:
        self._made = [(k, h) for k, h in self._made if h != handle]
        self._handles = {n: h for n, h in self._handles.items() if h != handle}

    def predictions(self) -> bytes:
        """The bits that the model predicts: a failed call may not change them."""
        size = ROWS * CLASSES
        out = (ctypes.c_float * size)()
        x = self.floats(*(0.3 * i - 2 for i in range(ROWS * FEATURES)))
        self.library.must(
            "snn_session_predict", self.handle("session"), x, ROWS, ctypes.addressof(out), size
        )
        return bytes(out)

    def close(self) -> None:
        for step in self.after:
            step()
        for kind, handle in reversed(self._made):
            self.library.must(f"snn_{kind}_free", handle)
        self._made.clear()

    def _create(self, kind: str, function: str, *arguments: Any) -> int:
        handle = ctypes.c_void_p()
        self.library.must(function, *arguments, ctypes.addressof(handle))
        assert handle.value
        self.adopt(kind, handle.value)
        return handle.value

    def _layer(self, model: int, name: str, options: str, *inputs: int) -> int:
        tensor = ctypes.c_int32()
        self.library.must(
            "snn_model_add_layer", model, self.text(name), self.text(options),
            self.int32s(*inputs), len(inputs), ctypes.addressof(tensor),
        )  # fmt: skip
        return tensor.value

    def _make_open_model(self) -> int:
        """A model to which layers can still be added; its tensors are 0 to 3."""
        model = self._create("model", "snn_model_create", self.text("{name: 'table', seed: 3}"))
        x = self._layer(model, "InputLayer", f"{{shape: [{FEATURES}], name: 'input'}}")
        x = self._layer(model, "Dense", "{units: 4, activation: 'relu', name: 'hidden'}", x)
        self.dense_tensor = x
        x = self._layer(model, "BatchNormalization", "{name: 'norm'}", x)
        options = f"{{units: {CLASSES}, activation: 'softmax', name: 'out'}}"
        self.last_tensor = self._layer(model, "Dense", options, x)
        return model

    def _make_model(self) -> int:
        return self._make_open_model()

    def _make_session(self) -> int:
        return self._create("session", "snn_session_create", self.handle("model"), None)

    def _make_dataset(self) -> int:
        return self._create(
            "dataset", "snn_dataset_create", self.inputs(), 1, self.targets(), 1, None, None
        )

    def _make_other_dataset(self) -> int:
        """Samples of another shape than the model's."""
        inputs = self.array(FLOAT32, [ROWS, 7], self.floats(*range(ROWS * 7)))
        return self._create(
            "dataset", "snn_dataset_create", inputs, 1, self.targets(), 1, None, None
        )

    def _make_nan_dataset(self) -> int:
        data = self.floats(*[float("nan")] * (ROWS * FEATURES))
        inputs = self.array(FLOAT32, [ROWS, FEATURES], data)
        return self._create(
            "dataset", "snn_dataset_create", inputs, 1, self.targets(), 1, None, None
        )

    def _make_inputs_alone(self) -> int:
        return self._create(
            "dataset", "snn_dataset_create", self.inputs(), 1, None, 0, None, None
        )

    def _make_linear(self) -> int:
        return self._create("linear", "snn_linear_create", self.text("{alpha: 0.5}"))

    def _make_linear_of_two_outputs(self) -> int:
        return self._create("linear", "snn_linear_create", self.text("{alpha: [0.5, 1]}"))

    def _make_fitted_linear(self) -> int:
        linear = self._make_linear()
        self.library.must("snn_linear_fit", linear, self.inputs(), self.targets(), None)
        return linear

    def _make_affine_model(self) -> int:
        """A model whose last layer is a Dense without an activation."""
        model = self._create("model", "snn_model_create", self.text("{seed: 3}"))
        x = self._layer(model, "InputLayer", f"{{shape: [{FEATURES}]}}")
        x = self._layer(model, "Dense", "{units: 4, activation: 'tanh'}", x)
        self._layer(model, "Dense", f"{{units: {CLASSES}}}", x)
        return model

    def _make_normalized_model(self) -> int:
        """A model with a layer that is adapted to data."""
        model = self._create("model", "snn_model_create", self.text("{seed: 3}"))
        x = self._layer(model, "InputLayer", f"{{shape: [{FEATURES}]}}")
        x = self._layer(model, "Normalization", "{name: 'scaled'}", x)
        self._layer(model, "Dense", f"{{units: {CLASSES}, name: 'hidden'}}", x)
        return model

    def _make_affine_dataset(self) -> int:
        return self._affine_dataset(self.inputs())

    def _make_affine_nan_dataset(self) -> int:
        data = self.floats(*[float("nan")] * (ROWS * FEATURES))
        return self._affine_dataset(self.array(FLOAT32, [ROWS, FEATURES], data))

    def _affine_dataset(self, inputs: int) -> int:
        targets = self.array(FLOAT32, [ROWS, CLASSES], self.floats(*range(ROWS * CLASSES)))
        return self._create(
            "dataset", "snn_dataset_create", inputs, 1, targets, 1, None, None
        )

    def _make_trainer(self) -> int:
        options = (
            "{optimizer: 'sgd', loss: 'sparse_categorical_crossentropy', metrics: ['accuracy']}"
        )
        return self._create(
            "trainer", "snn_trainer_create", self.handle("model"), self.text(options)
        )

    def _make_trainer_with_gradients(self) -> int:
        trainer = self._make_trainer()
        loss = ctypes.c_double()
        self.library.must(
            "snn_trainer_compute_gradients", trainer, self.inputs(), 1, self.targets(), 1, None,
            ctypes.addressof(loss),
        )  # fmt: skip
        return trainer


class Files:
    """Good and damaged files in one folder, made once by the library itself."""

    def __init__(self, folder: Path, full_disk: Path | None) -> None:
        self.folder = folder
        self.full_disk = full_disk

    def path(self, name: str) -> Path:
        return self.folder / name

    def make(self, library: Library) -> None:
        world = World(library, self)
        for name, function, handle in (
            ("model.h5", "snn_model_save", "model"),
            ("trainer.h5", "snn_trainer_save", "trainer"),
            ("old.weights.h5", "snn_model_save_weights", "model"),
        ):
            library.must(function, world.handle(handle), world.text(str(self.path(name))), None)
        self._read_json(library, world)
        world.close()
        digits = header.ROOT / "Examples" / "data" / "digits.h5"
        self.path("data.h5").write_bytes(digits.read_bytes())
        for name in ("model.h5", "trainer.h5", "old.weights.h5", "data.h5"):
            self._damage(name)
        self.path("text.h5").write_text("this is no HDF5 file\n" * 100)
        self.path("empty.h5").write_bytes(b"")
        self.path("zeros.h5").write_bytes(bytes(8192))
        self.path("signature.h5").write_bytes(b"\x89HDF\r\n\x1a\n" + bytes(4096))
        (self.folder / "folder.h5").mkdir()
        os.mkfifo(self.path("fifo.h5"))
        self.path("loop.h5").symlink_to("loop.h5")
        self._make_private()
        self._make_full_device()

    def has_device(self) -> bool:
        return self.path("device.h5").exists()

    def _read_json(self, library: Library, world: World) -> None:
        length = ctypes.c_int64()
        arguments = (world.handle("model"), None, 0, ctypes.addressof(length))
        library.must("snn_model_to_json", *arguments)
        text = ctypes.create_string_buffer(length.value + 1)
        library.must(
            "snn_model_to_json", world.handle("model"), ctypes.addressof(text), len(text),
            ctypes.addressof(length),
        )  # fmt: skip
        self.path("model.json").write_bytes(text.value)

    def json(self) -> Any:
        return json.loads(self.path("model.json").read_text())

    def _damage(self, name: str) -> None:
        whole = self.path(name).read_bytes()
        stem = name.removesuffix(".h5")
        for label, kept in CUTS.items():
            self.path(f"{stem}-cut-{label}.h5").write_bytes(whole[: kept(len(whole))])
        if name == "data.h5":  # no file of ours: nothing tells a flipped bit in its numbers
            return
        for label, place in BITS.items():
            bent = bytearray(whole)
            bent[place(len(whole))] ^= 0x10
            self.path(f"{stem}-bit-{label}.h5").write_bytes(bytes(bent))
        # Without the trailer's magic it is a foreign file, whole and readable.
        self.path(f"{stem}-foreign.h5").write_bytes(whole[:-64])

    def _make_private(self) -> None:
        private = self.path("private.h5")
        private.write_bytes(self.path("model.h5").read_bytes())
        private.chmod(0)
        self.path("closed").mkdir(mode=0o555)

    def _make_full_device(self) -> None:
        """A device that is always full; not /dev/full itself, which a rename could replace."""
        try:
            os.mknod(self.path("device.h5"), stat.S_IFCHR | 0o666, os.makedev(1, 7))
        except OSError:
            pass
