"""The section on how full the slots were."""

from __future__ import annotations

import pandas as pd

from dashboards.sections.occupancy import occupancy_figure, occupancy_words


def test_occupancy_is_weighted_by_time() -> None:
    table = pd.DataFrame(
        {
            "launch": [1, 1, 2],
            "phase": ["explore", "path", "path"],
            "start_seconds": [0.0, 10.0, 0.0],
            "seconds": [10.0, 30.0, 10.0],
            "occupied": [2.0, 4.0, 4.0],
            "slots": [4.0, 4.0, 4.0],
            "waiting": [0.0, 9.0, 1.0],
        }
    )
    finding, by_phase = occupancy_words(table)
    assert finding == "90 % of all slot time had a run in it"
    assert by_phase == "explore 50 %, path 100 %"
    figure = occupancy_figure(table)
    path = next(trace for trace in figure.data if trace.name == "path")
    assert max(path.x) == 50.0, "the second launch stands after the first"
