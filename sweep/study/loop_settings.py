"""The keys of ``[training]`` that put a loop of the user's in the place of the package's own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, Strict

from sweep.study.axes import TomlTable
from sweep.study.command import check_command, check_words
from sweep.study.validators import REFERENCE, broken, found


def check_loop(source: object) -> object:
    """A function, or the reference of one."""
    if callable(source) or (isinstance(source, str) and REFERENCE.fullmatch(source)):
        return source
    if isinstance(source, str) and ("<locals>" in source or "<lambda>" in source):
        raise broken(
            f"a function that can be found again must be given, found {found(source)}; launch "
            "this study from the Python code that it was made in"
        )
    raise broken(
        f'"file.py:function" or "package.module:function" must be given, found {found(source)}; '
        "name the function that trains one run"
    )


class LoopSettings(TomlTable):
    """A loop of the user's, by a function or a command."""

    function: Annotated[str | Callable[..., Any], BeforeValidator(check_loop)] | None = Field(
        default=None,
        description='a training loop of your own, `"file.py:train"` or `"package.module:train"`: '
        "called as `train(run)` for every run, in a process of its own, it trains as it likes "
        "and calls `run.report(train_loss=..., val_loss=...)` once an epoch. Of the other keys "
        "of this table `command`, `run_seconds`, `null_loss`, `lr`, `epochs` and `batch_size` "
        "may stand beside it; `[model]` is left out, and `[data]` may be",
    )
    command: (
        Annotated[
            tuple[Annotated[str, Field(min_length=1)], ...],
            Strict(False),
            Field(min_length=1, max_length=1000),
            AfterValidator(check_command),
            BeforeValidator(check_words),
        ]
        | None
    ) = Field(
        default=None,
        description="the same as a program, without a shell: a list of words, in which "
        "`{strength}`, `{penalty}`, `{seed}`, `{fold}`, `{split_seed}`, `{epochs}`, `{lr}`, "
        "`{batch_size}`, `{device}`, `{final}`, `{results}`, `{rows}` and the names of axes and of "
        "the cocktail's regularizers stand for a run's own. It writes an object of JSON for every "
        'epoch on a line of its own, `{"train_loss": 0.5, "val_loss": 0.6}`, on stdout or into '
        "the file `{results}`",
    )
    run_seconds: Annotated[float, Field(gt=0, le=1e8)] | None = Field(
        default=None,
        description="of your own loop: seconds after which a run is ended, and has failed; left "
        "out, runs may take any time",
    )
    null_loss: Annotated[float, Field(ge=-1e30, le=1e30)] | None = Field(
        default=None,
        description="of your own loop: the validation loss of the constant predictor, ln(classes) "
        "of balanced classes, where the loop does not report `null_loss` itself; left out, "
        "boundaries take the loss at the strongest strength for it, of the penalty that has the "
        "highest there",
    )

    @property
    def loop(self) -> str | Callable[..., Any] | None:
        """The function of the user's loop, or its command's program; None without one."""
        return self.command[0] if self.function is None and self.command else self.function

    @property
    def loop_kind(self) -> str:
        """``function`` or ``command``; "" where the package's own loop trains."""
        if self.function is not None:
            return "function"
        return "command" if self.command is not None else ""
