"""A second opinion: PyTorch on the committed files, where it has the same formula.

Not needed to make the files. Each comparison counts; a disagreement is printed.
"""

import json

import numpy as np

from . import torch_convolutions, torch_images, torch_shapes

# Of twenty steps in float32, and of powers of beta in it, against float64.
STEPS = 4e-5


def run(folder):
    """The number of disagreements; 0 when PyTorch is not installed, which is said."""
    try:
        import torch
    except ImportError:
        print("PyTorch is not installed: its comparisons are skipped")
        return 0
    torch.set_default_dtype(torch.float64)
    compared, wrong = 0, 0
    for file, check in (
        ("activations", activations),
        ("layers", layers),
        ("convolutions", convolutions),
        ("shape_layers", shape_layers),
        ("normalizations", layers),
        ("poolings", layers),
        ("losses", losses),
        ("loss_formulas", loss_formulas),
        ("optimizers", optimizers),
        ("update_rules", update_rules),
        ("training", training),
    ):
        here = 0
        document = json.loads((folder / f"{file}.json").read_text(encoding="utf-8"))
        for name, ours, theirs, tolerance in check(torch, document):
            here += 1
            if not np.allclose(ours, theirs, rtol=tolerance, atol=tolerance / 10):
                gap = np.abs(np.asarray(ours) - np.asarray(theirs)).max()
                print(f"{file}: {name}: PyTorch differs by up to {gap}")
                wrong += 1
        print(f"PyTorch {torch.__version__}: {file}: {here} values or arrays compared")
        compared += here
    print(f"PyTorch: {compared} compared, {wrong} differ")
    return wrong


def convolutions(torch, document):
    return torch_convolutions.convolutions(torch, document, leaf, numpy)


def tensor(torch, array, **options):
    kind = torch.int64 if array.get("dtype") == "int32" else torch.float64
    return torch.tensor(array["data"], dtype=kind, **options).reshape(array["shape"])


def leaf(torch, array):
    return tensor(torch, array).requires_grad_()


def numpy(array):
    return np.array(array["data"], np.float64).reshape(array["shape"])


def activation_functions(torch):
    f = torch.nn.functional
    return {
        "celu": lambda x, alpha=1.0: f.celu(x, alpha),
        "elu": lambda x, alpha=1.0: f.elu(x, alpha),
        "exponential": torch.exp,
        "gelu": lambda x, approximate=False: f.gelu(
            x, approximate="tanh" if approximate else "none"
        ),
        "glu": f.glu,
        "hard_shrink": lambda x, threshold=0.5: f.hardshrink(x, threshold),
        "hard_sigmoid": f.hardsigmoid,
        "hard_silu": f.hardswish,
        "hard_tanh": f.hardtanh,
        "leaky_relu": lambda x, negative_slope=0.2: f.leaky_relu(x, negative_slope),
        "linear": lambda x: x * 1,
        "log_sigmoid": f.logsigmoid,
        "log_softmax": lambda x: f.log_softmax(x, -1),
        "mish": f.mish,
        "relu6": f.relu6,
        "selu": f.selu,
        "sigmoid": torch.sigmoid,
        "silu": f.silu,
        "softmax": lambda x: f.softmax(x, -1),
        # PyTorch's own softplus is x itself from 20 on.
        "softplus": lambda x: torch.logaddexp(x, torch.zeros_like(x)),
        "soft_shrink": lambda x, threshold=0.5: f.softshrink(x, threshold),
        "softsign": f.softsign,
        "tanh": torch.tanh,
        "tanh_shrink": f.tanhshrink,
        "threshold": lambda x, threshold, default_value: f.threshold(x, threshold, default_value),
        "sin": torch.sin,
        "cos": torch.cos,
        "square": torch.square,
        "relu": lambda x: torch.relu(x),
    }


def activations(torch, document):
    functions = activation_functions(torch)
    for case in document["cases"]:
        name = case["name"]
        if name not in functions or (name == "relu" and case["arguments"]):
            continue
        x = leaf(torch, case["x"])
        y = functions[name](x, **case["arguments"])
        cotangent = tensor(torch, case["cotangent"]) if "cotangent" in case else None
        (y.sum() if cotangent is None else (y * cotangent).sum()).backward()
        # At a kink each library has its own convention.
        smooth = np.ones(x.numel(), bool)
        smooth[[kink["index"] for kink in case.get("kinks", [])]] = False
        yield f"{name} y", numpy(case["y"]), y.detach().numpy(), 1e-6
        dx = numpy(case["dx"]).reshape(-1)[smooth]
        yield f"{name} dx", dx, x.grad.numpy().reshape(-1)[smooth], 1e-6


