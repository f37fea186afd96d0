"""The graphs' claims in words."""

from __future__ import annotations

from causal_iqa.analyses.dags.schema import DAG_CLAIMS
from causal_iqa.report.table_words import TableWords, text_column, yes_column

CAPTION = (
    "What the paper claims of its causal graphs and what the graphs imply by d-separation. "
    "`path` is a path that stays open, with what is conditioned on in brackets. "
    "`agree_stated_edges` is the same comparison with only those edges that the paper's text "
    "states. `without_noise` is what follows where the functions that the paper calls "
    "deterministic have no noise: given the image, M is a constant, and a constant depends on "
    "nothing. The table checks the paper's reasoning; it tests no graph against data."
)

TABLES = {
    "dag_claims": TableWords(
        "The paper's causal claims and what its graphs imply",
        DAG_CLAIMS,
        (
            text_column("Figure", "figure", "reading"),
            text_column("Graph", "dag"),
            text_column("Claim", "claim"),
            text_column("Paper", "paper"),
            text_column("Graph implies", "implied"),
            yes_column("Agree", "agree"),
            text_column("Open path", "path"),
            yes_column("Agree, stated edges", "agree_stated_edges"),
            text_column("Without noise", "without_noise"),
            text_column("Where", "where"),
            text_column("Sentence", "sentence"),
            text_column("Note", "note"),
        ),
        (CAPTION,),
    ),
}
