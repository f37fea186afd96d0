"""The engine's files: what stands in them, when they are made again, and what stops it."""

from __future__ import annotations

import json
import os
import re
import resource
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import numpy as np
import polars as pl
import pytest
import torch
from scoring_world import CPU, MakeWorld, read, run

from causal_iqa.core import columns, contract, kinds
from causal_iqa.core import condition_archive as store
from causal_iqa.core.config import Scoring
from causal_iqa.core.errors import UserError
from causal_iqa.core.jpeg import decode
from causal_iqa.core.packaged import locate
from causal_iqa.core.scorer_config import Classifier, Metric, Scorer, ZeroShot
from causal_iqa.pictures.classes import imagenet_classes
from causal_iqa.scorers import engine, freshness, registry, shards
from causal_iqa.scorers.weights import build_lite

LITE0 = Classifier(kind="classifier", model="package:efficientnet_lite0")
SQUEEZENET = Classifier(kind="classifier", model="package:squeezenet1_1")
TV = Metric(kind="metric", metric="tv_l1_mean")
DUAL = ZeroShot(kind="zero_shot", model="assembled:lite0-minilm")


def test_columns_are_those_of_the_network_run_by_hand(make_world: MakeWorld) -> None:
    world = make_world(6)
    run(world, LITE0)
    network = build_lite(locate("efficientnet_lite0.pth", Path()), "efficientnet_lite0")
    with store.Archive(world.tar) as archive:
        pictures = np.stack(list(archive)).astype(np.float32)
    with torch.inference_mode():
        logits = network(torch.from_numpy((pictures - 127) / 128).permute(0, 3, 1, 2)).double()
    prob = logits.softmax(dim=1)
    label = torch.tensor(pl.read_parquet(world.manifest)["label"].to_list())
    found = read(world, LITE0)
    assert found["prediction"].to_list() == logits.argmax(dim=1).tolist()
    expected = {
        "max_prob": prob.amax(1),
        "entropy": torch.distributions.Categorical(probs=prob).entropy(),
        "max_logit": logits.amax(1),
        "logsumexp": logits.logsumexp(1),
        "true_prob": prob.gather(1, label[:, None])[:, 0],
    }
    for name, values in expected.items():
        np.testing.assert_allclose(found[name], values, rtol=1e-4, atol=1e-6, err_msg=name)


def test_a_batch_size_left_to_a_cpu_is_that_of_the_default(
    make_world: MakeWorld, capsys: pytest.CaptureFixture[str]
) -> None:
    world = make_world(3)
    run(world, TV)
    content = world.out.read_bytes()
    world.out.unlink()
    run(world, TV, CPU.model_copy(update={"batch_size": "auto"}))
    assert world.out.read_bytes() == content
    assert "name: 16 pictures at once" in capsys.readouterr().err


@pytest.mark.slow
def test_a_compiled_network_says_the_same(make_world: MakeWorld) -> None:
    """A compiler for C++ has to be there."""
    world = make_world(6)
    run(world, SQUEEZENET)
    plain = read(world, SQUEEZENET)
    run(world, SQUEEZENET, CPU.model_copy(update={"compile": True}))
    assert contract.read_provenance(world.out)["compile"]
    compiled = read(world, SQUEEZENET)
    assert compiled["prediction"].equals(plain["prediction"])
    for name in ("max_prob", "entropy", "max_logit", "true_prob"):
        np.testing.assert_allclose(compiled[name], plain[name], rtol=1e-4, atol=1e-5)


def test_the_whole_softmax_is_kept_beside_the_scores(make_world: MakeWorld) -> None:
    world = make_world(5)
    sidecar = world.out.with_name("softmax.parquet")

    def score(sidecars: dict[Path, Path]) -> pl.DataFrame:
        files = (world.manifest, world.classes, Path())
        pairs = [(world.tar, world.out)]
        engine.score(SQUEEZENET, "name", pairs, *files, CPU, sidecars=sidecars)
        return read(world, SQUEEZENET)

    plain = score({})
    assert not sidecar.exists()
    content = world.out.read_bytes()
    found = score({world.out: sidecar})
    assert found.equals(plain) and world.out.read_bytes() == content
    kept = contract.read_table(sidecar, kinds.SOFTMAX)
    softmax = np.stack([np.frombuffer(row, np.float16) for row in kept["softmax"]]).astype(float)
    assert softmax.shape == (5, 1000) and kept["image_id"].equals(found["image_id"])
    assert softmax.argmax(axis=1).tolist() == found["prediction"].to_list()
    np.testing.assert_allclose(softmax.max(axis=1), found["max_prob"], rtol=1e-3)
    np.testing.assert_allclose(softmax.sum(axis=1), 1, atol=2e-3)
    assert contract.read_provenance(sidecar) == contract.read_provenance(world.out)
    before = sidecar.stat().st_mtime_ns
    score({world.out: sidecar})
    assert sidecar.stat().st_mtime_ns == before


