"""Images in folders are what torchvision's ``ImageFolder`` and ``ToTensor`` make of them."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from sweep.data import _image_folders
from sweep.data.datasets import Data, load_data
from sweep.data.stored_array import StoredArray
from sweep.errors import DataError
from sweep.study.data_settings import DataSettings

RNG = np.random.default_rng(0)


def pixels(*shape: int) -> np.ndarray:
    return RNG.integers(0, 256, shape, dtype=np.uint8)


def save(path: Path, values: np.ndarray) -> np.ndarray:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(values).save(path)
    return values


def load(folder: Path, **keys: Any) -> Data:
    return load_data(DataSettings(name="images", path="images", **keys), folder)


def pool(data: Data) -> Any:
    assert data.pool is not None
    return data.pool


@pytest.fixture
def colours(tmp_path: Path) -> dict[str, np.ndarray]:
    """Twelve images of two classes by their place, in the order of ``ImageFolder``."""
    names = [f"{label}/{i}.png" for label in ("ant", "bee") for i in (0, 1, 10, 2, 3, 4)]
    made = {name: save(tmp_path / "images" / name, pixels(6, 5, 3)) for name in names}
    (tmp_path / "images/ant/notes.txt").write_text("no image")
    (tmp_path / "images/.hidden").mkdir()
    return made


@pytest.mark.parametrize("cache", [None, "cache"])
def test_images_are_their_pixels_in_the_order_of_names(
    cache: str | None,
    colours: dict[str, np.ndarray],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(_image_folders, "BLOCK_BYTES", 1000)
    data = load(tmp_path, cache=cache)
    wanted = np.stack(list(colours.values())).transpose(0, 3, 1, 2).astype(np.float32) / 255
    x = pool(data).x
    assert isinstance(x, StoredArray) == (cache is not None)
    np.testing.assert_array_equal(np.asarray(x), wanted)
    assert np.asarray(x).dtype == np.float32
    np.testing.assert_array_equal(pool(data).y, np.repeat([0, 1], 6))
    assert (data.class_names, data.input_shape, data.standardize) == (
        ("ant", "bee"),
        (3, 6, 5),
        False,
    )


def test_a_changed_file_is_decoded_anew(colours: dict[str, np.ndarray], tmp_path: Path) -> None:
    first = load(tmp_path, cache="cache")
    assert load(tmp_path, cache="cache").fingerprint == first.fingerprint
    assert len(list((tmp_path / "cache").iterdir())) == 1
    path = tmp_path / "images/ant/0.png"
    save(path, 255 - colours["ant/0.png"])
    os.utime(path, ns=(1, 1))
    changed = load(tmp_path, cache="cache")
    assert changed.fingerprint == load(tmp_path).fingerprint != first.fingerprint


def test_a_file_of_the_same_size_and_time_is_decoded_anew(
    colours: dict[str, np.ndarray], tmp_path: Path
) -> None:
    """As one that was unpacked or copied with its time."""
    path = tmp_path / "images/ant/0.bmp"
    for one in sorted((tmp_path / "images").glob("*/*.png")):
        Image.open(one).save(one.with_suffix(".bmp"))
        one.unlink()
    first, state = load(tmp_path, cache="cache"), path.stat()
    save(path, 255 - colours["ant/0.png"])
    os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns))
    assert path.stat().st_size == state.st_size
    assert load(tmp_path, cache="cache").fingerprint != first.fingerprint


def test_a_class_may_be_called_like_a_part(colours: dict[str, np.ndarray], tmp_path: Path) -> None:
    """As trains are in many data sets."""
    (tmp_path / "images/bee").rename(tmp_path / "images/train")
    assert load(tmp_path).class_names == ("ant", "train")


def test_the_largest_centred_part_is_resized(tmp_path: Path) -> None:
    made = [save(tmp_path / f"images/{c}/{i}.png", pixels(8, 12)) for c in "ab" for i in range(3)]
    data = load(tmp_path, size=4)
    # torchvision: Resize(4), then CenterCrop(4)
    boxes = [np.array(Image.fromarray(one).resize((6, 4), 2))[:, 1:5] for one in made]
    np.testing.assert_array_equal(pool(data).x[:, 0], np.float32(boxes) / 255)
    assert load(tmp_path, size=[8, 12]).input_shape == (1, 8, 12)
    np.testing.assert_array_equal(
        pool(load(tmp_path, size=[8, 12])).x[:, 0], np.float32(made) / 255
    )


def test_sixteen_bits_keep_their_range(tmp_path: Path) -> None:
    values = RNG.integers(0, 2**16, (4, 3, 3), dtype=np.uint16)
    for i, one in enumerate(values):
        save(tmp_path / f"images/{'ab'[i % 2]}/{i}.png", one)
    x = pool(load(tmp_path)).x
    np.testing.assert_allclose(x[:, 0], values[[0, 2, 1, 3]] / 65535, atol=1e-7)
    np.testing.assert_array_equal(pool(load(tmp_path, color_mode="rgb")).x, np.repeat(x, 3, 1))


def test_folders_name_the_parts(tmp_path: Path) -> None:
    for part, n in (("train", 4), ("val", 2), ("test", 2)):
        for label in "ab":
            for i in range(n):
                save(tmp_path / f"images/{part}/{label}/{i}.png", pixels(3, 3))
    data = load(tmp_path, design="holdout")
    assert data.divided_by == "parts"
    np.testing.assert_array_equal(np.bincount(pool(data).part), [8, 4, 4])


def _grey(folder: Path) -> None:
    save(folder / "bee/1.png", pixels(6, 5))


def _small(folder: Path) -> None:
    save(folder / "bee/1.png", pixels(6, 4, 3))


def _broken(folder: Path) -> None:
    content = (folder / "bee/1.png").read_bytes()
    (folder / "bee/1.png").write_bytes(content[: len(content) // 2])


def _no_image(folder: Path) -> None:
    (folder / "bee/1.png").write_text("words")


def _empty(folder: Path) -> None:
    (folder / "cat").mkdir()


def _beside(folder: Path) -> None:
    save(folder / "1.png", pixels(6, 5, 3))


def _loop(folder: Path) -> None:
    (folder / "bee/again").symlink_to(folder / "bee")


def _lost(folder: Path) -> None:
    (folder / "bee/5.png").symlink_to(folder / "nowhere.png")


def _part(folder: Path) -> None:
    save(folder / "Test/ant/1.png", pixels(6, 5, 3))


def _flat_parts(folder: Path) -> None:
    for label, part in (("ant", "train"), ("bee", "test")):
        (folder / label).rename(folder / part)


def _float(folder: Path) -> None:
    Image.fromarray(np.ones((6, 5), np.float32)).save(folder / "bee/5.tiff")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (_grey, r"data.color_mode: all images must be of one kind, found grayscale in \S+1.png"),
        (_small, r"data.size: all images must have one size, found \(6, 4\) in \S+1.png after"),
        (_broken, r"data.path: every image must be readable, found \S+bee/1.png: .+; replace or"),
        (_no_image, r"data.path: every image must be readable, found \S+bee/1.png"),
        (_empty, r"data.path: every class must have images, found none in \S+cat"),
        (_beside, r"one folder for each class, found the image 1.png beside them; move"),
        (_loop, r"data.path: every folder must be there once, found \S+bee/again again by a link"),
        (_lost, r"data.path: every image must be a file, found \S+bee/5.png, which is none"),
        (_part, r"must all be parts .* or all be classes, found 'Test' among Test, ant, bee; ren"),
        (_flat_parts, r"one folder for each class, found \S+test with images and no classes; put"),
        (_float, r"8 or 16 bits a channel, found mode F in \S+5.tiff; convert it"),
    ],
)
@pytest.mark.parametrize("keys", [{}, {"size": [6, 5], "color_mode": "rgb", "cache": "cache"}])
def test_what_is_wrong_with_images_is_one_line(
    change: Any, words: str, keys: Any, colours: dict[str, np.ndarray], tmp_path: Path
) -> None:
    """Of what the study says itself no file is looked at before it is decoded."""
    change(tmp_path / "images")
    if keys and change in (_grey, _small):
        assert load(tmp_path, **keys).input_shape == (3, 6, 5)
        return
    with pytest.raises(DataError, match=words) as raised:
        load(tmp_path, **keys)
    assert "\n" not in str(raised.value)


def test_a_class_without_training_images_is_refused(tmp_path: Path) -> None:
    for place in ("train/a", "train/b", "test/a", "test/c"):
        save(tmp_path / f"images/{place}/0.png", pixels(3, 3))
    with pytest.raises(DataError, match=r"among the training images of \S+, found none of 'c'"):
        load(tmp_path)


def test_a_missing_pillow_is_one_line(
    colours: dict[str, np.ndarray], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "PIL", None)
    with pytest.raises(DataError, match="found no such package; pip install pillow"):
        load(tmp_path)
