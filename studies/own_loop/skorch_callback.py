"""A skorch callback for a regularizer of a study."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from skorch import NeuralNet
from skorch.callbacks import Callback
from torch import nn

from sweep import Regularizer


class Regularize(Callback):
    """Makes a regularizer of the net's module, and calls it around every step."""

    def __init__(self, make: Callable[[nn.Module], Regularizer]) -> None:
        self.make = make

    def on_train_begin(self, net: NeuralNet, X: Any = None, y: Any = None, **kwargs: Any) -> None:
        self.regularizer_ = self.make(net.module_)

    def on_grad_computed(self, net: NeuralNet, named_parameters: Any, **kwargs: Any) -> None:
        self.regularizer_.add_gradients(net.optimizer_)

    def on_batch_end(self, net: NeuralNet, training: bool = False, **kwargs: Any) -> None:
        if training:
            self.regularizer_.step(net.optimizer_)
