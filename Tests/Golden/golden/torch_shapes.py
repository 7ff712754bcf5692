"""PyTorch on `shape_layers.json`, for `torch_check`."""


def check(torch, document, tensor, leaf, numpy):
    """The arrays of Keras and of PyTorch, with the tolerance, one after the other."""
    for case in document["cases"]:
        inputs = [leaf(torch, i) for i in case["inputs"]]
        weights = {w["name"]: leaf(torch, w["value"]) for w in case["weights"] if w["trainable"]}
        y = forward(torch, case["class_name"], case["config"], inputs, weights)
        if y is None:
            continue
        name = case["name"]
        (y * tensor(torch, case["cotangents"][0])).sum().backward()
        # Keras resizes with weights in float32.
        tolerance = 1e-5 if case["config"].get("interpolation") == "bilinear" else 1e-6
        yield name, numpy(case["outputs"][0]), y.detach().numpy(), tolerance
        for array, value in zip(case["input_gradients"], inputs):
            yield f"{name} dx", numpy(array), value.grad.numpy(), tolerance
        for row in case["weights"]:
            if row["trainable"]:
                theirs = weights[row["name"]].grad.numpy()
                yield f"{name} d{row['name']}", numpy(row["gradient"]), theirs, tolerance


def forward(torch, kind, config, inputs, weights):
    """What PyTorch's own function for the layer gives; None where it has none."""
    f = torch.nn.functional
    x = inputs[0]
    if kind in MERGING:
        rank = max(i.dim() for i in inputs)
        return MERGING[kind](torch, [raised(i, rank) for i in inputs])
    if kind == "Dot" and all(i.dim() == 2 for i in inputs):
        if config.get("normalize"):
            return f.cosine_similarity(*inputs, dim=1)[:, None]
        return (inputs[0] * inputs[1]).sum(1, keepdim=True)
    if kind == "Permute":
        return x.permute(0, *config["dims"])
    if kind == "RepeatVector":
        return x[:, None].expand(-1, config["n"], -1)
    if kind.startswith(("ZeroPadding", "Cropping")):
        return margins(f, kind, config, x)
    if kind == "UpSampling2D":
        return up_sampling(f, config, x)
    if kind == "ELU":
        return f.elu(x, config.get("alpha", 1.0))
    if kind == "PReLU":
        return torch.where(x > 0, x, weights["alpha"] * x)
    return None


def raised(x, rank):
    return x.reshape(x.shape[0], *[1] * (rank - x.dim()), *x.shape[1:])


def chain(name):
    def fold(torch, inputs):
        y = inputs[0]
        for x in inputs[1:]:
            y = getattr(torch, name)(y, x)
        return y

    return fold


MERGING = {
    "Add": chain("add"),
    "Subtract": chain("sub"),
    "Multiply": chain("mul"),
    "Maximum": chain("maximum"),
    "Minimum": chain("minimum"),
    "Average": lambda torch, inputs: torch.stack(torch.broadcast_tensors(*inputs)).mean(0),
}


def margins(f, kind, config, x):
    crops = kind.startswith("Cropping")
    places = x.dim() - 2
    given = config.get("cropping" if crops else "padding", 1)
    if isinstance(given, int):
        given = [given] * places
    elif places == 1:
        given = [given]
    pairs = [[g, g] if isinstance(g, int) else g for g in given]
    is_last = config.get("data_format") != "channels_first"
    sides = [0, 0] * is_last
    for before, after in reversed(pairs):
        sides += [-before, -after] if crops else [before, after]
    return f.pad(x, sides)


def up_sampling(f, config, x):
    size = config["size"]
    size = (size, size) if isinstance(size, int) else tuple(size)
    mode = config["interpolation"]
    options = {"align_corners": False} if mode == "bilinear" else {}
    is_last = config.get("data_format") != "channels_first"
    x = x.movedim(3, 1) if is_last else x
    y = f.interpolate(x, scale_factor=size, mode=mode, **options)
    return y.movedim(1, 3) if is_last else y