@pytest.mark.parametrize("spec", [SQUEEZENET, LITE0], ids=lambda spec: spec.model)
def test_scores_do_not_depend_on_batches_or_threads(make_world: MakeWorld, spec: Scorer) -> None:
    world = make_world(7)
    run(world, spec)
    first = read(world, spec)
    for scoring in (Scoring(device="cpu", batch_size=7, threads=2), CPU.model_copy()):
        world.out.unlink()
        run(world, spec, scoring)
        found = read(world, spec)
        assert found["prediction"].equals(first["prediction"])
        for name in ("max_prob", "entropy", "max_logit", "logsumexp", "true_prob"):
            np.testing.assert_allclose(found[name], first[name], rtol=1e-4, atol=1e-5)


def test_a_second_run_leaves_the_file_and_a_forced_one_gives_the_same_bytes(
    make_world: MakeWorld,
) -> None:
    world = make_world(5)
    run(world, SQUEEZENET)
    before, content = world.out.stat().st_mtime_ns, world.out.read_bytes()
    run(world, SQUEEZENET, CPU.model_copy(update={"device": "auto", "batch_size": 2}))
    assert world.out.stat().st_mtime_ns == before
    world.out.unlink()
    run(world, SQUEEZENET)
    assert world.out.read_bytes() == content


def test_what_a_score_depends_on_makes_it_stale(make_world: MakeWorld) -> None:
    world = make_world(4)
    fit, weights = (LITE0.model_copy(update={"preprocess": p}) for p in ("fit", "weights"))
    classes = imagenet_classes()
    manifest = contract.read_table(world.manifest, columns.MANIFEST)
    relabelled = manifest.with_columns(label=pl.lit(3, pl.Int32))

    def facts(
        spec: Scorer = fit,
        pictures: pl.DataFrame = manifest,
        allowed: list[int] | None = None,
        scoring: Scoring = CPU,
    ) -> str:
        return json.dumps(freshness.provenance(spec, pictures, classes, allowed, scoring))

    half = CPU.model_copy(update={"precision": "bfloat16"})
    assert facts() == facts(scoring=CPU.model_copy(update={"batch_size": 9, "threads": 2}))
    compiled = CPU.model_copy(update={"compile": True})
    changed = [facts(weights), facts(pictures=relabelled), facts(allowed=[1]), facts(scoring=half)]
    changed.append(facts(scoring=compiled))
    assert facts() not in changed
    assert facts(TV) == facts(TV, pictures=relabelled, allowed=[1], scoring=half)
    assert facts(TV) != facts(TV, pictures=manifest.head(3))


def test_another_condition_is_scored_again(make_world: MakeWorld) -> None:
    world = make_world(4)
    run(world, TV)
    before = read(world, TV)
    make_world(4, replace={2: np.random.default_rng(0).integers(0, 255, (224, 224, 3), np.uint8)})
    run(world, TV)
    after = read(world, TV)
    assert (before["score"] != after["score"]).to_list() == [False, False, True, False]


def test_provenance_says_what_was_used(make_world: MakeWorld) -> None:
    world = make_world(2)
    run(world, LITE0, CPU.model_copy(update={"device": "auto"}))
    found = contract.read_provenance(world.out)
    assert found["device"] in ("cpu", "cuda")
    assert set(found["libraries"]) == {"torch", "numpy", "pillow", "timm"}
    assert found["weights"]["efficientnet_lite0.pth"].startswith("579344248a93")
    assert found["condition"] == store.condition_provenance(world.tar)["fingerprint"]


def test_labels_may_be_missing(make_world: MakeWorld) -> None:
    world = make_world(3, labels=[None, 5, None])
    run(world, SQUEEZENET)
    assert read(world, SQUEEZENET)["true_prob"].is_null().to_list() == [True, False, True]


def test_predictions_keep_to_the_restricted_classes(make_world: MakeWorld) -> None:
    world = make_world(5, restrict_to=[7, 9])
    run(world, SQUEEZENET)
    found = read(world, SQUEEZENET)
    assert set(found["prediction"]) <= {7, 9}
    assert found["max_prob"].min() >= 0.5  # type: ignore[operator]


