"""What every column and word of the report means, once."""

from __future__ import annotations

DEFINITIONS: tuple[tuple[str, str], ...] = (
    (
        "Q, M",
        "Q is the quality score of a picture; M is 1 where the task model's first guess is "
        "its label, else 0.",
    ),
    (
        "Condition",
        "One corruption at one of its severities, applied to every picture. Clean is "
        "the undamaged picture.",
    ),
    (
        "AUC",
        "The chance that a correctly classified held-out picture gets a larger P(M=1|Q) than "
        "a wrongly classified one. 0.5 is chance, 1 is perfect. P comes from a logistic regression "
        "on the training pictures, so which way Q points is learnt there; below 0.5 that "
        "direction did not hold on the held-out pictures.",
    ),
    (
        "CE (base rate)",
        "Mean cross-entropy of P(M=1|Q) on the held-out pictures, in nats, smaller "
        "is better; in brackets that of always answering with the share of correct ones among the "
        "training pictures. Q helps only where the first is the smaller.",
    ),
    ("KRCC", "Kendall's rank correlation (tau-b) between mean Q and accuracy over the conditions."),
    ("SRCC", "Spearman's rank correlation over the same conditions."),
    (
        "PLCC",
        "Pearson's linear correlation over the same conditions. All three are signed: a "
        "metric whose smaller values are better should come out negative.",
    ),
    (
        "Interval in brackets",
        "95 % percentile interval of a bootstrap. For AUC it resamples "
        "pictures and keeps all conditions of a picture together; for KRCC, SRCC and PLCC it "
        "resamples corruptions and keeps their severities together. The CSV files also hold the "
        "intervals that take every point, or every condition, as independent: they are the paper's "
        "kind and too narrow where pictures or severities resemble each other.",
    ),
    (
        "p",
        "Two-sided p-value of the coefficient over the conditions, adjusted by Holm over all "
        "rows of its table. It takes the conditions as independent, as the paper does. Severities "
        "of one corruption are not, which the interval beside it heeds: so a small p may stand "
        "beside an interval that takes in 0, and the interval is the one to go by.",
    ),
    ("Test points", "Held-out pictures times conditions."),
    (
        "Solver",
        "converged: the logistic regression solved to its optimum on Q standardised by "
        "the training rows. sklearn: scikit-learn's LogisticRegression on raw Q with its defaults, "
        "as the paper seems to have used it.",
    ),
    ("†", "Circular: the quality source shares weights with the task model."),
    ("‡", "The quality source is the task model itself."),
    ("Not estimable", "The value does not exist on these data; the reason stands under Warnings."),
)
"""(term, meaning) in reading order."""