def layers(torch, document):
    functions = activation_functions(torch)
    f = torch.nn.functional
    for case in document["cases"]:
        config, kind = case["config"], case["class_name"]
        weights = {w["name"]: leaf(torch, w["value"]) for w in case["weights"]}
        inputs = [leaf(torch, i) for i in case["inputs"]]
        x = inputs[0]
        if kind == "Dense" and config.get("activation", "linear") in functions:
            y = x @ weights["kernel"] + weights.get("bias", 0)
            y = functions[config.get("activation", "linear")](y)
        elif kind == "BatchNormalization":
            y = batch_normalization(torch, case, weights, x)
        elif "Pooling" in kind:
            y = torch_images.pooling(torch, case, weights, x)
        elif "Normalization" in kind:
            y = torch_images.normalization(torch, case, weights, x)
        elif kind == "LeakyReLU":
            y = f.leaky_relu(x, config.get("negative_slope", 0.3))
        elif kind == "Softmax" and isinstance(config["axis"], int):
            y = f.softmax(x, config["axis"])
        else:
            continue
        (y * tensor(torch, case["cotangents"][0])).sum().backward()
        # Keras casts to float32 inside these whatever the layer's dtype.
        single = kind.endswith("Normalization") or config.get("activation") == "tanh"
        tolerance = 2e-5 if single else 1e-6
        yield case["name"], numpy(case["outputs"][0]), y.detach().numpy(), tolerance
        for array, value in zip(case["input_gradients"], inputs):
            yield f"{case['name']} dx", numpy(array), value.grad.numpy(), tolerance
        for row in case["weights"]:
            if row["trainable"]:
                theirs = weights[row["name"]].grad.numpy()
                yield f"{case['name']} d{row['name']}", numpy(row["gradient"]), theirs, tolerance


def shape_layers(torch, document):
    yield from torch_shapes.check(torch, document, tensor, leaf, numpy)


def batch_normalization(torch, case, weights, x):
    config = case["config"]
    axis = config.get("axis", -1)
    training = case["training"] and config.get("trainable", True)
    y = torch.nn.functional.batch_norm(
        x.movedim(axis, 1),
        weights["moving_mean"].detach().clone(),
        weights["moving_variance"].detach().clone(),
        weights.get("gamma"),
        weights.get("beta"),
        training=training,
        eps=config.get("epsilon", 1e-3),
    ) if not (training and x.numel() == x.shape[axis]) else one_row(weights, x)
    return y.movedim(1, axis)


def one_row(weights, x):
    """PyTorch refuses to normalize a single value; it becomes beta."""
    return (x - x.detach()) * 0 * weights["gamma"] + weights["beta"]


def loss_formulas(torch, document):
    """Those that PyTorch has, unweighted; it has no epsilon in some, and the cases no zeros there."""
    f = torch.nn.functional
    for case in document["cases"]:
        config, kind = case["config"], case["class_name"]
        if case["sample_weight"] is not None or " to 0" in case["name"] or "reduction" in config:
            continue
        true, p = tensor(torch, case["y_true"]), leaf(torch, case["y_pred"])
        if kind == "Huber":
            values = f.huber_loss(p, true, reduction="none", delta=config.get("delta", 1.0)).mean(-1)
        elif kind == "CosineSimilarity":
            values = -f.cosine_similarity(p, true, dim=-1)
        elif kind == "Poisson" and " of 0" not in case["name"]:
            values = f.poisson_nll_loss(p, true, False, reduction="none", eps=1e-7).mean(-1)
        elif kind == "KLDivergence" and " at 0" not in case["name"]:
            values = f.kl_div(p.log(), true, reduction="none").sum(-1)
        elif kind == "SparseCategoricalCrossentropy" and config["from_logits"]:
            flat = p.reshape(-1, p.shape[-1])
            values = f.cross_entropy(flat, true.long().reshape(-1), ignore_index=config["ignore_class"])
            values.backward()
            yield f"{case['name']} loss", case["loss"], values.item(), 1e-5
            yield f"{case['name']} gradient", numpy(case["gradient"]), p.grad.numpy(), 1e-5
            continue
        else:
            continue
        values.mean().backward()
        yield f"{case['name']} values", numpy(case["values"]), values.detach().numpy(), 1e-5
        yield f"{case['name']} gradient", numpy(case["gradient"]), p.grad.numpy(), 1e-5


