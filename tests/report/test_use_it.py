"""Lines to paste: for every setting, Python, and short enough to stand beside a figure."""

from __future__ import annotations

import ast

import pandas as pd
import pytest

from dashboards.gather.outcome import Outcome
from dashboards.sections.use_it import WIDTH, narrow_lines, usages
from tests.support.report_frames import PENALTIES, copied, whole

Tables = dict[str, pd.DataFrame]


@pytest.fixture
def frames(few_frames: Tables) -> Tables:
    return copied(few_frames)


def test_every_tuned_setting_has_lines_that_are_python(frames: Tables) -> None:
    found = usages(Outcome(whole(frames)))
    assert [use.name for use in found] == ["decay", "L2", "L1"]
    assert [use.recommended for use in found] == [True, False, False]
    for use in found:
        ast.parse(use.lines)
        assert max(map(len, use.lines.splitlines())) <= WIDTH


def test_the_lines_have_the_numbers_of_the_headline(frames: Tables) -> None:
    lines = usages(Outcome(whole(frames)))[0].lines
    assert f"strength={PENALTIES['decay']}" in lines
    assert "lr=0.002" in lines


@pytest.mark.parametrize(
    "line",
    [
        "    optimizer.zero_grad(); loss.backward(); optimizer.step()",
        "optimizer = torch.optim.AdamW(reg.parameter_groups(lr=0.0045), nesterov=True)",
        "# as in the study: schedule = \"cosine\", epochs = 100, batch_size = 32, warmup = 0.05",
        "reg.step(optimizer)",
    ],
)  # fmt: skip
def test_broken_lines_do_the_same(line: str) -> None:
    parts = narrow_lines(line)
    assert max(map(len, parts)) <= WIDTH
    whole_line = f"if x:\n{line}" if line.startswith(" ") else line
    broken = "\n".join(["if x:", *parts] if line.startswith(" ") else parts)
    assert ast.dump(ast.parse(broken)) == ast.dump(ast.parse(whole_line))


def test_the_strengths_at_the_boundaries_stand_beneath_the_lines(frames: Tables) -> None:
    outcome = Outcome(whole(frames))
    boundary = outcome.frames.boundary("decay")
    assert boundary is not None
    low, high = (f"{boundary[n]:.2g}" for n in ("overfitting_ends", "underfitting_starts"))
    wanted = [f"# smallest good strength: {low}", f"# largest good strength: {high}"]
    assert usages(outcome)[0].lines.splitlines()[-2:] == wanted
