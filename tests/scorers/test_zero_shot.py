"""The dual encoder: its path, its projection, and models of open_clip's list from a file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import open_clip
import polars as pl
import pytest
import torch
from scoring_world import MakeWorld

from causal_iqa import config, contract, schemas
from causal_iqa.config import ZeroShot
from causal_iqa.errors import UserError
from causal_iqa.packaged import locate
from causal_iqa.pictures.classes import imagenet_classes
from causal_iqa.scorers import dual_encoders, engine

DUAL = ZeroShot(kind="zero_shot", model="assembled:lite0-minilm")
CPU = config.Scoring(device="cpu")


@pytest.fixture(scope="module")
def loaded() -> engine.LoadedScorer:
    return engine.load(DUAL, imagenet_classes(), Path(), "cpu", "float32")


def test_projection_solves_the_normal_equations() -> None:
    generator = torch.Generator().manual_seed(0)
    texts, rows = (torch.randn(40, d, generator=generator) + 3 for d in (5, 7))
    e, w = (m.double().numpy() - m.double().numpy().mean(axis=0) for m in (texts, rows))
    scale = np.trace(e.T @ e) / 5
    expected = np.linalg.inv(e.T @ e / scale + 1e-3 * np.eye(5)) @ e.T @ w
    np.testing.assert_allclose(dual_encoders.fit_projection(texts, rows), expected, rtol=1e-4)


def test_it_recognises_photographs(
    loaded: engine.LoadedScorer, foolbox_photographs: list[tuple[np.ndarray, int]]
) -> None:
    batch = torch.stack([loaded.prepare(picture) for picture, _ in foolbox_photographs])
    labels = np.array([float(label) for _, label in foolbox_photographs])
    with torch.inference_mode():
        columns = loaded.score(batch, labels)
    assert (columns["prediction"] == labels).mean() >= 0.55
    assert len(set(columns["entropy"])) == len(labels)
    assert (columns["max_logit"] <= 1).all()
    assert (columns["max_prob_t"] > columns["max_prob"]).all()


def test_columns_are_those_of_open_clip_by_hand(
    loaded: engine.LoadedScorer, foolbox_photographs: list[tuple[np.ndarray, int]]
) -> None:
    model = loaded.model  # type: ignore[attr-defined]
    batch = torch.stack([loaded.prepare(picture) for picture, _ in foolbox_photographs[:3]])
    tokenizer = dual_encoders._MiniLMTokenizer(locate("all_minilm_l6_v2.zip", Path()))
    with torch.inference_mode():
        columns = loaded.score(batch, np.full(3, np.nan))
        image = model.encode_image(batch, normalize=True).double()
        text = model.encode_text(tokenizer(open_clip.IMAGENET_CLASSNAMES[:90]), normalize=True)
        cosines = loaded.cosines(batch).double()  # type: ignore[attr-defined]
    torch.testing.assert_close(cosines[:, :90], image @ text.double().T, rtol=0, atol=1e-6)
    prob = cosines.softmax(1)
    np.testing.assert_allclose(columns["entropy"], -(prob * prob.log()).sum(1), rtol=1e-10)
    np.testing.assert_allclose(columns["max_logit"], cosines.amax(1))
    tempered = (model.logit_scale.detach().exp().double() * cosines).softmax(1)
    np.testing.assert_allclose(columns["max_prob_t"], tempered.amax(1), rtol=1e-6)


def test_bfloat16_does_not_collapse_the_entropy(
    foolbox_photographs: list[tuple[np.ndarray, int]],
) -> None:
    half = engine.load(DUAL, imagenet_classes(), Path(), "cpu", "bfloat16")
    batch = torch.stack([half.prepare(picture) for picture, _ in foolbox_photographs])
    with torch.inference_mode():
        columns = half.score(batch, np.full(len(batch), np.nan))
    assert len(set(columns["entropy"])) == len(set(columns["max_prob"])) == len(batch)


def test_own_class_names_are_scored_by_name(make_world: MakeWorld) -> None:
    names = ["tabby cat", "beach wagon", "daisy"]
    classes = pl.DataFrame({"index": range(3), "wnid": [""] * 3, "name": names}, schemas.CLASSES)
    world = make_world(3, labels=[0, 1, None], classes=classes)
    pairs = [(world.tar, world.out)]
    engine.score(DUAL, "dual", pairs, world.manifest, world.classes, Path(), CPU)
    frame = contract.read_table(world.out, schemas.SCORES["zero_shot"])
    assert frame["prediction"].is_between(0, 2).all()
    assert frame["max_prob"].min() >= 1 / 3  # type: ignore[operator]
    assert frame["true_prob"].is_null().to_list() == [False, False, True]


def test_nothing_in_it_is_random(loaded: engine.LoadedScorer) -> None:
    again = engine.load(DUAL, imagenet_classes(), Path(), "cpu", "float32")
    assert torch.equal(loaded._weights, again._weights)  # type: ignore[attr-defined]
    projections = [scorer.model.visual.head.proj.weight for scorer in (loaded, again)]  # type: ignore[attr-defined]
    assert torch.equal(*projections)


@pytest.mark.slow
def test_a_model_of_open_clip_from_a_file(
    tmp_path: Path, foolbox_photographs: list[tuple[np.ndarray, int]]
) -> None:
    torch.manual_seed(0)
    name, path = "ViT-S-32-alt", tmp_path / "weights.pt"
    model, _, _ = open_clip.create_model_and_transforms(name)
    torch.save(model.state_dict(), path)
    spec = ZeroShot(kind="zero_shot", model=f"open_clip:{name}@{path}", templates=7)
    classes = imagenet_classes().head(3).with_columns(wnid=pl.lit(""))
    loaded = engine.load(spec, classes, Path(), "cpu", "float32")
    batch = torch.stack([loaded.prepare(picture) for picture, _ in foolbox_photographs[:2]])
    with torch.inference_mode():
        columns = loaded.score(batch, np.full(2, np.nan))
        image = model.eval().encode_image(batch, normalize=True)
        weights = open_clip.build_zero_shot_classifier(
            model,
            open_clip.get_tokenizer(name),
            classes["name"].to_list(),
            open_clip.SIMPLE_IMAGENET_TEMPLATES,
        )
    np.testing.assert_allclose(columns["max_logit"], (image @ weights).amax(1), atol=1e-5)
    other = spec.model_copy(update={"model": f"open_clip:RN50@{path}"})
    with pytest.raises(UserError, match="cannot be loaded into open_clip's RN50"):
        engine.load(other, classes, Path(), "cpu", "float32")