def losses(torch, document):
    f = torch.nn.functional
    for case in document["cases"]:
        config, kind = case["config"], case["class_name"]
        if case["name"].endswith(("at 0 and 1", "labels [n, 1]")):
            continue  # What is clipped is Keras's own; PyTorch takes no column of labels.
        smooth = np.ones(case["y_pred"]["shape"], bool)
        smooth.reshape(-1)[[kink["index"] for kink in case.get("kinks", [])]] = False
        true, p = tensor(torch, case["y_true"]), leaf(torch, case["y_pred"])
        smoothing = config.get("label_smoothing", 0.0)
        if kind == "MeanSquaredError":
            values = f.mse_loss(p, true, reduction="none").mean(-1)
        elif kind == "MeanAbsoluteError":
            values = f.l1_loss(p, true, reduction="none").mean(-1)
        elif kind == "BinaryCrossentropy":
            true = true * (1 - smoothing) + 0.5 * smoothing
            loss = f.binary_cross_entropy
            if config.get("from_logits"):
                loss = f.binary_cross_entropy_with_logits
            values = loss(p, true, reduction="none").mean(-1)
        else:
            scores = p if config.get("from_logits") else torch.log(p / p.sum(-1, keepdim=True))
            target = true if kind.startswith("Sparse") else true.movedim(-1, 1)
            values = f.cross_entropy(
                scores.movedim(-1, 1), target, reduction="none", label_smoothing=smoothing
            )
        yield f"{case['name']} values", numpy(case["values"]), values.detach().numpy(), 1e-5
        if case["sample_weight"]:
            values = values * tensor(torch, case["sample_weight"])
        values.mean().backward()
        yield f"{case['name']} loss", case["loss"], values.mean().item(), 1e-5
        gradient = numpy(case["gradient"])[smooth]
        yield f"{case['name']} gradient", gradient, p.grad.numpy()[smooth], 1e-5


def optimizers(torch, document):
    for case in document["cases"]:
        config = {**document["defaults"][case["class_name"]], **case["config"]}
        parameters = [leaf(torch, p) for p in case["parameters"]]
        if case["class_name"] == "SGD":
            optimizer = torch.optim.SGD(
                parameters,
                lr=config["learning_rate"],
                momentum=config["momentum"],
                nesterov=config["nesterov"] and config["momentum"] > 0,
            )
        else:
            optimizer = torch.optim.Adam(
                parameters,
                lr=config["learning_rate"],
                betas=(config["beta_1"], config["beta_2"]),
                amsgrad=config["amsgrad"],
            )
        for step, gradients in enumerate(case["gradients"], 1):
            if case["class_name"] != "SGD":
                # Keras adds epsilon before the correction of the second moment.
                correction = (1 - config["beta_2"] ** step) ** 0.5
                optimizer.param_groups[0]["eps"] = config["epsilon"] / correction
            for parameter, gradient in zip(parameters, gradients):
                parameter.grad = tensor(torch, gradient)
            limit_and_decay(torch, parameters, config)
            optimizer.step()
            for ours, theirs in zip(case["after"].get(str(step), []), parameters):
                yield f"{case['name']} step {step}", numpy(ours), theirs.detach().numpy(), STEPS


def update_rules(torch, document):
    """Those that PyTorch has, by themselves. Keras adds epsilon elsewhere in RMSprop, Adagrad and
    Adamax: there the cases with a tiny one count."""
    makers = {
        "RMSprop": lambda p, c: torch.optim.RMSprop(
            p, c["learning_rate"], c["rho"], c["epsilon"], 0, c["momentum"], c["centered"]
        ),
        "Adagrad": lambda p, c: torch.optim.Adagrad(
            p, c["learning_rate"], 0, 0, c["initial_accumulator_value"], c["epsilon"]
        ),
        "Adadelta": lambda p, c: torch.optim.Adadelta(
            p, c["learning_rate"], c["rho"], c["epsilon"]
        ),
        "Adamax": lambda p, c: torch.optim.Adamax(
            p, c["learning_rate"], (c["beta_1"], c["beta_2"]), c["epsilon"]
        ),
        # Keras's momentum falls by 0.96 a step.
        "Nadam": lambda p, c: torch.optim.NAdam(
            p, c["learning_rate"], (c["beta_1"], c["beta_2"]), c["epsilon"], 0, 1.0
        ),
    }
    around = {"clipnorm", "global_clipnorm", "clipvalue", "use_ema", "weight_decay"}
    around |= {"gradient_accumulation_steps"}
    for case in document["cases"]:
        kind = case["class_name"]
        config = {**document["defaults"][kind], **case["config"]}
        is_elsewhere = kind in ("RMSprop", "Adagrad", "Adamax") and config["epsilon"] > 1e-6
        if kind not in makers or around & set(case["config"]) or is_elsewhere:
            continue
        parameters = [leaf(torch, p) for p in case["parameters"]]
        optimizer = makers[kind](parameters, config)
        steps = document["gradients"][case["shapes"]]
        for step, gradients in enumerate(steps, 1):
            for parameter, gradient in zip(parameters, gradients):
                parameter.grad = tensor(torch, gradient)
            optimizer.step()
            for ours, theirs in zip(case["after"].get(str(step), []), parameters):
                yield f"{case['name']} step {step}", numpy(ours), theirs.detach().numpy(), STEPS


