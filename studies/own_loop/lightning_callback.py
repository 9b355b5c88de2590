"""A Lightning callback for a regularizer of a study.

The module makes the regularizer where it makes its optimizer; the callback does the rest.
"""

from __future__ import annotations

from typing import Any

import lightning as L
import torch

from sweep import Regularizer


class Regularize(L.Callback):
    """Calls the module's ``regularizer`` around every step of its optimizers."""

    def __init__(self) -> None:
        self._module: Any = None
        self._state: dict[str, Any] | None = None
        self._hooks: list[Any] = []

    def on_fit_start(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        reg = getattr(pl_module, "regularizer", None)
        if not isinstance(reg, Regularizer):
            raise ValueError("Regularize: configure_optimizers must set self.regularizer")
        self._module = pl_module
        if self._state is not None:  # of the checkpoint that training goes on from
            reg.load_state_dict(self._state)
        self._hooks = [
            optimizer.register_step_post_hook(lambda made, *_: reg.step(made))
            for optimizer in trainer.optimizers
        ]

    def on_before_optimizer_step(
        self, trainer: L.Trainer, pl_module: L.LightningModule, optimizer: torch.optim.Optimizer
    ) -> None:
        pl_module.regularizer.add_gradients(optimizer)  # unscaled by now, and not yet clipped

    def on_fit_end(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        for hook in self._hooks:
            hook.remove()

    def state_dict(self) -> dict[str, Any]:
        return {} if self._module is None else self._module.regularizer.state_dict()

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        self._state = state_dict or None
