"""The analyses: what each reads, makes, is set by, and where it stands on the paper's page.

An analysis is a folder beside this file, and nothing else needs to know of it. The folder holds

- ``__init__.py``: ``ANALYSES``, one entry per job;
- ``schema.py``: the columns of its tables;
- ``compute.py``: ``run(job)``, which writes what the entry ``makes``;
- ``table.py``, where it has tables to be shown: ``TABLES``, table -> ``TableWords``;
- ``figure.py``, where it draws: ``draw(job, look)``, and for the page ``on_page(job)``.
"""

from __future__ import annotations

import functools
import importlib
import importlib.util
import pkgutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

from causal_iqa.core.bounds import Count, Dpi, Style
from causal_iqa.core.conditions import Condition, grid
from causal_iqa.core.config import Config, read_config
from causal_iqa.core.contract import Results
from causal_iqa.core.errors import UserError, nearest
from causal_iqa.core.kinds import ALL_TABLE_KINDS, TABLE_KINDS, Kind


class Scope(NamedTuple):
    """The experiment that an analysis is of.

    kinds: scorer -> kind. kept_softmax: networks whose whole softmax is kept.
    """

    config: Config
    kinds: Mapping[str, Kind]
    kept_softmax: Sequence[str] = ()

    def panels(self) -> list[str]:
        """What most analyses read: pictures, scorers and the joined scores but full reference."""
        names = [name for name, kind in self.kinds.items() if kind != Kind.FULL_REFERENCE]
        return ["manifest.parquet", "scorers.csv", *(f"panel/{name}.parquet" for name in names)]

    def reference_panels(self) -> list[str]:
        """The joined scores of full-reference metrics."""
        names = [name for name, kind in self.kinds.items() if kind == Kind.FULL_REFERENCE]
        return [f"panel/{name}.parquet" for name in names]

    def pooled_tables(self, *, reference: bool = False) -> list[str]:
        """The pooled tables; reference: with that of the full-reference metrics, if there are."""
        kinds = ALL_TABLE_KINDS if reference and self.reference_panels() else TABLE_KINDS
        return [f"tables/{table}.csv" for table in kinds]

    def softmax(self) -> list[str]:
        """The whole softmax of the networks that keep it, condition by condition."""
        conditions = self.config.grid()
        return [f"softmax/{name}/{c}.parquet" for name in self.kept_softmax for c in conditions]


class Settings(dict[str, Any]):
    """The configuration's keys that an analysis names, as ``analysis.seed``, and their values."""

    def conditions(self) -> list[Condition]:
        """Clean and every corruption under every severity."""
        return grid(self["conditions.corruptions"], self["conditions.severities"])


class Look(NamedTuple):
    """How figures look. style: one of seaborn's. dpi: dots per inch of the PNG files."""

    style: str
    dpi: int


class Job(NamedTuple):
    """What ``run`` and ``draw`` work on. name: of the analysis."""

    name: str
    results: Results
    settings: Settings
    threads: int = 1


def analyse(results: Results, name: str, settings: dict[str, Any], threads: Count) -> None:
    """Run one job of an analysis."""
    _part(name, "compute", settings).run(Job(name, results, Settings(settings), threads))


def draw(results: Results, name: str, settings: dict[str, Any], style: Style, dpi: Dpi) -> None:
    """Draw the figures of an analysis."""
    job = Job(name, results, Settings(settings))
    _part(name, "figure", settings).draw(job, Look(style, dpi))


def _part(name: str, part: str, settings: dict[str, Any]) -> Any:
    """A module of an analysis. Raises UserError where there is none, or for other settings."""
    analysis = analysis_of(name)
    if not analysis.has(part):
        raise UserError(f"analysis {name} has no {part}.py")
    if settings.keys() != set(analysis.settings):
        raise UserError(
            f"analysis {name} has the settings {sorted(analysis.settings)}, not {sorted(settings)}"
        )
    read_config(_nested(settings))  # for what it raises
    return analysis.load(part)