def test_an_unreadable_picture_stops_the_job_by_name(make_world: MakeWorld) -> None:
    world = make_world(5, replace={3: b"not a picture"})
    with pytest.raises(UserError, match=r"fog/3/\d+/p03\.JPEG"):
        run(world, TV)
    assert list(world.out.parent.glob("*3.parquet*")) == []


class Broken:
    """A network whose weights are NaN."""

    device = "cpu"

    def prepare(self, picture: np.ndarray) -> torch.Tensor:
        return torch.from_numpy(picture.copy())

    def score(self, batch: torch.Tensor, labels: np.ndarray) -> dict[str, np.ndarray]:
        columns = {name: np.zeros(len(batch)) for name in kinds.SCORES["classifier"]}
        del columns["image_id"]
        return {**columns, "entropy": np.full(len(batch), np.nan)}


def test_a_network_that_gives_no_number_is_a_fault(make_world: MakeWorld) -> None:
    world = make_world(3)
    manifest = contract.read_table(world.manifest, columns.MANIFEST)
    with pytest.raises(UserError, match=r"3\.tar: picture 'p00' cannot be scored: its entropy is"):
        engine.score_condition(Broken(), kinds.Kind.CLASSIFIER, world.tar, manifest, 2, 1)


def test_archive_and_manifest_must_agree(make_world: MakeWorld) -> None:
    world = make_world(3)
    manifest = contract.read_table(world.manifest, columns.MANIFEST)
    for frame, fault in (
        (manifest.head(2), "has picture 'p02' too many"),
        (
            pl.concat([manifest, manifest.tail(1).with_columns(image_id=pl.lit("p77"))]),
            "lacks picture 'p77'",
        ),
    ):
        contract.write_table(frame, world.manifest, columns.MANIFEST, {})
        with pytest.raises(UserError, match=fault):
            run(world, TV)


def test_an_archive_cut_short_is_refused(make_world: MakeWorld) -> None:
    world = make_world(3)
    os.truncate(world.tar, 5000)
    with pytest.raises(UserError, match=r"3\.tar or its index is missing or cut short"):
        run(world, TV)


def test_pictures_of_several_sizes(make_world: MakeWorld) -> None:
    small = np.random.default_rng(0).integers(0, 255, (64, 96, 3), np.uint8)
    world = make_world(4, replace={1: small})
    run(world, TV)
    assert read(world, TV)["score"][1] > 0.3
    run(world._replace(out=world.out.with_name("s.parquet")), SQUEEZENET)


def test_a_network_for_other_classes_is_refused(make_world: MakeWorld) -> None:
    world = make_world(2, classes=imagenet_classes().head(10))
    with pytest.raises(UserError, match=r"predicts 1000 classes, but classes\.csv lists 10"):
        run(world, SQUEEZENET)


def test_float16_needs_a_gpu(make_world: MakeWorld) -> None:
    half = CPU.model_copy(update={"precision": "float16"})
    with pytest.raises(UserError, match="float16 needs a CUDA device"):
        run(make_world(2), SQUEEZENET, half)


def test_bfloat16_rounds_the_network_only(make_world: MakeWorld) -> None:
    world = make_world(6)
    run(world, LITE0)
    full = read(world, LITE0)
    run(world, LITE0, CPU.model_copy(update={"precision": "bfloat16"}))
    half = read(world, LITE0)
    assert not full["max_logit"].equals(half["max_logit"])
    np.testing.assert_allclose(half["max_logit"], full["max_logit"], rtol=0.1)
    prob_of_half = np.exp(half["max_logit"].to_numpy() - half["logsumexp"].to_numpy())
    np.testing.assert_allclose(half["max_prob"], prob_of_half, rtol=1e-5)


def test_nothing_to_do_takes_no_torch_and_little_time(make_world: MakeWorld) -> None:
    world = make_world(2)
    run(world, SQUEEZENET)
    code = (
        "import sys; from pathlib import Path\n"
        "from causal_iqa.core.config import Classifier, Scoring\n"
        "from causal_iqa.scorers import engine\n"
        f"tar, out, manifest, classes = map(Path, {[str(path) for path in world]})\n"
        "spec = Classifier(kind='classifier', model='package:squeezenet1_1')\n"
        "engine.score(spec, 's', [(tar, out)], manifest, classes, Path(), Scoring())\n"
        "print(sorted({'torch', 'pyiqa', 'timm', 'open_clip'} & set(sys.modules)))"
    )
    before = world.out.stat().st_mtime_ns
    start = processor_time()
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
    assert world.out.stat().st_mtime_ns == before
    assert processor_time() - start < 2


