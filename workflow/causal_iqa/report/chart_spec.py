"""How the page's chart is drawn: a Vega-Lite specification, and the runtime that draws it.

Vega-Lite because a chart is then data, checked against a schema by altair as it is built, and its
runtime (BSD) comes with the package vl-convert-python: nothing is fetched, and the page needs
nothing but itself.
"""

from __future__ import annotations

import functools
from typing import Any

import altair as alt
import vl_convert

WIDTH, HEIGHT = 520, 400
"""Pixels of the axes at most; ``templates/chart.js`` makes them narrower where the page is."""
CELL = (46, 20)
"""Pixels of a cell of the heat map."""


def chart_spec(corruptions: dict[str, list[str]], severities: list[int]) -> dict[str, Any]:
    """The specification; corruptions: as ``chart_data`` has them.

    Data: ``conditions``, one row per condition with id, corruption, severity, quality, accuracy,
    lo, hi, which chart.js fills in. The parameter ``chosen`` is the id of a condition.
    """
    names = corruptions["names"]
    rows = alt.NamedData("conditions")
    chart = alt.hconcat(_scatter(rows, corruptions), _cells(rows, names, severities))
    chosen = alt.param(name="chosen", value="clean/0")
    made: dict[str, Any] = (
        chart.add_params(chosen)
        .resolve_scale(color="independent", shape="independent", size="independent")
        .configure_view(stroke=None)
        .to_dict()
    )
    return made


def _scatter(rows: alt.NamedData, corruptions: dict[str, list[str]]) -> Any:
    """Accuracy against mean Q: a line per corruption, a point per condition."""
    scales = {
        "color": alt.Scale(domain=corruptions["names"], range=corruptions["colours"]),
        "shape": alt.Scale(domain=corruptions["names"], range=corruptions["shapes"]),
    }
    legend = alt.Legend(title="Corruption", symbolOpacity=1, symbolStrokeWidth=0)
    of_corruption = {
        "color": alt.Color("corruption:N", scale=scales["color"], legend=legend),
        "shape": alt.Shape("corruption:N", scale=scales["shape"], legend=legend),
    }
    x = alt.X("quality:Q", scale=alt.Scale(zero=False, padding=12), title="Mean Q")
    y = alt.Y("accuracy:Q", scale=alt.Scale(domain=[0, 100]), title="Accuracy, %")
    damaged = "datum.severity > 0 && datum.quality !== null"
    base = alt.Chart(rows).encode(x=x, y=y)
    bars = base.transform_filter("datum.id === chosen && datum.quality !== null").mark_rule(
        strokeWidth=2, aria=False
    )
    return alt.layer(
        base.transform_filter(damaged)
        .mark_line(strokeWidth=1, opacity=0.35, aria=False)
        .encode(color=of_corruption["color"], order="severity:Q"),
        bars.encode(y=alt.Y("lo:Q"), y2="hi:Q"),
        base.transform_filter(damaged)
        .mark_point(filled=True, opacity=1, cursor="pointer")
        .encode(
            **of_corruption,
            size=alt.Size(
                "severity:Q",
                scale=alt.Scale(domain=[1, 5], range=[35, 150]),
                legend=alt.Legend(title="Severity", values=[1, 3, 5], symbolFillColor="#777"),
            ),
        ),
        base.transform_filter("datum.severity === 0 && datum.quality !== null").mark_text(
            text="\u2605", fontSize=24, cursor="pointer"
        ),
        base.transform_filter("datum.id === chosen && datum.quality !== null").mark_point(
            size=330, strokeWidth=2, style="chosen", aria=False
        ),
    ).properties(
        width=WIDTH,
        height=HEIGHT,
        title=alt.Title("", subtitle="\u2605 clean; bar: 95 % interval", anchor="start"),
    )


def _cells(rows: alt.NamedData, names: list[str], severities: list[int]) -> Any:
    """Accuracy in per cent by corruption and severity."""
    base = (
        alt.Chart(rows)
        .transform_filter("datum.severity > 0")
        .encode(
            x=alt.X("severity:O", title="Severity", axis=alt.Axis(labelAngle=0)),
            y=alt.Y("corruption:N", sort=names, title=None),
        )
    )
    return alt.layer(
        base.mark_rect(cursor="pointer").encode(
            color=alt.Color(
                "accuracy:Q",
                scale=alt.Scale(domain=[0, 100], scheme="cividis"),
                # Each cell has its number.
                legend=None,
            )
        ),
        base.mark_text(fontSize=11, cursor="pointer").encode(
            text=alt.Text("accuracy:Q", format=".0f"),
            # Cividis is bright from about the middle on.
            color=alt.condition("datum.accuracy > 55", alt.value("#111"), alt.value("#fafafa")),
        ),
        base.transform_filter("datum.id === chosen").mark_rect(
            fillOpacity=0, strokeWidth=2.5, style="chosen", aria=False
        ),
    ).properties(
        width=CELL[0] * len(severities),
        height=CELL[1] * len(names),
        title=alt.Title("", anchor="start"),
    )


@functools.cache
def runtime() -> str:
    """Vega, Vega-Lite and vega-embed as one script, which sets ``vegaEmbed``."""
    bundle: str = vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;")
    # What would end the script in the page.
    return bundle.replace("</script", "<\\/script")
