"""A run in a process of its own, as the launch sees it: what it has reported, and how it ended."""

from __future__ import annotations

import json
import math
import os
import re
import time
from dataclasses import dataclass, field
from typing import Any

from sweep.launchers._run_process import RunProcess
from sweep.launchers.own_run import LoopJob
from sweep.metrics.columns import Part, read_column
from sweep.records.trial import Curve, LayerReading, RunResult, State
from sweep.training.jobs import Checkpoint, Segment, SegmentResult

GRACE_SECONDS = 5.0
"""What a loop has to put things in order in, once it has ended or hears that it need not go on."""
TAIL_LINES = 3
LONGEST_NOTE = 500
SECRET = re.compile(r"(?i)pass|secret|token|key|credential|auth")
"""Variables of the environment whose values are kept out of notes."""
SHORTEST_SECRET = 6


@dataclass(eq=False)
class LiveRun:
    """A run whose process has been started."""

    segment: Segment
    job: LoopJob
    process: RunProcess
    most_seconds: float
    """Of training."""
    curves: dict[str, list[float]] = field(default_factory=dict)
    finals: dict[str, float] = field(default_factory=dict)
    """Last values of what has no curve: of test rows, and of the constant predictor."""
    epoch: int = 0
    seconds: float = 0.0
    state: State | None = None
    """What it has come to; None while it trains, RUNNING while it waits at a rung."""
    note: str = ""
    layers: tuple[LayerReading, ...] = ()
    is_gone: bool = False
    """Whether its process has let go of the connection."""

    def __post_init__(self) -> None:
        self.deadline = time.monotonic() + self.most_seconds

    # ---- what it hears -------------------------------------------------------------------------

    def go_on(self, segment: Segment) -> bool:
        """Lets a waiting run train on; False where its process is not there any more."""
        if self.is_gone or not self.process.go_on(segment.stop):
            return False
        self.segment, self.state = segment, None
        self.deadline = time.monotonic() + self.most_seconds - self.seconds
        return True

    def dismiss(self) -> None:
        """Tells a waiting run that it need not go on."""
        self.process.dismiss()
        self.state = State.PRUNED
        self.deadline = time.monotonic() + GRACE_SECONDS

    def end_if_late(self) -> None:
        """Kills a process that has had its time."""
        now = time.monotonic()
        if now < self.deadline or self.waits:
            return
        self.fail(f"it took more than training.run_seconds = {self.most_seconds:g}")
        self.process.kill()
        # what it started may hold the connection from elsewhere
        self.is_gone |= now > self.deadline + GRACE_SECONDS

    def end(self) -> None:
        """Kills its process, and gives back what it took."""
        self.process.kill()
        self.process.how_ended()

    def fail(self, note: str) -> None:
        """Marks it as failed; what has become of it already stays."""
        if not self.has_ended:
            self.state, self.note = State.FAILED, note

    # ---- what it says --------------------------------------------------------------------------

    def listen(self) -> int:
        """Takes up all that it has said by now; returns how many epochs are new."""
        before = self.epoch
        try:
            for message in self.process.messages():
                if self.state is None:
                    self._take(json.loads(message))
        except (EOFError, OSError):
            self.is_gone = True
        return self.epoch - before

    def _take(self, message: dict[str, Any]) -> None:
        self.seconds = message["seconds"]
        if "report" in message:
            self._note_epoch(message["report"])
            return
        self.deadline = time.monotonic() + GRACE_SECONDS
        self.note = message.get("note", "")
        self.layers = tuple(
            LayerReading(layer, self.job.strength, *own)
            for layer, *own in message.get("layers", ())
        )
        ended = {"returned": State.COMPLETE, "pruned": State.PRUNED, "failed": State.FAILED}
        self.state = ended[message["end"]]
        if self.state is State.COMPLETE and not self.epoch:
            self.state, self.note = State.FAILED, "run.report was never called"

    def _note_epoch(self, values: dict[str, float]) -> None:
        self.epoch += 1
        for name, value in values.items():
            read = read_column(name)
            assert read is not None
            if read.part in (Part.TRAINING, Part.VALIDATION):
                self.curves.setdefault(name, []).append(value)
            elif read.part is Part.NULL or self.job.is_final:
                self.finals[name] = value
        if uneven := [name for name, own in self.curves.items() if len(own) != self.epoch]:
            self.fail(f"{uneven[0]} must be reported at every epoch or at none")
            self.deadline = time.monotonic()
        elif bad := [name for name in self.job.needed if not math.isfinite(values[name])]:
            self.state, self.note = State.DIVERGED, f"{bad[0]} is not finite at epoch {self.epoch}"
            self.deadline = time.monotonic() + GRACE_SECONDS
        elif self.epoch == self.segment.stop < self.job.epochs:
            self.state = State.RUNNING

    # ---- what it has come to -------------------------------------------------------------------

    @property
    def waits(self) -> bool:
        """Whether it waits at a rung."""
        return self.state is State.RUNNING

    @property
    def has_ended(self) -> bool:
        """Whether it is known what became of it."""
        return self.state is not None and self.state.ended

    def result(self, named: tuple[str, ...]) -> SegmentResult:
        """The record of the run; ``named`` are the columns of metrics that the study names."""
        assert self.state is not None
        epochs = tuple(range(1, self.epoch + 1))
        curves = {name: own for name, own in self.curves.items() if len(own) == self.epoch}
        metrics = {name: own[-1] for name, own in curves.items()} | self.finals
        if losses := curves.get("val_loss"):
            best = min(range(len(losses)), key=lambda i: (losses[i], i))
            metrics |= {"best_val_loss": losses[best], "best_epoch": float(best + 1)}
        if self.layers:
            metrics["weight_norm"] = math.hypot(*(own.norm for own in self.layers))
            metrics["zeros"] = float(sum(own.zeros for own in self.layers))
            metrics["n_weights"] = float(sum(own.weights for own in self.layers))
        result = RunResult(
            self.segment.run,
            self.state,
            self.epoch,
            metrics,
            tuple(Curve(name, epochs, tuple(own)) for name, own in curves.items()),
            self.layers,
            self.seconds,
            self._whole_note(),
            {name: metrics[name] for name in named if name in metrics},
        )
        kept = {name: tuple(zip(epochs, own, strict=True)) for name, own in curves.items()}
        checkpoint = Checkpoint(self.epoch, self.seconds, kept, {}) if self.waits else None
        return SegmentResult(self.segment, result, checkpoint)

    def _whole_note(self) -> str:
        """Why it did not complete, with the last lines of its stderr where it failed."""
        if self.state is not State.FAILED:
            return self.note
        text = without_secrets(self.process.last_words.decode("utf-8", "replace"))
        lines = [line.strip() for line in text.splitlines() if line.strip()][-TAIL_LINES:]
        said = " / ".join("".join(c for c in line if c.isprintable()) for line in lines)
        note = f"{self.note}; stderr ends: {said}" if said else self.note
        return note if len(note) <= LONGEST_NOTE else note[: LONGEST_NOTE - 3] + "..."


def without_secrets(text: str) -> str:
    """The text without the values of variables of the environment that look like secrets."""
    values = {v for name, v in os.environ.items() if SECRET.search(name)}
    for value in sorted(values, key=len, reverse=True):
        if len(value) >= SHORTEST_SECRET:
            text = text.replace(value, "***")
    return text
