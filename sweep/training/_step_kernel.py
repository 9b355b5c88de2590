"""The library of the compiled step, where an install had a C compiler to make it.

``_step_program.h`` has the structures below, field by field.
Legend: R slots, P parameters of a run.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from ctypes import POINTER, Structure, c_double, c_int64, c_void_p

import torch

from sweep.runtime.c_library import functions_of, load

LIBRARY = "sweep.training._step_library"
"""What pyproject.toml calls it."""
VERSION = 5
"""Of the sources in C that the library must be made from."""
OPTIMIZERS = {"none": 0, "adam": 1, "sgd": 2}
KINDS = {
    "l2": 0,
    "l2_sp": 1,
    "decay": 2,
    "decay_independent": 3,
    "decay_corrected": 4,
    "decay_cautious": 5,
    "l1": 6,
    "elastic_net": 7,
    "spectral": 100,
    "group_lasso": 101,
    "max_norm": 102,
    "cpr": 103,
    "fixed_norm": 104,
    "orthogonal": 105,
}
"""The penalties that it knows; those from 100 on need a whole layer at once."""


class Action(Structure):
    """One penalty on one layer of the rows from ``first_row`` to ``end_row``."""

    _fields_ = (
        ("kind", c_int64),
        ("first_row", c_int64),
        ("end_row", c_int64),
        ("strength", c_void_p),
        ("strength_stride", c_int64),
        ("number", c_void_p),
        ("memory", c_void_p),
        ("memory_stride", c_int64),
        ("memory2", c_void_p),
        ("base_lr", c_void_p),
        ("base_lr_stride", c_int64),
        ("n_units", c_int64),
        ("unit_size", c_int64),
        ("scale_invariant", c_int64),
        ("always", c_int64),
    )


class Stretch(Structure):
    """Columns with the same actions."""

    _fields_ = (
        ("start", c_int64),
        ("stop", c_int64),
        ("before", POINTER(Action)),
        ("n_before", c_int64),
        ("after", POINTER(Action)),
        ("n_after", c_int64),
    )


class Program(Structure):
    """What happens to rows of (R, P)."""

    _fields_ = (
        ("optimizer", c_int64),
        ("nesterov", c_int64),
        ("follows", c_int64),
        ("n_columns", c_int64),
        ("theta", c_void_p),
        ("grad", c_void_p),
        ("first", c_void_p),
        ("second", c_void_p),
        ("largest", c_void_p),
        ("lr", c_void_p),
        ("momentum", c_void_p),
        ("rates", c_void_p),
        ("numbers", c_void_p),
        ("n_steps", c_void_p),
        ("stretches", POINTER(Stretch)),
        ("n_stretches", c_int64),
        ("scratch", c_void_p),
        ("tiny", c_double),
        ("near", c_double),
        ("largest_number", c_double),
        ("gradients", c_void_p),
        ("clip_norm", c_void_p),
        ("clip_value", c_void_p),
        ("acting", c_void_p),
    )


Step = Callable[[object, int, int], None]
"""Runs a program, given by reference, on the rows from one to another."""


@functools.cache
def steps() -> tuple[dict[torch.dtype, Step], str]:
    """The compiled step of every type of number, and why there is none where there is none."""
    library, missing = load(LIBRARY, VERSION)
    return functions_of(library, "regsweep_step", (POINTER(Program), c_int64, c_int64)), missing
