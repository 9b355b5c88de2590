"""What every test shares: real databases, and one thread, so that timings do not disturb."""

from __future__ import annotations

import torch

from tests.databases import database, postgres

__all__ = ["database", "postgres"]

torch.set_num_threads(1)