def processor_time() -> float:
    """Seconds that the processes begun here have taken, however busy the machine is."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def test_a_line_a_condition_in_the_log(
    make_world: MakeWorld, capsys: pytest.CaptureFixture[str]
) -> None:
    world = make_world(2)
    run(world, TV)
    said = r"condition 1/1 \(.*/3\), picture 2/2, .* pictures/s, took .* s\n"
    assert re.fullmatch(said, capsys.readouterr().err)


def test_every_loader_that_the_registry_names_exists() -> None:
    entries = {**registry.CLASSIFIERS, **registry.ZERO_SHOT, **registry.METRICS}
    for entry in entries.values():
        module, _, function = entry.loader.partition(":")
        assert callable(getattr(import_module(f"causal_iqa.scorers.{module}"), function))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "top1"),
    [
        ("efficientnet_lite0", 0.894),
        ("efficientnet_lite1", 0.915),
        ("efficientnet_lite2", 0.920),
        ("squeezenet1_1", 0.599),
    ],
)
def test_accuracy_on_labelled_photographs(name: str, top1: float, nips17: Path) -> None:
    """Top-1 on the 400 pictures within 3 points of that on all 1000 of NIPS'17."""
    index = pl.read_csv(nips17 / "index.csv")
    spec = Classifier(kind="classifier", model=f"package:{name}", preprocess="weights")
    loaded = engine.load(spec, imagenet_classes(), Path(), "cpu", "float32")
    hits = 0
    for part in index.iter_slices(20):
        pictures = [decode((nips17 / file).read_bytes(), file) for file in part["file"]]
        batch = torch.stack([loaded.prepare(picture) for picture in pictures])
        with torch.inference_mode():
            found = loaded.score(batch, np.full(len(batch), np.nan))["prediction"]
        hits += int((found == part["class_index"].to_numpy()).sum())
    assert hits / index.height == pytest.approx(top1, abs=0.03)


@pytest.mark.usefixtures("loaded_once")
@pytest.mark.parametrize(
    "spec",
    [SQUEEZENET, TV, pytest.param(DUAL, marks=pytest.mark.slow)],  # it embeds 1000 names, twice
    ids=lambda spec: spec.kind,
)
@pytest.mark.parametrize("total", [2, 3, 9])
def test_shards_join_to_the_same_bytes(make_world: MakeWorld, spec: Scorer, total: int) -> None:
    world = make_world(11)
    run(world, spec)
    whole = world.out.read_bytes()
    pieces = []
    for number in range(1, total + 1):
        piece = world.out.with_name(f"{number}.parquet")
        engine.score(
            spec,
            "name",
            [(world.tar, piece)],
            world.manifest,
            world.classes,
            Path(),
            CPU,
            shard=shards.Shard(number, total),
        )
        pieces.append(piece)
    ids = contract.read_table(world.manifest, columns.MANIFEST)["image_id"]
    shards.merge(pieces, kinds.SCORES[spec.kind], ids, world.out)
    assert world.out.read_bytes() == whole
    with pytest.raises(contract.ContractError, match="do not hold the pictures, each once"):
        shards.merge(pieces[:-1], kinds.SCORES[spec.kind], ids, world.out)
    half = CPU.model_copy(update={"precision": "bfloat16"})
    if spec.kind != "metric":
        arguments = (world.manifest, world.classes, Path(), half)
        first = shards.Shard(1, total)
        engine.score(spec, "name", [(world.tar, pieces[0])], *arguments, shard=first)
        with pytest.raises(contract.ContractError, match="was computed from something else"):
            shards.merge(pieces, kinds.SCORES[spec.kind], ids, world.out)


def test_shards_cover_the_pictures_in_whole_batches() -> None:
    for pictures, batch, total in ((50_000, 128, 8), (11, 4, 2), (3, 16, 5)):
        parts = [shards.Shard(n, total).rows(pictures, batch) for n in range(1, total + 1)]
        assert [row for part in parts for row in part] == list(range(pictures))
        assert all(part.start % batch == 0 for part in parts)
    assert shards.Shard.parse("2of4") == shards.Shard(2, 4) and str(shards.Shard(2, 4)) == "2of4"
    for text in ("0of4", "5of4", "2/4"):
        with pytest.raises(ValueError, match="is no shard"):
            shards.Shard.parse(text)
