"""The door for training code of one's own: ``Regularizer``, with torch and the formulas alone."""

from __future__ import annotations

from sweep.toolkit.regularizer import Regularizer

__all__ = ["Regularizer"]
