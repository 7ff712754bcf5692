"""PyTorch's convolutions on the cases of `convolutions.json`."""

# Of numbers that are written with nine digits, and sums of them.
TOLERANCE = 5e-6


def convolutions(torch, document, leaf, numpy):
    """Yields name, ours, theirs and tolerance of outputs and of every gradient."""
    for case in document["cases"]:
        x = leaf(torch, case["inputs"][0])
        weights = [leaf(torch, weight["value"]) for weight in case["weights"]]
        result = _run(torch, case, _first(x), weights)
        if case["config"].get("activation") == "relu":
            result = torch.relu(result)
        y = result.movedim(1, -1)
        y.backward(torch.tensor(numpy(case["cotangents"][0])))
        name = case["name"]
        yield f"{name}: outputs", numpy(case["outputs"][0]), y.detach().numpy(), TOLERANCE
        yield f"{name}: input", numpy(case["input_gradients"][0]), x.grad.numpy(), TOLERANCE
        for weight, given in zip(weights, case["weights"]):
            theirs = weight.grad.numpy()
            yield f"{name}: {given['name']}", numpy(given["gradient"]), theirs, TOLERANCE


def _first(x):
    return x.movedim(-1, 1)


def _run(torch, case, x, weights):
    config, kind = case["config"], case["class_name"]
    axes = x.dim() - 2
    kernel = weights[0]
    if kind.endswith("Transpose"):
        extents = case["outputs"][0]["shape"][1:-1]
        result = _transposed(torch, config, x, kernel, extents, axes)
        bias = weights[1:]
    elif kind.startswith(("Depthwise", "Separable")):
        channels, multiplier = kernel.shape[-2:]
        # [places, channels, multiplier] to [channels * multiplier, 1, places]
        taps = kernel.flatten(-2).movedim(-1, 0).unsqueeze(1)
        result = _moved(torch, config, x, taps, axes, groups=channels)
        assert result.shape[1] == channels * multiplier
        bias = weights[1:]
        if kind.startswith("Separable"):
            mixing = weights[1].movedim(-1, 0).movedim(-1, 1)
            result = getattr(torch.nn.functional, f"conv{axes}d")(result, mixing)
            bias = weights[2:]
    else:
        taps = kernel.movedim(-1, 0).movedim(-1, 1)
        result = _moved(torch, config, x, taps, axes, groups=config.get("groups", 1))
        bias = weights[1:]
    return result + bias[0].reshape(-1, *[1] * axes) if bias else result


def _each(value, axes):
    return [value] * axes if isinstance(value, int) else list(value)


def _moved(torch, config, x, taps, axes, groups):
    strides = _each(config.get("strides", 1), axes)
    dilations = _each(config.get("dilation_rate", 1), axes)
    edges = []
    for axis in range(axes):
        extent, size = x.shape[2 + axis], taps.shape[2 + axis]
        reach = (size - 1) * dilations[axis] + 1
        total = 0
        if config["padding"] == "same":
            total = max((-(-extent // strides[axis]) - 1) * strides[axis] + reach - extent, 0)
        before = reach - 1 if config["padding"] == "causal" else total // 2
        edges = [before, max(total - before, 0), *edges]
    run = getattr(torch.nn.functional, f"conv{axes}d")
    x = torch.nn.functional.pad(x, edges)
    return run(x, taps, stride=strides, dilation=dilations, groups=groups)


def _transposed(torch, config, x, kernel, extents, axes):
    run = getattr(torch.nn.functional, f"conv_transpose{axes}d")
    # [places, filters, channels] to [channels, filters, places]
    whole = run(
        x, kernel.movedim(-1, 0).movedim(-1, 1), stride=_each(config.get("strides", 1), axes),
        dilation=_each(config.get("dilation_rate", 1), axes),
    )  # fmt: skip
    edges = []
    for axis, extent in enumerate(extents):
        surplus = whole.shape[2 + axis] - extent
        before = max(surplus, 0) // 2 if config["padding"] == "same" else 0
        edges = [-before, before - surplus, *edges]
    return torch.nn.functional.pad(whole, edges)
