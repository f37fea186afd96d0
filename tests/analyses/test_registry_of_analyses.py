"""What an analysis' folder says of itself is checked when the folders are read."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from causal_iqa.analyses import content, labels, registry
from causal_iqa.analyses.content import table
from causal_iqa.core.errors import UserError


def read_anew() -> dict[str, registry.Analysis]:
    """The folders as they are now; the registry keeps what it read once."""
    return registry.analyses.__wrapped__()


def test_two_analyses_of_one_name_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(labels, "ANALYSES", (*labels.ANALYSES, content.ANALYSES[0]))
    with pytest.raises(UserError, match="analyses/content and analyses/labels have an analysis"):
        read_anew()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            {"settings": ("analysis.sed",)},
            r"analyses/labels: analysis 'label' has the setting 'analysis.sed', which is no key of "
            r"the configuration: 'sed' is unknown; did you mean seed\?",
        ),
        ({"settings": ("analysis.seed.x",)}, "'x' is unknown; nothing is below it"),
        (
            {"makes": ("tables/label.csv", "tables/labels.csv")},
            "analysis 'label' makes tables/labels.csv, and TABLES in table.py has no words for "
            "'labels'; did you mean label",
        ),
    ],
)
def test_what_an_entry_names_and_is_not_there_is_refused(
    change: dict[str, Any], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(labels, "ANALYSES", (replace(labels.ANALYSES[0], **change),))
    with pytest.raises(UserError, match=said):
        read_anew()


def test_a_table_without_words_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(table.TABLES, "content_label")
    with pytest.raises(UserError, match=r"analyses/content: .* makes tables/content_label\.csv"):
        read_anew()


@pytest.mark.parametrize(
    ("missing", "said"),
    [("compute", "makes tables/label.csv, and compute.py is not there"), ("table", "no table.py")],
)
def test_a_module_that_an_entry_needs_is_named(
    missing: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = registry.Analysis.has
    monkeypatch.setattr(
        registry.Analysis,
        "has",
        lambda one, part: (one.name, part) != ("label", missing) and there(one, part),
    )
    with pytest.raises(UserError, match=f"analyses/labels: analysis 'label' .*{said}"):
        read_anew()


@pytest.mark.parametrize("entries", [None, labels.ANALYSES[0], ("label",)])
def test_a_folder_without_its_entries_is_named(
    entries: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(labels, "ANALYSES", entries)
    with pytest.raises(UserError, match=r"analyses/labels/__init__\.py needs ANALYSES, a tuple"):
        read_anew()
