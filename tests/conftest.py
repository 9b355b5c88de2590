"""What every test shares: real databases, and one thread, so that timings do not disturb.

Products of matrices as small as the tests' take up to twenty times the processor's time on two
threads, which wait for each other by spinning. The processes that tests start inherit the setting.
"""

from __future__ import annotations

import os

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # is read when numpy and scipy are first loaded

import torch
from hypothesis import settings

from tests.databases import database, postgres, stoppable

__all__ = ["database", "postgres", "stoppable"]

settings.register_profile("shared machine", deadline=None)
settings.load_profile("shared machine")
torch.set_num_threads(1)
