"""The process of one run, wherever it is, as the launch deals with it; and who starts such ones."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence

from sweep.launchers.own_run import LoopJob


class RunProcess(ABC):
    """A process that trains a run."""

    last_words: bytes = b""
    """The end of its stderr, once it has ended."""
    is_lost = False
    """Whether it went with its machine, through no fault of its run."""

    @abstractmethod
    def messages(self) -> Iterator[bytes]:
        """What it has said by now and was not heard yet; EOFError or OSError at its end."""

    def pause(self) -> None:
        """Gives its place to others, since it waits at a rung."""

    @abstractmethod
    def go_on(self, stop: int) -> bool:
        """Lets it train on to an epoch from where it waits; False where it is not there any
        more.
        """

    @abstractmethod
    def dismiss(self) -> None:
        """Says that it need not go on from where it waits."""

    @abstractmethod
    def kill(self) -> None:
        """Ends it, and all that it started, at once."""

    @abstractmethod
    def how_ended(self) -> int:
        """Its exit code, or minus its signal, once it has let go of its connection."""


class RunProcesses(ABC):
    """Starts a process for every run."""

    @abstractmethod
    def start(self, job: LoopJob) -> RunProcess:
        """A new process that trains a run, for which there is room."""

    @abstractmethod
    def ready(self, processes: Sequence[RunProcess], seconds: float) -> Sequence[RunProcess]:
        """Those that have something to say; one is waited for, but no longer than this."""

    def room(self, n_wanted: int) -> int:
        """How many of so many runs may train at a time as things are."""
        return n_wanted

    def has_room_for(self, process: RunProcess) -> bool:
        """Whether a waiting process may train on now."""
        return True

    @abstractmethod
    def close(self) -> None:
        """Ends all that was started beside the processes of runs."""
