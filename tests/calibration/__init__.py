"""How far the intervals can be trusted: studies simulated from known truths, estimated, counted.

    python -m tests.calibration --out table.md [--readme README.md] [--studies 400] [--processes 2]

``truths`` knows the exact curves and draws data from them, ``designs`` lists what is simulated,
``run`` counts, ``table`` writes Markdown. ``unseen`` is of other problems, ``allocated`` of runs of
a path that go where they count; ``layers`` trains whole studies. The short form is
``tests/calibration/test_calibration.py``, and ``tests/system/test_truths.py`` for ``layers``.
"""
