"""PyTorch's formulas for the layers of `normalizations.json` and `poolings.json`."""

from math import prod


def normalization(torch, case, weights, x):
    """None where PyTorch has no such formula."""
    f, config, kind = torch.nn.functional, case["config"], case["class_name"]
    axes = axes_of(config.get("axis", -1), x.ndim)
    gamma, beta = weights.get("gamma"), weights.get("beta")
    if kind == "GroupNormalization":
        axis = axes[0]
        groups = config["groups"] if config["groups"] > 0 else x.shape[axis]
        y = f.group_norm(x.movedim(axis, 1), groups, gamma, beta, config.get("epsilon", 1e-3))
        return y.movedim(1, axis)
    if kind == "UnitNormalization":
        return x / torch.linalg.vector_norm(x, dim=axes, keepdim=True)
    # PyTorch normalizes the last axes: bring ours there.
    last = list(range(x.ndim - len(axes), x.ndim))
    moved, extents = x.movedim(axes, last), [x.shape[axis] for axis in axes]
    if kind == "LayerNormalization":
        y = f.layer_norm(
            moved, extents, None if gamma is None else gamma.reshape(extents),
            None if beta is None else beta.reshape(extents), config.get("epsilon", 1e-3),
        )
    else:
        scale = weights["scale"].reshape(extents)
        y = f.rms_norm(moved, extents, scale, config.get("epsilon", 1e-6))
    return y.movedim(last, axes)


def axes_of(axis, rank):
    return sorted(a % rank for a in ([axis] if isinstance(axis, int) else axis))


def pooling(torch, case, weights, x):
    f, config, kind = torch.nn.functional, case["config"], case["class_name"]
    rank = x.ndim - 2
    x = x.movedim(-1, 1)
    places = tuple(range(2, x.ndim))
    if kind.startswith("Global"):
        reduced = x.amax if "Max" in kind else x.mean
        y = reduced(places, keepdim=config["keepdims"]) if "keepdims" in config else reduced(places)
        return y.movedim(1, -1)
    size = listed(config.get("pool_size", 2), rank)
    strides = listed(config.get("strides") or size, rank)
    same = config.get("padding") == "same"
    pads = [padding(n, k, s) if same else (0, 0) for n, k, s in zip(x.shape[2:], size, strides)]
    flat = [amount for pair in reversed(pads) for amount in pair]
    if "Max" in kind:
        y = getattr(f, f"max_pool{rank}d")(f.pad(x, flat, value=-torch.inf), size, strides)
    else:
        pool = getattr(f, f"avg_pool{rank}d")
        ones = f.pad(torch.ones_like(x), flat)
        cells = pool(ones, size, strides) * prod(size)
        y = pool(f.pad(x, flat), size, strides) * prod(size) / cells
    return y.movedim(1, -1)


def listed(value, rank):
    return [value] * rank if isinstance(value, int) else list(value)


def padding(extent, size, stride):
    total = max((-(-extent // stride) - 1) * stride + size - extent, 0)
    return total // 2, total - total // 2