def limit_and_decay(torch, parameters, config):
    """What Keras's base class does before a step; PyTorch's own decay enters the gradient."""
    if config["clipnorm"]:
        for parameter in parameters:
            torch.nn.utils.clip_grad_norm_([parameter], config["clipnorm"])
    if config["global_clipnorm"]:
        torch.nn.utils.clip_grad_norm_(parameters, config["global_clipnorm"])
    if config["clipvalue"]:
        torch.nn.utils.clip_grad_value_(parameters, config["clipvalue"])
    with torch.no_grad():
        for parameter in parameters:
            parameter -= parameter * (config["weight_decay"] or 0.0) * config["learning_rate"]


def training(torch, document):
    """The residual network once more, layer by layer: losses, weights and predictions."""
    for case in document["cases"]:
        if not case["name"].startswith("residual"):
            continue
        weights = {w["name"]: tensor(torch, w["value"]) for w in case["initial"]}
        learned = [k for k in weights if "moving" not in k]
        for name in learned:
            weights[name].requires_grad_()
        config = {"learning_rate": 0.01, "momentum": 0.0, **case["optimizer"]["config"]}
        rows = [weights[name] for name in learned]
        if case["optimizer"]["class_name"] == "Adam":
            optimizer = torch.optim.Adam(rows, lr=config["learning_rate"])
        else:
            optimizer = torch.optim.SGD(
                rows, lr=config["learning_rate"], momentum=config["momentum"]
            )
        for step, batch in enumerate(case["batches"], 1):
            if case["optimizer"]["class_name"] == "Adam":
                optimizer.param_groups[0]["eps"] = 1e-7 / (1 - 0.999**step) ** 0.5
            optimizer.zero_grad()
            scores = residual(torch, weights, tensor(torch, batch["x"][0]), True)
            loss = torch.nn.functional.cross_entropy(
                scores, tensor(torch, batch["y"]), reduction="none"
            )
            if batch["sample_weight"]:
                loss = loss * tensor(torch, batch["sample_weight"])
            yield f"{case['name']} loss {step}", batch["loss"], loss.mean().item(), 1e-5
            loss.mean().backward()
            optimizer.step()
        for row in case["final"]:
            theirs = weights[row["name"]].detach().numpy()
            yield f"{case['name']} {row['name']}", numpy(row["value"]), theirs, 1e-4
        scores = residual(torch, weights, tensor(torch, case["predict"]["x"][0]), False)
        theirs = torch.softmax(scores, -1).detach().numpy()
        yield f"{case['name']} predictions", numpy(case["predict"]["y"]), theirs, 1e-4


def residual(torch, weights, x, training):
    def norm(x, name):
        gamma, beta = weights[f"{name}/gamma"], weights[f"{name}/beta"]
        mean, variance = weights[f"{name}/moving_mean"], weights[f"{name}/moving_variance"]
        if training:
            batch_mean, batch_variance = x.mean(0), x.var(0, unbiased=False)
            with torch.no_grad():
                mean.mul_(0.9).add_(0.1 * batch_mean)
                variance.mul_(0.9).add_(0.1 * batch_variance)
            mean, variance = batch_mean, batch_variance
        return (x - mean) / torch.sqrt(variance + 1e-3) * gamma + beta

    x = shortcut = torch.relu(norm(x @ weights["stem/kernel"], "stem_norm"))
    x = torch.relu(norm(x @ weights["first/kernel"], "first_norm"))
    x = torch.tanh(norm(x @ weights["second/kernel"], "second_norm") + shortcut)
    return x @ weights["y/kernel"] + weights["y/bias"]


if __name__ == "__main__":
    import pathlib
    import sys

    sys.exit(1 if run(pathlib.Path(__file__).resolve().parents[1]) else 0)
