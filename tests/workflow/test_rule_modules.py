"""The plain modules beside the rules: calls, amounts, what is said of failed jobs."""

from __future__ import annotations

import asyncio
import importlib
import json
import shlex
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from samples import ROOT
from snakemake.io import flag
from snakemake.iocontainers import Namedlist

from causal_iqa.core.config import Config
from causal_iqa.core.scorer_config import Metric


@pytest.fixture
def module(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(str(ROOT / "workflow" / "rules"))

    def load(name: str) -> ModuleType:
        return importlib.import_module(name)

    return load


def called(calls: ModuleType, **options: Any) -> tuple[list[str], dict[str, Any]]:
    """The words of a call, and its options."""
    params = calls.command("score", **options)
    job = {
        "wildcards": Namedlist(fromdict={"scorer": "it's"}),
        "input": Namedlist(fromdict={"texts": [], "record": ["a.json"]}),
        "output": Namedlist(fromdict={"target": "out"}),
        "threads": 3,
    }
    *words, text = shlex.split(params["call"](**job))
    return words, json.loads(text)


def test_a_call_has_every_option_and_its_value_in_the_job(module: Any) -> None:
    calls = module("calls")
    words, options = called(
        calls,
        scorer=calls.wildcard("scorer"),
        seed=0,
        folder=Path("a b"),
        threads=calls.threads_of,
        limit=calls.unwatched(0.5),
        **{name: calls.file(name) for name in ("texts", "record", "target")},
    )
    assert words == ["python", "-m", "causal_iqa", "score"]
    assert options == {
        **{"scorer": "it's", "seed": 0, "folder": "a b", "threads": 3, "limit": 0.5},
        **{"texts": None, "record": "a.json", "target": "out"},
    }


def test_snakemake_watches_values_and_wildcards_and_no_more(module: Any) -> None:
    from snakemake.rules import Rule

    calls = module("calls")
    watched = {
        name: not Rule._is_deriving_function(option)
        for name, option in calls.command(
            "score",
            seed=0,
            scorer=calls.wildcard("scorer"),
            limit=calls.unwatched(0.5),
            threads=calls.threads_of,
            record=calls.file("record"),
        ).items()
    }
    assert [name for name, is_watched in watched.items() if is_watched] == ["seed", "scorer"]


def test_jobs_ask_for_more_with_pictures_attempts_and_weights(module: Any, tmp_path: Path) -> None:
    amounts, needs = module("amounts"), importlib.import_module("causal_iqa.scorers.needs")
    weights = tmp_path / "weights.pt"
    weights.write_bytes(bytes(3_000_000))
    own = needs.Needs(Config(scorers={"tv": Metric(kind="metric", metric="tv_l2")}), tmp_path)
    few, many = (amounts.Amounts(pictures, False, own) for pictures in (20, 50_000))
    first = SimpleNamespace(scorer="tv")
    assert few.every_score()["mem_mb"](first, 1) < many.every_score()["mem_mb"](first, 1)
    assert many.light()["mem_mb"](first, 3) == 3 * few.light()["mem_mb"](first, 1)
    unknown = amounts.Amounts(None, False, own)
    assert unknown.every_score()["runtime"](first, 1) == many.every_score()["runtime"](first, 1)
    assert many.network(76)["runtime"](first, 1) == 720 > few.network(76)["runtime"](first, 1)
    assert few.network()["mem_mb"](first, 1) == 2000
    (tmp_path / "weights").mkdir()
    (tmp_path / "weights" / "tv.json").write_text(json.dumps({"files": {str(weights): "0"}}))
    assert few.network()["mem_mb"](first, 2) == 2 * 2006


def failing(name: str, log: Path, *, update: bool) -> Any:
    """A job as far as what follows it looks at it."""
    output = [flag("scores.parquet", "update") if update else "scores.parquet"]
    wildcards = Namedlist(fromdict={"scorer": "tv"})
    return type(
        "Failing",
        (),
        {
            "rule": SimpleNamespace(name=name),
            "log": [log],
            "output": output,
            "wildcards": wildcards,
        },
    )()


def test_what_a_failed_job_finished_stays_and_its_log_is_shown(
    module: Any,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    failed_jobs = module("failed_jobs")
    cleaned = []

    async def clean(job: Any, **_: Any) -> None:
        cleaned.append(job)

    monkeypatch.setattr(failed_jobs, "_postprocess", clean)
    monkeypatch.setattr(failed_jobs, "FAILED", {})
    (tmp_path / "said.log").write_text("first\nerror: the disk is full\n")
    keeps = failing("score", tmp_path / "said.log", update=True)
    plain = failing("panel", tmp_path / "none.log", update=False)
    for job in (keeps, plain):
        asyncio.run(failed_jobs.keep_what_is_finished(job, error=True))
    assert cleaned == [plain]
    failed_jobs.show_failed()
    said = capsys.readouterr().err
    assert "score (scorer: tv) failed" in said and "error: the disk is full" in said
    assert said.count("No error stands there: was the job killed") == 1
    asyncio.run(failed_jobs.keep_what_is_finished(keeps))  # the next attempt succeeds
    assert list(failed_jobs.FAILED) == [plain]
