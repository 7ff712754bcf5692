"""How values become text: float32 in its shortest form that reads back to the same bits."""

import json
import math

import numpy as np

FORMAT = 1


def number(value):
    """A float whose `repr` is the shortest decimal that rounds to `float32(value)`."""
    single = np.float32(value)
    if not np.isfinite(single):
        raise ValueError(f"a golden value is not finite: {value}")
    short = float(str(single))
    assert np.float32(short) == single
    return short


def array(value):
    """`{"shape": [...], "data": [...]}`, row-major; integers carry `"dtype": "int32"`."""
    value = np.asarray(value)
    if value.dtype.kind in "iub":
        return {
            "shape": list(value.shape),
            "dtype": "int32",
            "data": [int(v) for v in value.reshape(-1)],
        }
    return {"shape": list(value.shape), "data": [number(v) for v in value.reshape(-1)]}


def document(**content):
    """A whole file: the format's number and Keras's version first."""
    import keras

    return {"format": FORMAT, "keras": keras.__version__, **content}


def dump(value, indent=0):
    """JSON, one member a line down to the cases, arrays of numbers on one line."""
    pad = " " * (indent + 1)
    if isinstance(value, dict) and indent < 4:
        lines = [f"{pad}{json.dumps(k)}: {dump(v, indent + 1)}" for k, v in value.items()]
        return "{\n" + ",\n".join(lines) + "\n" + " " * indent + "}" if lines else "{}"
    if isinstance(value, list) and any(isinstance(v, dict) for v in value) and indent < 4:
        lines = [pad + dump(v, indent + 1) for v in value]
        return "[\n" + ",\n".join(lines) + "\n" + " " * indent + "]"
    return json.dumps(value, separators=(", ", ": "), allow_nan=False)


def differences(old, new, path="", relative=2e-5, absolute=2e-6):
    """Where two documents differ by more than the tolerance, one text each."""
    if isinstance(old, dict) and isinstance(new, dict):
        for key in sorted(set(old) | set(new)):
            if key not in old or key not in new:
                yield f"{path}/{key}: only in the {'new' if key in new else 'committed'} file"
            elif (path, key) != ("", "keras"):
                yield from differences(old[key], new[key], f"{path}/{key}", relative, absolute)
    elif isinstance(old, list) and isinstance(new, list):
        if len(old) != len(new):
            yield f"{path}: {len(old)} elements committed, {len(new)} now"
        else:
            for index, (a, b) in enumerate(zip(old, new)):
                yield from differences(a, b, f"{path}[{index}]", relative, absolute)
    elif isinstance(old, float) and isinstance(new, (int, float)) and not isinstance(new, bool):
        if not math.isclose(old, new, rel_tol=relative, abs_tol=absolute):
            yield f"{path}: {old} committed, {new} now"
    elif old != new:
        yield f"{path}: {old!r} committed, {new!r} now"
