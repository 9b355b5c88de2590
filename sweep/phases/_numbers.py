"""The numbers of trials: every part of a study has a block of its own, as large as it may become.

Parts ask side by side, so a number must not depend on who asks first. The trials of the search come
first, as they are asked for; then one block after the other, paths of single layers last. A block
that is not used up leaves a gap.
"""

from __future__ import annotations

from sweep.phases.budget import layered_names, most_finalists, penalties_of
from sweep.phases.history import StudyHistory
from sweep.records.parameters import ALL_LAYERS
from sweep.records.trial import Phase
from sweep.regularizers.catalogue import has_one_strength, is_mixture
from sweep.study.study import Study

Block = tuple[Phase, str, str]
"""A phase, and of a path its penalty and what it moves."""

SETTLED = {
    Phase.PATH: (Phase.SELECT,),
    Phase.CONFIRM: (Phase.SELECT, Phase.PATH),
    Phase.BASELINE: (Phase.SELECT, Phase.PATH),
}
"""What has ended before a phase begins, where a study has one penalty and one path: no gaps are
left there."""


class TrialNumbers:
    """Gives the trials after the search their numbers."""

    def __init__(self, study: Study, history: StudyHistory):
        self.history = history
        self.most = study.path.points + 1 if study.path.points else 0
        """Strengths of a path, its anchor among them."""
        self.layered = layered_names(study)
        self.sizes = _sizes(study, self.most)
        self.first: dict[Block, int] = {}
        """The first number of each block."""
        self.end = study.search.trials
        """The first number after all blocks, where those of single layers begin."""
        for block, size in self.sizes.items():
            self.first[block] = self.end
            self.end += size
        is_alone = len(study.search.names) == 1 and len(_paths(study)) <= 1
        self._settled = SETTLED if is_alone else {}

    def of_finalist(self, penalty: str, place: int) -> int:
        """The number of a penalty's setting that is repeated."""
        return self._free((Phase.SELECT, penalty, ""), place)

    def of_path(self, penalty: str, moved: str, place: int, after: int) -> int:
        """The number of a strength of a penalty's path, or an ingredient's, above ``after``."""
        return self._free((Phase.PATH, penalty, moved), place, after)

    def of_layer(self, penalty: str, layer: int, place: int, after: int) -> int:
        """That of a strength of one layer's path; of ``""`` where only one penalty has such."""
        block = layer * len(self.layered) + self.layered.index(penalty)
        return self._passing_over(self.end + block * self.most + place, after)

    def of(self, phase: Phase, place: int) -> int:
        """The number of a trial after the paths."""
        return self._free((phase, "", ""), place)

    def _free(self, block: Block, place: int, after: int = -1) -> int:
        settled = self._settled.get(block[0], ())
        spared = sum(self._left_over(other) for other in self.sizes if other[0] in settled)
        return self._passing_over(self.first[block] + place - spared, after)

    def _left_over(self, block: Block) -> int:
        """How many numbers of a block that has ended were not needed."""
        trials = self.history.of_phase(block[0], block[1] or None)
        return self.sizes[block] - sum(trial.layer in ("", block[2]) for trial in trials)

    def _passing_over(self, number: int, after: int) -> int:
        """In a study that an earlier version began, whose numbers followed each other as they were
        asked for, another trial may have the number.
        """
        while number in self.history.trials or number <= after:
            number += self.end
        return number


def _paths(study: Study) -> list[Block]:
    names = penalties_of(study)
    paths = [(Phase.PATH, name, ALL_LAYERS) for name in names if has_one_strength(name)]
    mixtures = filter(is_mixture, names)
    return [*paths, *((Phase.PATH, m, name) for m in mixtures for name in study.search.cocktail)]


def _sizes(study: Study, most: int) -> dict[Block, int]:
    search = study.search
    return {
        **{(Phase.SELECT, name, ""): most_finalists(study, name) for name in search.names},
        **dict.fromkeys(_paths(study), most),
        (Phase.CONFIRM, "", ""): 1 + len(penalties_of(study)),
        (Phase.BASELINE, "", ""): len(search.baselines),
        (Phase.ABLATION, "", ""): 2 * len(search.cocktail),
        (Phase.CONTROL, "", ""): search.trials,
    }
