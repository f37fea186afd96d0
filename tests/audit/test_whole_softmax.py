"""The whole softmax that was kept: read with the scores it belongs to, or not at all."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from causal_iqa.audit.whole_softmax import KeptSoftmax, unpacked
from causal_iqa.core.conditions import Condition
from causal_iqa.core.contract import ContractError, Results, write_table
from causal_iqa.core.kinds import SCORES, SOFTMAX

FOG = Condition("fog", 1)
IDS = pl.Series(["a", "b"])
ROWS = np.array([[0.25, 0.75, 0.0], [0.5, 0.25, 0.25]], np.float16)


@pytest.fixture
def results(tmp_path: Path) -> Results:
    results = Results(tmp_path)
    scores = pl.DataFrame({"image_id": IDS}, {"image_id": pl.String}).with_columns(
        pl.lit(0, dtype).alias(name)
        for name, dtype in SCORES["classifier"].items()
        if name != "image_id"
    )
    kept = pl.DataFrame({"image_id": IDS, "softmax": [row.tobytes() for row in ROWS]}, SOFTMAX)
    for network in ("kept", "other"):
        write_table(scores, results.scores(network, FOG), SCORES["classifier"], {"run": network})
    for network in ("kept", "stale"):
        write_table(kept, results.softmax(network, FOG), SOFTMAX, {"run": network})
    write_table(scores, results.scores("stale", FOG), SCORES["classifier"], {"run": "newer"})
    return results


def test_only_the_softmax_of_the_scores_that_are_there_counts(results: Results) -> None:
    found = KeptSoftmax(results, ["kept", "other", "stale"], FOG, IDS)
    assert list(found) == ["kept"] and len(found) == 1
    np.testing.assert_array_equal(found["kept"], ROWS)


def test_other_pictures_than_the_manifests_are_refused(results: Results) -> None:
    found = KeptSoftmax(results, ["kept"], FOG, pl.Series(["a", "c"]))
    with pytest.raises(ContractError, match="lacks 'c'; it needs exactly the manifest's 2 ids"):
        found["kept"]


def test_bytes_come_back_as_they_went() -> None:
    np.testing.assert_array_equal(unpacked(pl.Series([row.tobytes() for row in ROWS])), ROWS)
