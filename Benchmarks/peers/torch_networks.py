"""The rows' networks in PyTorch."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import nn


def dense(units: Sequence[int]) -> nn.Module:
    """Dense layers with relu between them."""
    layers: list[nn.Module] = []
    for inputs, outputs in zip(units, units[1:]):
        layers += [nn.Linear(inputs, outputs), nn.ReLU()]
    return nn.Sequential(*layers[:-1])


def _normalized(
    inputs: int, outputs: int, size: int, stride: int, groups: int = 1
) -> nn.Sequential:
    convolution = nn.Conv2d(inputs, outputs, size, stride, size // 2, groups=groups, bias=False)
    return nn.Sequential(convolution, nn.BatchNorm2d(outputs))


class BasicBlock(nn.Module):
    """relu(shortcut(x) + f(x)) of two 3×3 convolutions."""

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        first, second = _normalized(inputs, outputs, 3, stride), _normalized(outputs, outputs, 3, 1)
        self.body = nn.Sequential(first, nn.ReLU(), second)
        is_plain = stride == 1 and inputs == outputs
        self.shortcut = nn.Identity() if is_plain else _normalized(inputs, outputs, 1, stride)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.relu(self.body(x) + self.shortcut(x))


def _resnet(
    stem: Sequence[nn.Module], widths: Sequence[int], blocks: int, classes: int
) -> nn.Module:
    layers, channels = list(stem), widths[0]
    for stage, width in enumerate(widths):
        for block in range(blocks):
            layers.append(BasicBlock(channels, width, 2 if stage > 0 and block == 0 else 1))
            channels = width
    head = [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(channels, classes)]
    return nn.Sequential(*layers, *head)


def resnet20() -> nn.Module:
    """The ResNet-20 of CIFAR-10."""
    return _resnet([_normalized(3, 16, 3, 1), nn.ReLU()], (16, 32, 64), 3, 10)


def resnet18() -> nn.Module:
    """The ResNet-18 of ImageNet."""
    stem = [_normalized(3, 64, 7, 2), nn.ReLU(), nn.MaxPool2d(3, 2, 1)]
    return _resnet(stem, (64, 128, 256, 512), 2, 1000)


class InvertedResidual(nn.Module):
    """A pointwise convolution to more channels, a depthwise one, a pointwise one to fewer."""

    def __init__(self, inputs: int, outputs: int, stride: int, expansion: int) -> None:
        super().__init__()
        hidden = inputs * expansion
        layers: list[nn.Module] = []
        if expansion > 1:
            layers += [_normalized(inputs, hidden, 1, 1), nn.ReLU6()]
        layers += [_normalized(hidden, hidden, 3, stride, hidden), nn.ReLU6()]
        self.body = nn.Sequential(*layers, _normalized(hidden, outputs, 1, 1))
        self.is_residual = stride == 1 and inputs == outputs

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + self.body(x) if self.is_residual else self.body(x)


def mobilenetv2() -> nn.Module:
    """The MobileNetV2 of ImageNet."""
    stages = (
        (1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2),
        (6, 320, 1, 1),
    )  # fmt: skip
    layers: list[nn.Module] = [_normalized(3, 32, 3, 2), nn.ReLU6()]
    channels = 32
    for expansion, outputs, blocks, first_stride in stages:
        for block in range(blocks):
            stride = first_stride if block == 0 else 1
            layers.append(InvertedResidual(channels, outputs, stride, expansion))
            channels = outputs
    layers += [_normalized(channels, 1280, 1, 1), nn.ReLU6()]
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(1280, 1000))


class LSTMClassifier(nn.Module):
    """An LSTM, and a dense layer on its last state."""

    def __init__(self, inputs: int = 64, units: int = 128, classes: int = 10) -> None:
        super().__init__()
        self.lstm = nn.LSTM(inputs, units, batch_first=True)
        self.output = nn.Linear(units, classes)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        states, _ = self.lstm(x)
        return self.output(states[:, -1])


class EncoderClassifier(nn.Module):
    """Transformer encoder layers, and a dense layer on the mean of the tokens."""

    def __init__(self) -> None:
        super().__init__()
        width, heads, hidden, depth = 256, 4, 1024, 4
        layer = nn.TransformerEncoderLayer(
            width, heads, hidden, dropout=0.0, activation="gelu", batch_first=True, norm_first=True
        )
        self.encoder = nn.TransformerEncoder(layer, depth, enable_nested_tensor=False)
        self.output = nn.Linear(width, 10)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.output(self.encoder(x).mean(1))


def network(name: str, units: Sequence[int]) -> nn.Module:
    """A row's network; `units` are those of one that has dense layers only."""
    makers: dict[str, Callable[[], nn.Module]] = {
        "resnet20": resnet20, "resnet18": resnet18, "mobilenetv2": mobilenetv2,
        "lstm": LSTMClassifier, "encoder": EncoderClassifier,
    }  # fmt: skip
    torch.manual_seed(0)
    return dense(units) if units else makers[name]()


def channels_first(shape: Sequence[int]) -> tuple[int, ...]:
    """A batch's shape in PyTorch's order: images have their channels before their pixels."""
    if len(shape) != 4:
        return tuple(shape)
    batch, height, width, channels = shape
    return batch, channels, height, width
