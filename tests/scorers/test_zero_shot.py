"""The dual encoder: its path, its projection, and models of open_clip's list from a file."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import open_clip
import polars as pl
import pytest
import safetensors.torch
import torch
from scoring_world import MakeWorld
from tokenizers import Tokenizer

from causal_iqa.core import columns, config, contract, kinds
from causal_iqa.core.errors import UserError
from causal_iqa.core.packaged import locate
from causal_iqa.core.scorer_config import ZeroShot
from causal_iqa.pictures.classes import imagenet_classes
from causal_iqa.scorers import dual_encoders, engine, freshness, prefetch
from causal_iqa.scorers.zero_shot import TEMPLATES, Templates

DUAL = ZeroShot(kind="zero_shot", model="assembled:lite0-minilm")
CPU = config.Scoring(device="cpu")


@pytest.fixture(scope="module")
def loaded() -> engine.LoadedScorer:
    """On two threads."""
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    loaded = engine.load(DUAL, imagenet_classes(), Path(), "cpu", "float32")
    torch.set_num_threads(before)
    return loaded


@pytest.fixture
def embedded_once(loaded: engine.LoadedScorer, monkeypatch: pytest.MonkeyPatch) -> None:
    """The names of ImageNet's classes, which every model is fitted on, are not embedded again."""
    embed = dual_encoders.class_weights

    def known(
        model: Any, tokenizer: Any, names: Sequence[str], templates: Templates, device: str
    ) -> torch.Tensor:
        if names is open_clip.IMAGENET_CLASSNAMES and templates is TEMPLATES[1]:
            return loaded.weights  # type: ignore[attr-defined]
        return embed(model, tokenizer, names, templates, device)

    monkeypatch.setattr(dual_encoders, "class_weights", known)


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
    with zipfile.ZipFile(locate("all_minilm_l6_v2.zip", Path())) as archive:
        (vocabulary,) = (name for name in archive.namelist() if name.endswith("tokenizer.json"))
        tokenizer = Tokenizer.from_str(archive.read(vocabulary).decode())
    tokenizer.enable_padding(pad_id=0)
    tokens = [text.ids for text in tokenizer.encode_batch(open_clip.IMAGENET_CLASSNAMES[:90])]
    with torch.inference_mode():
        columns = loaded.score(batch, np.full(3, np.nan))
        image = model.encode_image(batch, normalize=True).double()
        text = model.encode_text(torch.tensor(tokens), normalize=True)
        cosines = loaded.cosines(batch).double()  # type: ignore[attr-defined]
    torch.testing.assert_close(cosines[:, :90], image @ text.double().T, rtol=0, atol=1e-6)
    prob = cosines.softmax(1)
    np.testing.assert_allclose(columns["entropy"], -(prob * prob.log()).sum(1), rtol=1e-10)
    np.testing.assert_allclose(columns["max_logit"], cosines.amax(1))
    tempered = (model.logit_scale.detach().exp().double() * cosines).softmax(1)
    np.testing.assert_allclose(columns["max_prob_t"], tempered.amax(1), rtol=1e-6)


@pytest.mark.usefixtures("embedded_once")
def test_bfloat16_does_not_collapse_the_entropy(
    foolbox_photographs: list[tuple[np.ndarray, int]],
) -> None:
    half = engine.load(DUAL, imagenet_classes(), Path(), "cpu", "bfloat16")
    batch = torch.stack([half.prepare(picture) for picture, _ in foolbox_photographs])
    with torch.inference_mode():
        columns = half.score(batch, np.full(len(batch), np.nan))
    assert len(set(columns["entropy"])) == len(set(columns["max_prob"])) == len(batch)


@pytest.mark.usefixtures("embedded_once")
def test_own_class_names_are_scored_by_name(make_world: MakeWorld) -> None:
    names = ["tabby cat", "beach wagon", "daisy"]
    classes = pl.DataFrame({"index": range(3), "wnid": [""] * 3, "name": names}, columns.CLASSES)
    world = make_world(3, labels=[0, 1, None], classes=classes)
    pairs = [(world.tar, world.out)]
    engine.score(DUAL, "dual", pairs, world.manifest, world.classes, Path(), CPU)
    frame = contract.read_table(world.out, kinds.SCORES["zero_shot"])
    assert frame["prediction"].is_between(0, 2).all()
    assert frame["max_prob"].min() >= 1 / 3  # type: ignore[operator]
    assert frame["true_prob"].is_null().to_list() == [False, False, True]


@pytest.mark.slow  # embeds the names of 1000 classes
def test_nothing_in_it_is_random_or_depends_on_threads(
    loaded: engine.LoadedScorer, one_thread: None
) -> None:
    again = engine.load(DUAL, imagenet_classes(), Path(), "cpu", "float32")
    assert torch.equal(loaded.weights, again.weights)  # type: ignore[attr-defined]
    projections = [scorer.model.visual.head.proj.weight for scorer in (loaded, again)]  # type: ignore[attr-defined]
    assert torch.equal(*projections)


@pytest.fixture
def one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


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


def small_classes() -> pl.DataFrame:
    return imagenet_classes().head(3).with_columns(wnid=pl.lit(""))


