"""What a reader should know of how the runs were trained, and by whom."""

from __future__ import annotations

from collections.abc import Iterator

from dashboards.gather.frames import Frames
from dashboards.gather.imported import no_path_words, source_words
from dashboards.gather.metric_format import value_text
from dashboards.gather.numbers import digits

EXACT = 1e-9


def same_weights(frames: Frames) -> Iterator[str]:
    """Initial weights that no seed changes."""
    if frames.study.same_weights:
        yield (
            "Every run begins with the same weights for every seed, so the intervals leave out "
            "what other initial weights would change. That is as it should be for weights from a "
            "file; otherwise take torch.manual_seed out of the network."
        )


def parity(frames: Frames) -> Iterator[str]:
    """Training that could be compared with plain PyTorch's in few digits only."""
    used = "stacked" if frames.study.stacked else "alone"
    worst = frames.study.parity.get(used, 0.0)
    if worst > EXACT:
        yield (
            "The network does not take float64, so its first steps were compared with plain "
            f"PyTorch's in float32 alone, where they agree to {digits(worst, 1)} of the largest "
            "number."
        )


def imported(frames: Frames) -> Iterator[str]:
    """What this program has not seen, and has to take from who imported the runs."""
    facts = frames.study
    if not facts.source:
        return
    yield (
        f"These are {source_words(facts, len(frames.runs))}. That losses leave the penalty out, "
        "that a seed stands for the same rows at every strength, and that nothing moved beside "
        "what its columns say, is the word of who imported them."
    )
    yield from no_path_words(facts)


def constant_predictor(frames: Frames) -> Iterator[str]:
    """Where nobody said what a constant predictor loses."""
    if not frames.null_is_strongest:
        return
    strongest = {
        penalty: table[frames.objective.validation].dropna().iloc[-1]
        for penalty, table in frames.paths.items()
        if frames.objective.validation in table
    }
    found = ", ".join(f"{p} {value_text(frames.objective, v)}" for p, v in strongest.items())
    given = "" if frames.study.source else " Give it as training.null_loss, or report null_loss."
    yield (
        "What a constant predictor would lose was taken from the strongest strength of the penalty "
        f"that loses most there{f' ({found})' if found else ''}. Where that still learns, the "
        "skill is taken for smaller than it is, and the boundaries lie too close together; where "
        "it has blown up, "
        f"too far apart.{given}"
    )
