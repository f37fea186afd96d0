"""Near duplicates: pictures of one set that show the same, saved, resized or lit otherwise."""

from __future__ import annotations

import hashlib

import numpy as np
import scipy.fft
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

WITHIN = 4
"""Differing bits of two fingerprints of the same picture, of 63.

Measured on 400 photographs: JPEG at quality 80, a resize by 0.9, 10 grey levels more, and all three
together differ by at most 4 bits; of their 79,800 pairs of different ones, and of 5 million with
each turned and mirrored, the closest differ by 10. A crop of 5 % is mostly beyond it.
"""
FLAT = 1.0
"""Grey levels: the standard deviation of the 32 x 32 picture below which it has no texture."""

# pHash's sizes.
_SMALL = 32
_FREQUENCIES = 8
# Rec. 601, as JPEG's.
_LUMA = np.array([0.299, 0.587, 0.114])
# Free, as the hash has 63 bits: the mean, which lighting changes, is left out.
_FLAT_BIT = np.uint64(1 << 63)
_BLOCK = 1 << 20
"""Pairs compared at once; some 10 bytes each."""
_EDGES = 1 << 22
"""Pairs found before they are drawn together; 16 bytes each."""


def fingerprints(picture: np.ndarray) -> np.uint64:
    """A 63-bit perceptual hash (pHash) of RGB uint8 [224, 224, 3]; bit 63 marks a flat picture.

    Of the luma, area-resized to 32 x 32: which of the 8 x 8 lowest frequencies of its cosine
    transform, the mean left out, exceed their median. A flat picture (FLAT) would give the signs of
    rounding errors; its fingerprint is a digest of its pixels, so that it is near none but its
    equals.
    """
    side = picture.shape[0] // _SMALL
    small = (picture @ _LUMA).reshape(_SMALL, side, _SMALL, side).mean(axis=(1, 3))
    if small.std() < FLAT:
        # Two digests differ by 4 of 63 bits or fewer once in 10**13 pairs.
        digest = hashlib.blake2b(picture.tobytes(), digest_size=8).digest()
        return np.uint64(int.from_bytes(digest, "little")) | _FLAT_BIT
    low = scipy.fft.dctn(small)[:_FREQUENCIES, :_FREQUENCIES].ravel()[1:]
    bits = low > np.median(low)
    return np.uint64(int.from_bytes(np.packbits(bits, bitorder="little").tobytes(), "little"))


def groups(hashes: np.ndarray, within: int) -> np.ndarray:
    """int64 [n]: for each of uint64 ``hashes`` [n] the index of the first one of its group.

    Two hashes that differ by at most ``within`` bits are in one group, and so is whatever a chain
    of such pairs connects; a hash with no such partner has its own index. All pairs are compared.
    """
    # Equal ones first become one: many copies of a picture would make a square of pairs.
    distinct, first, inverse = np.unique(hashes, return_index=True, return_inverse=True)
    label = _components(distinct, within)
    first_of = np.full(len(distinct), len(hashes), dtype=np.int64)
    np.minimum.at(first_of, label, first)
    return np.asarray(first_of[label][inverse])


def _components(hashes: np.ndarray, within: int) -> np.ndarray:
    """int [n]: the number of the group of each of uint64 [n] distinct hashes."""
    n = len(hashes)
    label = np.arange(n)
    rows: list[np.ndarray] = []
    columns: list[np.ndarray] = []
    height = max(1, _BLOCK // max(1, n))
    for start in range(0, n, height):
        # From `start` on: each pair once.
        block = hashes[start : start + height, None] ^ hashes[None, start:]
        row, column = np.nonzero(np.bitwise_count(block) <= within)
        off_diagonal = row < column
        rows.append(start + row[off_diagonal])
        columns.append(start + column[off_diagonal])
        # Near pairs of one large group may be as many as all pairs.
        if sum(map(len, rows)) > _EDGES:
            label = _joined(label, rows, columns)
            rows, columns = [], []
    return _joined(label, rows, columns)


def _joined(label: np.ndarray, rows: list[np.ndarray], columns: list[np.ndarray]) -> np.ndarray:
    """The groups ``label`` [n], each below n, after the pairs (row, column) were joined."""
    n = len(label)
    if not rows:
        return label
    row, column = label[np.concatenate(rows)], label[np.concatenate(columns)]
    graph = coo_array((np.ones(len(row), dtype=bool), (row, column)), shape=(n, n))
    return np.asarray(connected_components(graph, directed=False)[1][label])
