"""The lines that apply found strengths in the loop or the command that found them: text alone."""

from __future__ import annotations

import math
import shlex
from collections.abc import Mapping

from sweep.records.parameters import EPOCHS
from sweep.regularizers.catalogue import (
    acts_on_weights,
    has_strength,
    is_mixture,
    regularizes,
)
from sweep.regularizers.usage import Settings, constructor_arguments

OF_RUN = (EPOCHS, "seed", "split_seed", "fold")
"""What is an attribute of a run; the axes are in its ``params``."""


def function_lines(
    name: str,
    penalty: str,
    strengths: Mapping[str, float] | float,
    params: Settings,
    source: str = "",
    *,
    asks: bool | None = True,
) -> tuple[str, ...]:
    """Lines of Python that take the place of what a loop asks its run for.

    Args:
        name: What the loop is called.
        penalty: The penalty, as the study has it.
        strengths: The strength; of a cocktail those of its ingredients by name.
        params: The axes, the penalty's numbers and what else a run has (``OF_RUN``) by name.
        source: The file that ``sweep best`` wrote, where the loop took its regularizer from
            the run.
        asks: Whether the loop asked its run for a regularizer; None where nobody knows.

    Returns:
        The lines, without their ends, each with the attribute of the run that it stands for.
    """
    lines = [f"# in {name}, in the place of what it takes from its run:"]
    if isinstance(strengths, Mapping):
        lines.append(f"strengths = {_plain(strengths)!r}  # run.strengths")
    elif regularizes(penalty) and has_strength(penalty) and not source:
        lines.append(f"strength = {float(strengths)!r}  # run.strength, of {penalty}")
    for axis, value in params.items():
        if not axis.isidentifier():  # a number of the penalty
            continue
        place = f"run.{axis}" if axis in OF_RUN else f"run.params[{axis!r}]"
        lines.append(f"{axis} = {value!r}  # {place}")
    made = ""
    if source:
        made = f"sweep.Regularizer.of({source!r}, model)"
    elif (
        asks is not False
        and not is_mixture(penalty)
        and regularizes(penalty)
        and acts_on_weights(penalty)
    ):
        made = f"sweep.Regularizer(model, {constructor_arguments(penalty, strengths, params)})"
    if made and asks is None:
        lines += ["# only where it takes run.regularizer(model):", f"reg = {made}"]
    elif made:
        lines.append(f"reg = {made}  # run.regularizer(model)")
    return tuple(lines)


def command_line(words: list[str], strength: float, penalty: str) -> tuple[str, ...]:
    """A command with all of its placeholders filled in, as a shell takes it."""
    has_one = math.isfinite(strength) and regularizes(penalty) and has_strength(penalty)
    shown = f" at {strength!r}" if has_one else ""
    return (f"# {penalty}{shown}:", shlex.join(words))


def _plain(strengths: Mapping[str, float]) -> dict[str, float]:
    return {name: float(value) for name, value in strengths.items()}
