# SPDX-License-Identifier: Apache-2.0
"""Small drawings: incidents by hour as dots with whiskers, coverage as a strip, bars in tables.

A whisker runs from the incidents wholly inside to those that overlap; its dot is the
expected number.  Hours without watch are hatched, never empty and never zero.
Drawings hold no text that a source wrote, and stretch with the page.
"""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from truceline.assessment.model import Coverage
from truceline.reports import words
from truceline.reports.model import GroupRow, Tally

WIDTH, HEIGHT = 960.0, 150.0
STRIP_HEIGHT = 22.0


def _svg(width: float, height: float, label: str, body: str, name: str) -> Markup:
    return Markup(  # noqa: S704 - the label is escaped, the body is made of numbers
        f'<svg class="{name}" viewBox="0 0 {width:g} {height:g}" role="img"'
        f' preserveAspectRatio="none"><title>{Markup.escape(label)}</title>{body}</svg>'
    )


def axis_top(tallies: Sequence[Tally]) -> int:
    """Return a round number that no whisker exceeds: 1, 2 or 5 times a power of ten."""
    most = max((tally.most for tally in tallies), default=0)
    top = 1
    while True:
        for step in (1, 2, 5):
            if step * top >= most:
                return step * top
        top *= 10


def hourly(tallies: Sequence[Tally]) -> Markup:
    """Draw incidents by hour, a whisker and a dot each; the axis runs to ``axis_top``."""
    top, step = axis_top(tallies), WIDTH / max(len(tallies), 1)
    parts = ['<path class="grid" d="M0 .5H960M0 75H960M0 149.5H960"/>']
    for place, tally in enumerate(tallies):
        x = (place + 0.5) * step
        low, high, dot = (
            HEIGHT - 1 - value / top * (HEIGHT - 8) for value in (tally.least, tally.most, tally.expected)
        )
        if tally.most:
            parts.append(f'<path class="whisker" d="M{x:.1f} {low:.1f}V{high:.1f}"/>')
            # A line of no length with round ends stays round when the drawing is stretched.
            parts.append(f'<path class="dot" d="M{x:.1f} {dot:.1f}h.01"/>')
    label = "Incidents by hour of the period: " + "; ".join(
        f"hour {place + 1}: {words.tally(tally)}" for place, tally in enumerate(tallies)
    )
    return _svg(WIDTH, HEIGHT, label, "".join(parts), "chart")


def coverage_strip(coverage: Coverage, hours: int) -> Markup:
    """Draw the share of the line watched by hour: taller is more, hatched is none or not known."""
    known = coverage.share is not None
    shares = coverage.by_hour if known else ()
    step = WIDTH / max(hours, 1)
    parts = []
    for place in range(hours):
        share = shares[place] if place < len(shares) else 0.0
        x = place * step
        parts.append(
            f'<rect class="unwatched" x="{x:.1f}" width="{step - 1:.1f}" height="{STRIP_HEIGHT:g}" y="0"/>'
        )
        if share > 0:
            tall = min(share, 1.0) * STRIP_HEIGHT
            parts.append(
                f'<rect class="watched-bar" x="{x:.1f}" width="{step - 1:.1f}"'
                f' y="{STRIP_HEIGHT - tall:.1f}" height="{tall:.1f}"/>'
            )
    label = "Share of the line watched by hour: " + (
        "; ".join(f"hour {place + 1}: {words.percent(share)}" for place, share in enumerate(shares))
        if shares
        else "not known"
    )
    return _svg(WIDTH, STRIP_HEIGHT, label, "".join(parts), "strip")


def shared_top(rows: Sequence[GroupRow]) -> int:
    """Return the end of the axis that a table's whiskers share."""
    return axis_top([tally for row in rows for tally in (row.now, row.before)])


def whisker(tally: Tally, top: int) -> Markup:
    """Draw one tally as a horizontal whisker with its dot, on an axis from 0 to ``top``."""
    low, high, dot = (4 + value / top * 112 for value in (tally.least, tally.most, tally.expected))
    body = '<path class="grid" d="M4 0V16"/>'
    if tally.most:
        body += f'<path class="whisker" d="M{low:.1f} 8H{high:.1f}"/><path class="dot" d="M{dot:.1f} 8h.01"/>'
    label = f"{words.tally(tally)} incidents, on an axis from 0 to {words.number(top)}"
    return _svg(120, 16, label, body, "row-whisker")