def _nested(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Settings as the configuration has them: keys below their sections."""
    config: dict[str, Any] = {}
    for key, value in settings.items():
        *sections, name = key.split(".")
        place = config
        for section in sections:
            place = place.setdefault(section, {})
        place[name] = value
    return config


GRID = ("conditions.corruptions", "conditions.severities")
"""The keys that say which conditions there are."""


@dataclass(frozen=True)
class Analysis:
    """One job of an analysis.

    name: of its rule, command and log. says: what it does, in a line. reads, makes: paths below
    the results, of what it needs and gives. resources: files of the project or of the user's that
    it reads. settings: keys of the configuration that change what it gives. draws: figures below
    ``figures/``, without their suffix. draws_from: what they show beside what it makes, below the
    results. section, order: where it stands on the paper's page, if it does.
    """

    name: str
    says: str
    reads: Callable[[Scope], Iterable[str]] = lambda scope: ()
    makes: tuple[str, ...] = ()
    settings: tuple[str, ...] = ()
    resources: Callable[[Scope], Iterable[Path]] = lambda scope: ()
    draws: Callable[[Scope], Iterable[str]] = lambda scope: ()
    draws_from: Callable[[Scope], Iterable[str]] = lambda scope: ()
    section: str = ""
    order: int = 0
    threads: int = 1
    folder: str = ""

    @property
    def tables(self) -> list[str]:
        """The names of its tables."""
        return [Path(path).stem for path in self.makes if path.startswith("tables/")]

    def figures(self, scope: Scope) -> list[str]:
        """All files that it draws."""
        return [f"figures/{stem}.{end}" for stem in self.draws(scope) for end in ("svg", "png")]

    def everything(self, scope: Scope) -> list[str]:
        """All that it gives: its files, its tables as text, its figures."""
        texts = [f"tables/{table}.{end}" for table in self.tables for end in ("md", "tex")]
        return [*self.makes, *texts, *self.figures(scope)]

    def settings_of(self, config: Config) -> dict[str, Any]:
        """The keys of ``settings`` and their values, as JSON has them.

        Raises UserError for a key that the configuration has not.
        """
        given = config.model_dump(mode="json", by_alias=True)
        return {key: self._value(given, key) for key in self.settings}

    def _value(self, config: dict[str, Any], key: str) -> Any:
        place: Any = config
        for part in key.split("."):
            if not isinstance(place, dict) or part not in place:
                known = nearest(part, place) if isinstance(place, dict) else "nothing is below it"
                raise UserError(
                    f"analyses/{self.folder}: analysis {self.name!r} has the setting {key!r}, "
                    f"which is no key of the configuration: {part!r} is unknown; {known}"
                )
            place = place[part]
        return place

    def module(self, part: str) -> str:
        """``compute``, ``table`` or ``figure`` of its folder, below the package."""
        return f"analyses.{self.folder}.{part}"

    def on_page_from(self) -> list[str]:
        """The modules of its folder that say how it stands on the page."""
        return [part for part in ("table", "figure") if self.has(part)]

    def has(self, part: str) -> bool:
        """Whether its folder has that module."""
        return importlib.util.find_spec(f"causal_iqa.{self.module(part)}") is not None

    def load(self, part: str) -> Any:
        """That module."""
        # At the call: rules are planned from the entries, without what computes and draws.
        return importlib.import_module(f"causal_iqa.{self.module(part)}")


@functools.cache
def analyses() -> dict[str, Analysis]:
    """Every analysis by name: the folders in alphabetical order, each in its own.

    Raises UserError where two have one name, or a folder does not have what its entries name.
    """
    import causal_iqa.analyses as package

    found: dict[str, Analysis] = {}
    for module in pkgutil.iter_modules(package.__path__):
        for one in _entries(module.name) if module.ispkg else ():
            if one.name in found:
                both = f"analyses/{found[one.name].folder} and analyses/{module.name}"
                raise UserError(f"{both} have an analysis {one.name!r}; name one otherwise")
            found[one.name] = replace(one, folder=module.name)
            _check(found[one.name])
    return found


def _entries(folder: str) -> tuple[Analysis, ...]:
    entries = getattr(importlib.import_module(f"causal_iqa.analyses.{folder}"), "ANALYSES", None)
    if not isinstance(entries, tuple) or not all(isinstance(one, Analysis) for one in entries):
        raise UserError(
            f"analyses/{folder}/__init__.py needs ANALYSES, a tuple with an Analysis(...) for each "
            "job, as ANALYSES = (Analysis(...),)"
        )
    return entries


def _check(analysis: Analysis) -> None:
    """Raise UserError where its settings, its modules or their tables are not there."""
    where = f"analyses/{analysis.folder}: analysis {analysis.name!r}"
    analysis.settings_of(Config())
    if analysis.makes and not analysis.has("compute"):
        raise UserError(f"{where} makes {', '.join(analysis.makes)}, and compute.py is not there")
    own = [table for table in analysis.tables if table not in ALL_TABLE_KINDS]
    words = analysis.load("table").TABLES if analysis.has("table") else {}
    for table in own:
        if table not in words:
            listed = nearest(table, words) if words else "there is no table.py"
            raise UserError(
                f"{where} makes tables/{table}.csv, and TABLES in table.py has no words for "
                f"{table!r}; {listed}"
            )


def analysis_of(name: str) -> Analysis:
    """An analysis by its name. Raises UserError for a name that none has."""
    if name not in analyses():
        raise UserError(f"unknown analysis {name!r}; {nearest(name, analyses())}")
    return analyses()[name]


def table_of(name: str) -> Analysis:
    """The analysis that makes a table. Raises UserError for a table that none makes."""
    known = {table: one for one in analyses().values() for table in one.tables}
    if name not in known:
        raise UserError(f"unknown table {name!r}; {nearest(name, known)}")
    return known[name]


def words_of(table: str) -> Any:
    """The ``TableWords`` of a table of an analysis."""
    return table_of(table).load("table").TABLES[table]


def words_from(table: str) -> list[str]:
    """The modules, below the package, that a table is put into words by."""
    own = [table_of(table).module("table")] if table in shown_tables() else []
    return ["report.rendering", *own]


def shown_tables() -> list[str]:
    """The tables that have words of their own (``table.py``), analysis by analysis."""
    return [t for one in analyses().values() if one.has("table") for t in one.tables]
