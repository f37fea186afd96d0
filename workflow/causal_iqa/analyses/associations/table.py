"""The associations in words."""

from __future__ import annotations

from causal_iqa.analyses.associations.schema import ASSOCIATIONS
from causal_iqa.report.table_words import (
    NOTE,
    PAIR,
    TableWords,
    count_column,
    number_column,
    text_column,
)

CAPTION = (
    "How Q and M go together in this experiment. D is Somers' D = 2 AUC - 1 of Q, in its own "
    "direction, by M: 0 is none, 1 and -1 are perfect order. Within strata (picture X0, label Y, "
    "condition C and S) only pairs of points of the same stratum count. "
    "p: two-sided, from permuting M between whole pictures (within a label, between its pictures "
    "only); it asks for more than the conditions alone bring about, which is the column "
    "permuted_mean (a picture may get its own M back); p-values are not adjusted for their number. "
    "The table describes; it supports or refutes no causal graph: in Figure 10 no subset of "
    "{X0, C, S, Y} separates Q and M, so every graph at hand allows every number here, and none "
    "can be tested by conditioning on the image itself, given which Q and M are constants."
)

TABLES = {
    "associations": TableWords(
        "Associations of Q and M in these data",
        ASSOCIATIONS,
        (
            *PAIR,
            text_column("Within", "within"),
            number_column("Somers' D", "somers_d"),
            number_column("Mean when permuted", "permuted_mean"),
            number_column("p", "permutation_p"),
            count_column("Strata used", "n_usable"),
            NOTE,
        ),
        (CAPTION,),
    ),
}