def dual(**options: object) -> engine.LoadedScorer:
    spec = ZeroShot.model_validate({**DUAL.model_dump(), **options})
    return engine.load(spec, small_classes(), Path(), "cpu", "float32")


@pytest.mark.usefixtures("embedded_once")
def test_prompts_and_names_out_of_files(tmp_path: Path) -> None:
    prompts, names = tmp_path / "prompts.txt", tmp_path / "names.txt"
    prompts.write_text("{}\n\na drawing of {}\n")
    names.write_text("".join(f"{name}\n" for name in small_classes()["name"]))
    plain = dual().weights  # type: ignore[attr-defined]
    assert torch.equal(dual(class_names=names).weights, plain)  # type: ignore[attr-defined]
    names.write_text("fox\nship\ntree\n")
    assert not torch.allclose(dual(class_names=names).weights, plain)  # type: ignore[attr-defined]
    both = dual(templates=prompts).weights  # type: ignore[attr-defined]
    prompts.write_text("a drawing of {}\n")
    alone = dual(templates=prompts).weights  # type: ignore[attr-defined]
    mean = torch.nn.functional.normalize(plain + alone, dim=0)
    torch.testing.assert_close(both, mean, rtol=0, atol=1e-5)


@pytest.mark.usefixtures("embedded_once")
def test_a_faulty_prompt_or_list_of_names_is_named(tmp_path: Path) -> None:
    (tmp_path / "prompts.txt").write_text("{}\na photo\n")
    with pytest.raises(UserError, match=r"prompts\.txt, line 2: 'a photo' holds no \{\}"):
        dual(templates=tmp_path / "prompts.txt")
    (tmp_path / "names.txt").write_text("fox\nship\n")
    with pytest.raises(UserError, match=r"names\.txt holds 2 names; there are 3 classes"):
        dual(class_names=tmp_path / "names.txt")
    with pytest.raises(UserError, match="there is no file"):
        dual(templates=tmp_path / "nowhere.txt")


@pytest.mark.usefixtures("embedded_once")
def test_temperature_changes_its_own_columns_only(
    foolbox_photographs: list[tuple[np.ndarray, int]],
) -> None:
    warm, plain = dual(temperature=0.5), dual()
    batch = torch.stack([plain.prepare(picture) for picture, _ in foolbox_photographs[:4]])
    with torch.inference_mode():
        ours, theirs = (scorer.score(batch, np.full(4, np.nan)) for scorer in (warm, plain))
        cosines = plain.cosines(batch).double()  # type: ignore[attr-defined]
    np.testing.assert_allclose(ours["max_prob_t"], (cosines / 0.5).softmax(1).amax(1), rtol=1e-6)
    for column in ("max_prob", "entropy", "max_logit"):
        np.testing.assert_array_equal(ours[column], theirs[column])
    assert (ours["entropy_t"] > theirs["entropy_t"]).all()


@pytest.mark.slow
def test_a_published_tag_of_open_clip_from_the_cache_and_its_embeddings_from_a_file(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    foolbox_photographs: list[tuple[np.ndarray, int]],
) -> None:
    """Random weights of RN50 as huggingface_hub stores OpenAI's."""
    torch.manual_seed(0)
    model = open_clip.create_model("RN50-quickgelu")
    store = tmp_path / "models--timm--resnet50_clip.openai"
    snapshot = store / "snapshots" / "0123abcd"
    snapshot.mkdir(parents=True)
    (store / "refs").mkdir()
    (store / "refs" / "main").write_text("0123abcd")
    safetensors.torch.save_file(model.state_dict(), snapshot / "open_clip_model.safetensors")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    spec = ZeroShot(kind="zero_shot", model="open_clip:RN50-quickgelu/openai")
    scorer = engine.load(spec, small_classes(), Path(), "cpu", "float32")
    pictures = [picture for picture, _ in foolbox_photographs[:2]]
    batch = torch.stack([scorer.prepare(picture) for picture in pictures])
    texts = tmp_path / "texts.safetensors"
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    prefetch.write_texts(spec, small_classes(), Path(), CPU, texts)
    again = engine.load(spec, small_classes(), Path(), "cpu", "float32", texts=texts)
    with torch.inference_mode():
        image = model.eval().encode_image(batch, normalize=True)
        names = small_classes()["name"].to_list()
        tokens = open_clip.get_tokenizer("RN50-quickgelu")(names)
        cosines = image @ model.encode_text(tokens, normalize=True).T
        for one in (scorer, again):
            found = one.score(batch, np.full(2, np.nan))["max_logit"]
            np.testing.assert_allclose(found, cosines.amax(1), atol=1e-5)
    record = tmp_path / "record.json"
    prefetch.write_weights(spec, imagenet_classes(), Path(), tmp_path, record)
    (name,) = freshness.read_record(record)
    assert name.endswith("snapshots/0123abcd/open_clip_model.safetensors")
    wrong = spec.model_copy(update={"model": "open_clip:RN50-quickgelu/nothing"})
    with pytest.raises(UserError, match=r"weights 'nothing'.*allowed: openai, yfcc15m, cc12m"):
        engine.load(wrong, small_classes(), Path(), "cpu", "float32")
