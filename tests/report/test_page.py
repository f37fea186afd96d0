"""The page is whole, needs no network, and warns when and only when there is cause."""

import json
import re
import shutil
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import polars as pl
import pytest
import report_world
from report_world import draw_page
from samples import ROOT

from causal_iqa.analyses.dags.figure import write_dag_figure
from causal_iqa.analyses.dags.graphs import read_dags
from causal_iqa.analyses.pooled.schema import POOLED
from causal_iqa.core.contract import Results, read_table, write_table
from causal_iqa.core.errors import UserError
from causal_iqa.data.schema import CONDITION_MEANS
from causal_iqa.report.answer import answers, best_fits, comparisons, in_a_sentence
from causal_iqa.report.cautions import cautions
from causal_iqa.report.drawing.heatmap import BRIGHT, DARK
from causal_iqa.report.drawing.palette import ON_DARK
from causal_iqa.report.findings import read_findings, read_pairs
from causal_iqa.report.page_figures import with_dark
from causal_iqa.report.report_page import write_page
from causal_iqa.report.scorer_words import scorers_by_name

DAGS = read_dags([ROOT / "resources" / "dags"])
VOID = {"meta", "img", "input", "br", "hr", "link"}


class Page(HTMLParser):
    """Elements with their attributes; raises on a tag that closes no open one."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag, f"</{tag}> at line {self.getpos()[0]} closes another tag"

    def attributes(self, name: str) -> Iterator[str]:
        """Every value of an attribute."""
        return (value for _, found in self.elements if (value := found.get(name)) is not None)


@pytest.fixture(scope="module")
def text(drawn_world: Results) -> str:
    return (drawn_world.root / "report.html").read_text()


@pytest.fixture(scope="module")
def page(text: str) -> Page:
    return Page(text)


def test_html_is_well_formed(page: Page) -> None:
    assert page.open == []
    ids = list(page.attributes("id"))
    assert len(ids) == len(set(ids))


def test_nothing_is_loaded_from_elsewhere(page: Page, text: str) -> None:
    for value in page.attributes("src"):
        assert value.startswith("data:image/"), value[:80]
    for value in page.attributes("href"):
        assert re.match(r"#|[\w/]+(\.(csv|html)|/)$", value), value
    assert not {tag for tag, _ in page.elements} & {"link", "iframe", "object", "base"}


def test_links_lead_somewhere(page: Page, drawn_world: Results) -> None:
    ids = set(page.attributes("id"))
    links = set(page.attributes("href"))
    assert {value[1:] for value in links if value.startswith("#")} <= ids
    # the target paper makes it
    files = {value for value in links if not value.startswith("#")} - {"paper.html"}
    assert files and all((drawn_world.root / value).exists() for value in files)


def test_every_row_of_every_pair_is_there(page: Page, world: Results) -> None:
    pairs = read_pairs(world)
    others = len(report_world.scorers()) + len(report_world.provenance().weights)
    rows = [found for tag, found in page.elements if tag == "tr"]
    headers = 3 + 2
    # The table of the chart's pictures is filled as the page opens.
    assert len(rows) == pairs.height + others + headers
    assert sum("detail" in (found.get("class") or "") for found in rows) == pairs.height // 2


def test_every_pair_is_in_the_chart(text: str, world: Results) -> None:
    found = re.search(r'id="chart-data">(.*?)</script>', text, re.DOTALL)
    assert found is not None
    chart = json.loads(found[1])
    pairs = read_pairs(world).filter(solver="converged")
    assert sum(len(scores) for scores in chart["fits"].values()) == pairs.height
    titles = {network["title"] for network in chart["networks"]}
    assert titles == set(report_world.CLASSIFIERS.values())
    groups = read_table(world.groups, CONDITION_MEANS)
    for network in chart["networks"]:
        mine = groups.filter(scorer=network["name"], variant="accuracy")
        for condition, accuracy, n in zip(
            chart["conditions"], network["accuracy"], network["n"], strict=True
        ):
            corruption, severity = condition["id"].split("/")
            row = mine.filter(corruption=corruption, severity=int(severity)).row(0, named=True)
            assert accuracy == pytest.approx(100 * row["mean"], rel=1e-4)
            assert n == row["n"]


def test_page_says_where_things_come_from(text: str) -> None:
    assert "0872f5d7d0e806c443e588b6dd6b933e9200cf589b0e757e85e3afd57539c592" in text
    assert "brisque_svm.txt: GPL-3.0" in text
    assert "PolyForm Noncommercial" in text
    assert "polars 2.1.0" in text
    assert "&#34;style&#34;: &#34;whitegrid&#34;" in text


def test_the_page_warns_of_what_is_there(text: str) -> None:
    for key in ("small-n", "circular", "not-estimable", "slope-sign"):
        assert f'id="warning-{key}"' in text
    assert 'id="warning-synthetic"' not in text
    assert "on the conditions of 4 held-out pictures" in text
    assert f"SqueezeNet 1.1 with NIQE, score (converged): {report_world.REASON}" in text


def test_the_warnings_are_silent_without_cause(plain_world: Results) -> None:
    findings = read_findings(plain_world)
    named = scorers_by_name(findings.scorers)
    assert [caution.key for caution in cautions(findings, named)] == ["circular"]
    apart = findings._replace(pairs=findings.pairs.filter(~pl.col("circular")))
    assert cautions(apart, named) == []


def test_the_warnings_name_what_they_concern(world: Results) -> None:
    findings = read_findings(world)
    named = scorers_by_name(findings.scorers)
    named["tv"] = named["tv"]._replace(synthetic=True)
    found = {caution.key: caution for caution in cautions(findings, named)}
    assert found["synthetic"].items == ["TV (mean |dx|+|dy|)"]
    assert len(found["circular"].items) == 5
    assert len(found["slope-sign"].items) == 4
    assert all("entropy" in item for item in found["slope-sign"].items)
    assert len(found["not-estimable"].items) == 2


def test_scores_that_are_not_defined_are_counted(
    drawn_world: Results, text: str, tmp_path: Path
) -> None:
    assert "Scores not defined" not in text and 'id="warning-undefined"' not in text
    copy = Results(tmp_path / "copy")
    shutil.copytree(drawn_world.root, copy.root)
    fewer = (pl.col("scorer") == "niqe") & (pl.col("corruption") == "contrast")
    groups = read_table(copy.groups, CONDITION_MEANS).with_columns(
        n=pl.when(fewer).then(19).otherwise("n")
    )
    write_table(groups.cast({"n": pl.Int32}), copy.groups, CONDITION_MEANS)
    table = copy.table("nr_iqa")
    lost = pl.when(quality_source="niqe").then(pl.col("n_test") - 1).otherwise("n_test")
    pairs = read_table(table, POOLED).with_columns(n_test=lost)
    write_table(pairs, table, POOLED)
    findings = read_findings(copy)
    found = {c.key: c for c in cautions(findings, scorers_by_name(findings.scorers))}
    assert found["undefined"].items == ["NIQE: 5 (0.33 %) of 1520 scores"]
    assert "4 held-out pictures" in found["small-n"].text
    write_page(copy, report_world.provenance(), pictures=False)
    page = (copy.root / "report.html").read_text()
    assert "Scores not defined" in page and "<bdi>5 (0.33 %)</bdi>" in page
    assert 'id="warning-undefined"' in page


def test_the_answer_is_read_off_the_tables(world: Results) -> None:
    findings = read_findings(world)
    named = scorers_by_name(findings.scorers)
    nr, strong, weak = answers(findings.pairs, named)
    fits = findings.pairs.filter(
        (pl.col("solver") == "converged") & ~pl.col("circular") & pl.col("auc").is_not_null()
    )
    mine = fits.filter(pl.col("family") == "strong")
    above = (mine["auc_cluster_lo"] > 0.5).sum()
    assert strong.figure == f"AUC {mine['auc'].min():.2f} to {mine['auc'].max():.2f}"
    assert strong.sentences[0].startswith(f"Of 36 fits, {above} have a 95 % interval wholly above")
    assert "1 fit could not be estimated." in nr.sentences
    assert weak.sentences[-1].startswith("Not counted here: 5 fits")
    assert best_fits(findings.pairs).height == 4 + 4 + 3
    assert comparisons(findings.pairs)[1].startswith("For 3 of 3 task models")


def test_the_answer_in_a_sentence_counts_both_ways(world: Results) -> None:
    pairs = read_findings(world).pairs
    sentence = in_a_sentence(pairs, 20)
    assert sentence.startswith("On 20 pictures, the confidence of another network tells")
    assert "4 held-out pictures: too few to tell" in sentence
    low = pairs.with_columns(auc_cluster_lo=pl.lit(0.2), auc_cluster_hi=pl.lit(0.4))
    assert "in 0 of 36 fits (and is wholly below chance in 36)" in in_a_sentence(low, 20)
    many = pairs.with_columns(n_test=pl.lit(75 * 30, pl.Int64))
    assert "too few" not in in_a_sentence(many, 150)


def test_a_direction_against_the_scores_own_is_warned_of(world: Results) -> None:
    findings = read_findings(world)
    named = scorers_by_name(findings.scorers)
    turned = findings._replace(pairs=findings.pairs.with_columns(slope=-pl.col("slope")))
    items = {c.key: c.items for c in cautions(turned, named)}["reversed"]
    assert any(item.startswith("EfficientNet-Lite0 with BRISQUE, score: AUC") for item in items)
    # TV has no direction of its own.
    assert not any("TV" in item for item in items)


def test_intervals_wholly_below_chance_are_said(world: Results) -> None:
    findings = read_findings(world)
    low = findings.pairs.with_columns(
        auc=pl.lit(0.3), auc_cluster_lo=pl.lit(0.2), auc_cluster_hi=pl.lit(0.4)
    )
    answer = answers(low, scorers_by_name(findings.scorers))[0]
    assert answer.sentences[0] == (
        "Of 16 fits, 0 have a 95 % interval wholly above 0.5, 16 wholly below and "
        "0 cannot be told from chance."
    )


def test_no_dual_encoder_and_an_odd_title(tmp_path_factory: pytest.TempPathFactory) -> None:
    results = Results(report_world.write_world(tmp_path_factory.mktemp("odd")))
    results.table("weak").write_text(",".join(POOLED) + "\n")
    titled = results.scorers.read_text().replace("BRISQUE", "$<i>Q & A$")
    results.scorers.write_text(titled)
    draw_page(results)
    write_page(results, report_world.provenance(), pictures=False)
    text = (results.root / "report.html").read_text()
    assert 'id="table-weak"' not in text
    assert 'id="table-strong"' in text
    assert "<i>" not in text
    assert "$&lt;i&gt;Q &amp; A$" in text
    assert Page(text).open == []
    assert ">$&lt;i&gt;Q &amp; A$</text>" in (results.root / "figures" / "overview.svg").read_text()


def test_a_missing_figure_is_named(plain_world: Results) -> None:
    with pytest.raises(UserError, match=r"overview\.svg is not there"):
        write_page(plain_world, report_world.provenance(), pictures=False)


def luminance(colour: str) -> float:
    """Relative luminance of ``#rrggbb`` (WCAG 2.2)."""
    parts = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    linear = [v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    bright, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def test_lines_and_letters_are_seen_on_a_dark_page(drawn_world: Results, tmp_path: Path) -> None:
    stems = [write_dag_figure(dag, tmp_path / dag.id, "whitegrid", 50)[0] for dag in DAGS]
    figures = [*stems, *(drawn_world.root / "figures").rglob("*.svg")]
    card, quiet = ON_DARK["#ffffff"], {ON_DARK["#cccccc"], ON_DARK["#ffffff"]}
    # Cells keep their own colours, and the letters in them.
    own = {DARK.lower(), BRIGHT.lower()}
    for path in figures:
        svg = path.read_text()
        inks = {
            *re.findall(r"stroke: (#\w{6})", svg),
            *re.findall(r"<text style=\"[^\"]*fill: (#\w{6})", svg),
        }
        for ink in inks - own:
            seen = ON_DARK.get(ink, ink)
            assert seen in quiet or contrast(seen, card) >= 3, (path.name, ink)
            assert seen == ink or f'{ink}"]{{' in with_dark(svg)
