"""The study's network from a seed, and in which type rows of whole numbers reach it."""

from __future__ import annotations

import logging
import math

from torch import nn

from sweep.errors import ModelError
from sweep.launchers.study_data import StudyData
from sweep.networks.builders import build_model
from sweep.networks.forward import copied
from sweep.records.parameters import ALL_DROPOUTS
from sweep.runtime.user_code import last_line
from sweep.study.settings import ModelSettings
from sweep.study.study import Study

logger = logging.getLogger("sweep")

SWEPT_DROPOUT = 0.5
"""Stands where a network has dropout for the sake of a swept rate alone."""


class NetworkBuilder:
    """Builds the study's model with the initial weights of a seed."""

    def __init__(self, study: Study, study_data: StudyData):
        self.folder, self.study_data = study.folder, study_data
        self.settings = _model_settings(study)
        self.idle: frozenset[str] = frozenset()
        """Parameters that get no gradient: they are frozen, as torch's optimizers leave them."""
        self.copies = False
        """Whether networks of several calls share tensors, as a body that was loaded once."""
        self._ahead: dict[int, nn.Module] = {}
        """Networks by seed that nobody has got yet."""

    def __call__(self, seed: int) -> nn.Module:
        made = self._ahead.pop(seed) if seed in self._ahead else self._made(seed)
        return self.settled(made)

    def ahead(self, seed: int) -> nn.Module:
        """The network that the next call with this seed gives, to be looked at and not changed."""
        self._ahead[seed] = self._made(seed)
        return self._ahead[seed]

    def forget(self) -> None:
        """Lets go of networks that were looked at and that nobody has asked for since."""
        self._ahead.clear()

    def _made(self, seed: int) -> nn.Module:
        data, x = self.study_data.data, self.study_data.first_split.x_train
        row_shape = tuple(x.shape[1:])
        return build_model(
            self.settings,
            n_inputs=math.prod(row_shape),
            n_outputs=self.study_data.n_outputs,
            output_row=self.study_data.criterion.row,
            input_shape=data.input_shape,
            row_shape=row_shape,
            seed=seed,
            folder=self.folder,
            dtype=self.study_data.dtype,
            row_dtype=x.dtype,
        )

    def settled(self, model: nn.Module) -> nn.Module:
        """The network, a copy if it shares tensors with others, with idle parameters frozen."""
        model = copied(model) if self.copies else model
        for name, parameter in model.named_parameters():
            if name in self.idle:
                parameter.requires_grad_(False)
        return model


def _model_settings(study: Study) -> ModelSettings:
    """With dropout where only an axis asks for it: the rate is each run's own."""
    swept = study.search.sweeps(ALL_DROPOUTS) and study.model.sets_dropout
    if not swept or study.model.dropout:
        return study.model
    return study.model.model_copy(update={"dropout": SWEPT_DROPOUT})


def build_with_rows(build: NetworkBuilder) -> nn.Module:
    """The network of seed 0, once the type of rows of whole numbers is chosen.

    They reach the network as they are if it takes them, or else as floats. Where neither will do,
    and whole numbers broke a rule of ours rather than an operation of torch, that alone is said.
    """
    try:
        template = build(0)
    except ModelError as as_whole:
        build.study_data.take_floats()
        try:
            template = build(0)
        except ModelError as error:
            if str(error) == str(as_whole):  # the type of the rows is not why it fails
                raise
            cause = as_whole.__cause__
            if cause is None:
                raise as_whole from error
            raise ModelError(f"{error} (as whole numbers: {last_line(cause)})") from error
    dtype = str(build.study_data.splits.row_dtype).removeprefix("torch.")
    logger.info("rows of whole numbers reach the network as %s", dtype)
    return template
