"""What networks, quality scores and classes are called where the owner of a set reads them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from causal_iqa.report.scorer_words import ScorerWords, variant_words


class Naming(NamedTuple):
    """What networks, quality scores and classes are called."""

    scorers: Mapping[str, ScorerWords]
    classes: Sequence[str]

    def title(self, network: str) -> str:
        """A network's title."""
        return self.scorers[network].title

    def quality(self, source: str, variant: str) -> str:
        """A quality score: its scorer's title, and the variant where there are several."""
        scorer = self.scorers[source]
        words = "" if variant == "score" else f", {variant_words(scorer.kind, variant)}"
        return f"{scorer.title}{words}"

    def predicted(self, index: int) -> str:
        """A class's name, or its index where it has none."""
        name = self.classes[index] if 0 <= index < len(self.classes) else ""
        return name or f"class {index}"
