"""MNIST-1D drawn in whole arrays against the package that defines it."""

from __future__ import annotations

import platform
import random
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from mnist1d import data
from scipy.ndimage import gaussian_filter1d

from sweep.data._mnist1d import DEFAULTS, SMOOTH, _smoothed, is_covered, make_dataset, templates
from sweep.data._synthetic import draw_mnist1d
from sweep.data.datasets import load_data
from sweep.errors import DataError
from sweep.study.data_settings import DataSettings

FUSED = platform.machine().lower() not in ("x86_64", "amd64")
"""Whether numpy may be compiled to multiply and add with one rounding."""


def options(**given: Any) -> Any:
    made = data.get_dataset_args()
    for name, value in ({"num_samples": 130} | given).items():
        setattr(made, name, value)
    return made


@pytest.mark.parametrize(
    "given",
    [
        *({"seed": seed} for seed in (0, 1, 42, 2**32 - 1)),
        *({"num_samples": n} for n in (10, 19, 1000)),
        *({"train_split": share} for share in (0, 0.5, 1, -0.5, 3)),
        *({"final_seq_length": n} for n in (1, 17, 71, 72, 73, 200)),
        *({"template_len": n} for n in (2, 11, 40)),
        *({"padding": low_high} for low_high in ([0, 0], [0, 5], (10, 100), [60, 60])),
        *({"max_translation": n} for n in (1, 72, 73, 300)),
        {"shuffle_seq": True},
        {"shuffle_seq": True, "final_seq_length": 9, "seed": 3},
        {"corr_noise_scale": 0, "iid_noise_scale": 0.0},
        {"corr_noise_scale": 1.5, "iid_noise_scale": -2},
        {"scale_coeff": 0, "shear_scale": -3.5},
        {"padding": [3, 900], "max_translation": 2000, "template_len": 7, "url": ""},
    ],
    ids=str,
)
def test_rows_are_those_of_the_package(given: dict[str, Any]) -> None:
    assert is_covered(options(**given))
    expected, found = data.make_dataset(options(**given)), make_dataset(options(**given))
    for name, array in found.items():
        assert array.dtype == expected[name].dtype
        if FUSED:
            np.testing.assert_allclose(array, expected[name], rtol=0, atol=1e-6)
        else:
            np.testing.assert_array_equal(array, expected[name])


@pytest.mark.parametrize("length", [1, 2, 7, 8, 9, 16, 17, 72, 300])
def test_noise_is_smoothed_as_scipy_does(length: int) -> None:
    for seed in range(40):
        noise = np.random.default_rng(seed).standard_normal((6, length)) * 10.0 ** (seed % 5)
        expected = gaussian_filter1d(noise, SMOOTH, axis=1)
        tolerance = 1e-14 * np.abs(noise).max() if FUSED else 0.0
        np.testing.assert_allclose(_smoothed(noise), expected, rtol=0, atol=tolerance)


def test_shapes_and_defaults_are_those_of_the_package() -> None:
    np.testing.assert_array_equal(templates(), data.get_templates()["x"])
    theirs = data.get_dataset_args(as_dict=True)
    assert {**DEFAULTS, "padding": list(DEFAULTS["padding"]), "url": theirs["url"]} == theirs


def test_the_global_random_states_are_left_alone() -> None:
    def states() -> tuple[Any, bytes, int]:
        _, words, *rest = np.random.get_state()  # noqa: NPY002 - the state itself
        return random.getstate(), words.tobytes(), rest[0]

    before = states()
    make_dataset(options())
    assert states() == before
    draw_mnist1d({"num_samples": 40, "max_translation": [1, 2]}, 5)
    assert states() == before


@pytest.mark.parametrize(
    "given",
    [
        {"max_translation": [3, 5]},
        {"num_samples": np.int64(40)},
        {"padding": np.array([36, 60])},
        {"padding": [36.5, 60]},
        {"scale_coeff": np.ones(72)},
        {"corr_noise_scale": np.zeros(72)},
        {"of_a_later_version": 1},
    ],
    ids=str,
)
def test_options_out_of_the_ordinary_go_to_the_package(
    given: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    monkeypatch.setattr(data, "make_dataset", asked.append)
    make_dataset(options(**given))
    assert len(asked) == 1


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"num_samples": 9}, "ValueError: need at least one array to stack"),
        ({"num_samples": 50.0}, "TypeError: 'float' object cannot be interpreted as an integer"),
        ({"padding": [36]}, "ValueError: not enough values to unpack"),
        ({"max_translation": 0}, "ValueError: a must be greater than 0"),
        ({"train_split": float("nan")}, "ValueError: cannot convert float NaN to integer"),
        ({"seed": -1}, "ValueError: Seed must be between 0 and"),
        ({"scale_coeff": "much"}, "UFuncTypeError|UFuncNoLoopError|TypeError"),
    ],
    ids=str,
)
def test_what_the_package_says_of_wrong_options_is_told(given: dict[str, Any], said: str) -> None:
    with pytest.raises(DataError, match=f"mnist1d must run without an error, found ({said})"):
        draw_mnist1d({"num_samples": 20, **given}, 0)


def test_an_unknown_option_is_told() -> None:
    with pytest.raises(DataError, match="an option of mnist1d must be named, found 'size'; they"):
        draw_mnist1d({"size": 3}, 0)


def test_the_first_draw_is_made_once(monkeypatch: pytest.MonkeyPatch) -> None:
    seeds: list[int] = []

    def noting(args: Mapping[str, Any], seed: int) -> tuple[np.ndarray, np.ndarray]:
        seeds.append(seed)
        return draw_mnist1d(args, seed)

    monkeypatch.setattr("sweep.data._row_sources.draw_mnist1d", noting)
    given = {"name": "mnist1d", "design": "fresh", "args": {"num_samples": 130}}
    settings = DataSettings.model_validate(given)
    found = load_data(settings, Path())
    assert found.draw is not None
    first, again, other = found.draw(0), found.draw(0), found.draw(1)
    assert seeds == [0, 1]
    np.testing.assert_array_equal(first.x, draw_mnist1d(settings.args, 0)[0])
    np.testing.assert_array_equal(other.x, draw_mnist1d(settings.args, 1)[0])
    assert first is again
