"""Near duplicates: what counts as one, and that groups are exact whatever the blocks."""

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from causal_iqa.audit.pictures.duplicates import WITHIN, fingerprints, groups
from causal_iqa.pictures.matched import resize_and_crop


def brute_force(hashes: list[int], within: int) -> list[int]:
    """The first index that is reached from each over pairs within the distance."""
    first = list(range(len(hashes)))
    for start in range(len(hashes)):
        if first[start] != start:
            continue
        waiting = [start]
        while waiting:
            one = waiting.pop()
            for other in range(start + 1, len(hashes)):
                if first[other] == other and (hashes[one] ^ hashes[other]).bit_count() <= within:
                    first[other] = start
                    waiting.append(other)
    return first


HASHES = st.integers(0, 2**9 - 1).map(lambda bits: bits | bits << 55)
SETS = st.lists(st.one_of(HASHES, st.integers(0, 2**64 - 1)), max_size=40)


@given(hashes=SETS, within=st.integers(0, 6))
@settings(deadline=None, max_examples=150)
def test_groups_are_those_of_brute_force(hashes: list[int], within: int) -> None:
    found = groups(np.array(hashes, dtype=np.uint64), within)
    assert found.dtype == np.int64
    assert found.tolist() == brute_force(hashes, within)


def test_a_chain_is_one_group() -> None:
    chain = np.array([0b0, 0b111111, 0b11, 0b1111, 7 << 40], dtype=np.uint64)
    assert groups(chain, 2).tolist() == [0, 0, 0, 0, 4]
    assert groups(chain, 1).tolist() == [0, 1, 2, 3, 4]


def test_ten_thousand_pictures() -> None:
    rng = np.random.default_rng(0)
    hashes = rng.integers(0, 1 << 64, 10_000, dtype=np.uint64)
    hashes[5_000:] = hashes[:5_000] ^ np.uint64(0b1011)
    assert groups(hashes, 3).tolist() == [*range(5_000), *range(5_000)]


def test_more_near_pairs_than_are_held_at_once() -> None:
    """Nearly eight million in one group, and two that hang on it by its first and last hash."""
    dense = np.arange(1 << 12, dtype=np.uint64)
    ends = np.array([0xFF << 40, 0xFF << 48 | 0xFFF, 0xFFFFFF << 40], dtype=np.uint64)
    hashes = np.random.default_rng(0).permutation(np.concatenate([dense, ends]))
    alone = np.flatnonzero(hashes == ends[2])
    found = groups(hashes, 8)
    assert found[alone] == alone
    assert set(np.delete(found, alone)) == {1 if alone == 0 else 0}


def noise(seed: int, contrast: float) -> np.ndarray:
    """RGB uint8 [224, 224, 3] of 8 x 8 grey fields, ``contrast`` levels about 128."""
    fields = np.random.default_rng(seed).uniform(-contrast, contrast, (8, 8))
    grey = np.rint(128 + fields.repeat(28, 0).repeat(28, 1)).astype(np.uint8)
    return np.stack([grey] * 3, axis=2)


def distance(one: np.ndarray, two: np.ndarray) -> int:
    return int(np.bitwise_count(fingerprints(one) ^ fingerprints(two)))


def test_a_fingerprint_is_of_the_texture_and_no_more() -> None:
    picture = noise(0, 60)
    assert isinstance(fingerprints(picture), np.uint64)
    assert distance(picture, picture + 20) == 0
    assert distance(picture, np.rint(128 + (picture - 128.0) / 2).astype(np.uint8)) <= WITHIN
    assert distance(picture, 255 - picture) >= 60
    assert distance(picture, noise(1, 60)) > WITHIN


def test_half_of_the_63_frequencies_are_above_their_median() -> None:
    for seed in range(20):
        assert int(fingerprints(noise(seed, 60))).bit_count() == 31


def test_the_lowest_frequencies_tell_which_bits() -> None:
    across = (np.arange(224) + 0.5) * np.pi / 224
    for frequency in range(1, 8):
        wave = 128 + 60 * np.cos(frequency * across)
        grey = np.broadcast_to(np.rint(wave), (224, 224)).astype(np.uint8)
        picture = np.stack([grey] * 3, axis=2)
        assert int(fingerprints(picture)) >> (frequency - 1) & 1


def test_flat_pictures_are_duplicates_only_of_their_equals() -> None:
    shades = [np.full((224, 224, 3), shade, np.uint8) for shade in range(256)]
    nearly = [noise(seed, 1.0) for seed in range(100)]
    hashes = np.array([fingerprints(picture) for picture in (*shades, *nearly, *shades)])
    numbers = list(range(356))
    assert groups(hashes, WITHIN).tolist() == [*numbers, *range(256)]
    assert all(int(bits) >> 63 for bits in hashes)
    assert not int(fingerprints(noise(0, 5.0))) >> 63


def saved(image: Image.Image) -> Image.Image:
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=80)
    return Image.open(buffer)


def smaller(image: Image.Image) -> Image.Image:
    return image.resize((round(image.width * 0.9), round(image.height * 0.9)))


def brighter(image: Image.Image) -> Image.Image:
    return image.point(lambda level: min(255, level + 10))


CHANGES: dict[str, Callable[[Image.Image], Image.Image]] = {
    "saved": saved,
    "smaller": smaller,
    "brighter": brighter,
    "all": lambda image: saved(smaller(brighter(image))),
}


def test_photographs_are_told_apart_and_their_copies_are_not(nips17: Path) -> None:
    prints: dict[str, list[np.uint64]] = {"original": [], **{name: [] for name in CHANGES}}
    for file in pl.read_csv(nips17 / "index.csv")["file"]:
        with Image.open(nips17 / file) as image:
            made = {"original": image, **{name: change(image) for name, change in CHANGES.items()}}
            for name, one in made.items():
                prints[name].append(fingerprints(resize_and_crop(np.asarray(one))))
    alone = np.arange(400)
    np.testing.assert_array_equal(groups(np.array(prints["original"]), WITHIN), alone)
    everything = np.concatenate([np.array(of_one) for of_one in prints.values()])
    np.testing.assert_array_equal(groups(everything, WITHIN), np.tile(alone, len(prints)))
