"""The sections of the paper's page: what each is called in the paper's order, and how it begins."""

from __future__ import annotations

from typing import NamedTuple

from markupsafe import Markup


class Section(NamedTuple):
    """A section; ``nav``: its name among the links at the top. intro: HTML before all else."""

    id: str
    nav: str
    title: str
    intro: Markup = Markup("")


SECTIONS = (
    Section(
        "prediction",
        "Prediction",
        "Prediction (Sections 2.2 to 2.4, Appendix E)",
        Markup(
            "<p>Fits solved to their optimum; what scikit-learn's defaults give stands under\n"
            '<a href="#solver">Solver</a>.</p>'
        ),
    ),
    Section(
        "scatters",
        "Scatter figures",
        "Accuracy against mean quality (Figures 3, 5, 6, 11 to 19)",
        Markup(
            "<p>A point is a condition, its colour and shape the corruption, its size the "
            "severity. Every other\npair stands in report.html.</p>"
        ),
    ),
    Section("content", "Content held fixed", "Content held fixed (Appendix G, Figure 20)"),
    Section("mild", "Mild corruption", "Mildly corrupted variants (Section 2.5, Appendix H)"),
    Section(
        "causal",
        "Causal graphs",
        "Causal graphs (Figures 1, 2, 4, 7 to 10)",
        Markup(
            "<p>The drawings of the paper are not in its text. Each edge here is rebuilt from "
            "captions, Section 4\nand Appendices A to C, and is marked as stated or inferred in "
            "resources/dags.</p>"
        ),
    ),
    Section("scorecard", "Desiderata", "Desiderata D1 to D4"),
    Section("beside", "Beside the paper", "Beside the paper's sentences and numbers"),
    Section("beyond", "Beyond quality", "Networks by accuracy beyond quality (Discussion)"),
    Section("solver", "Solver", "Solver audit"),
)
