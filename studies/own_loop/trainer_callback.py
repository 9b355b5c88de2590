"""A callback of Hugging Face's ``Trainer`` for a regularizer of a study.

The optimizer is made of the regularizer's groups, and given to the trainer with it.
"""

from __future__ import annotations

from typing import Any

from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from sweep import Regularizer


class Regularize(TrainerCallback):
    """Calls a regularizer around every step of the trainer's optimizer."""

    def __init__(self, regularizer: Regularizer) -> None:
        self.regularizer = regularizer

    def on_train_begin(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        if args.fp16:
            raise ValueError("Regularize: gradients must not be scaled, found fp16; take bf16")

    def on_step_begin(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        # gradients are empty here: the batches of the step add theirs, and all are clipped together
        self.regularizer.add_gradients()

    def on_optimizer_step(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        self.regularizer.step(kwargs["optimizer"])
