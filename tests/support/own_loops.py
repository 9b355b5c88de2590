"""Loops of a user's with a known truth: curves that are formulas of strength, seed and epoch."""

from __future__ import annotations

import math
import random
from collections.abc import Mapping
from pathlib import Path

TRAIN = '''
"""A loop without PyTorch: its losses are formulas."""
import json, math, os, random, signal, sys, time

def losses(penalty, strength, seed, epoch):
    x = min(2.0, math.log10(strength)) if strength else -6.0
    far = x - {"l2": -2.0, "l1": -1.0, "none": 0.0}[penalty]
    noise = random.Random(seed).gauss(0, 0.01)
    left = 0.5 ** epoch
    val = 0.3 + 0.05 * far * far + noise + left
    return {"train_loss": 0.2 + 0.04 * max(0.0, far + 1) ** 2 + left, "val_loss": val}

def train(run):
    for epoch in range(1, run.epochs + 1):
        test = {"test_loss": 0.5 + run.strength} if run.is_final else {}
        run.report(**losses(run.penalty, run.strength, run.seed, epoch), null_loss=2.0, **test)

if __name__ == "__main__":
    penalty, strength, seed, epochs, final = sys.argv[1:]
    print("a line of its own")
    for epoch in range(1, int(epochs) + 1):
        values = losses(penalty, float(strength), int(seed), epoch)
        test = {"test_loss": 0.5 + float(strength)} if final == "1" else {}
        print(json.dumps({"epoch": epoch, "null_loss": 2.0, **values, **test}))
'''
FUNCTION = 'function = "train.py:train"'
COMMAND = (
    'command = ["python", "train.py", "{penalty}", "{strength}", "{seed}", "{epochs}", "{final}"]'
)
STUDY = """
[study]
name = "own"
[training]
LOOP
epochs = 4
[search]
penalties = ["l2", "l1"]
strength = { low = 1e-5, high = 1e2 }
trials = 8
round = 4
[path]
points = 5
ladder = "even"
resamples = 2
"""


def write_study(folder: Path, loop: str = FUNCTION, text: str = STUDY) -> Path:
    """The study file beside its loop."""
    folder.joinpath("train.py").write_text(TRAIN)
    path = folder / "own.toml"
    path.write_text(text.replace("LOOP", loop))
    return path


def losses(penalty: str, strength: float, seed: int, epoch: int) -> Mapping[str, float]:
    """What the loop of ``TRAIN`` reports, computed here once more."""
    x = min(2.0, math.log10(strength)) if strength else -6.0
    far = x - {"l2": -2.0, "l1": -1.0, "none": 0.0}[penalty]
    left = 0.5**epoch
    return {
        "val_loss": 0.3 + 0.05 * far * far + random.Random(seed).gauss(0, 0.01) + left,
        "train_loss": 0.2 + 0.04 * max(0.0, far + 1) ** 2 + left,
    }
