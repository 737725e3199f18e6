# SPDX-License-Identifier: Apache-2.0
"""The shapes and colours of statuses: always a word and a shape, never colour alone.

The colours are Okabe and Ito's, told apart by colour-blind readers and in grey.
Shapes are drawn around the origin with a radius of about 6 and take the colour of the
text that they stand in.
"""

from __future__ import annotations

from markupsafe import Markup

from truceline.reports.words import STATUS_WORDS
from truceline.vocabulary import Status

RING = '<circle r="5.5" class="open"/>'

SHAPES: dict[Status | None, str] = {
    Status.ALLEGED: RING,
    Status.CORROBORATED: f'{RING}<path d="M0-5.5A5.5 5.5 0 0 0 0 5.5Z" class="full"/>',
    Status.UNDER_INQUIRY: f'{RING}<circle r="2" class="full"/>',
    Status.VERIFIED: '<circle r="6" class="full"/>',
    Status.NOT_VERIFIED: f'{RING}<path d="M-3.9-3.9 3.9 3.9M-3.9 3.9 3.9-3.9" class="open"/>',
    Status.UNABLE_TO_VERIFY: '<rect x="-5" y="-5" width="10" height="10" class="open"/>',
    None: '<path d="M-4.5 0H4.5M0-4.5V4.5" class="open"/>',
}

COLOURS: dict[Status | None, str] = {
    Status.ALLEGED: "#E69F00",
    Status.CORROBORATED: "#56B4E9",
    Status.UNDER_INQUIRY: "#0072B2",
    Status.VERIFIED: "#009E73",
    Status.NOT_VERIFIED: "#999999",
    Status.UNABLE_TO_VERIFY: "#999999",
    None: "#777777",
}


def slug(status: Status | None) -> str:
    """Return the name that a status has in the page's classes and ids."""
    return "none" if status is None else status.value.replace("_", "-")


def definitions() -> Markup:
    """Return the shapes and the hatching that the page's drawings refer to."""
    shapes = "".join(f'<g id="m-{slug(status)}">{shape}</g>' for status, shape in SHAPES.items())
    return Markup(  # noqa: S704 - made of the constants above only
        '<svg class="defs" width="0" height="0" aria-hidden="true"><defs>'
        f"{shapes}"
        '<pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse"'
        ' patternTransform="rotate(45)"><path d="M0 0V6" class="hatch-line"/></pattern>'
        '<pattern id="hatch-zone" width="9" height="9" patternUnits="userSpaceOnUse"'
        ' patternTransform="rotate(-45)"><path d="M0 0V9" class="zone-line"/></pattern>'
        "</defs></svg>"
    )


def mark(status: Status | None) -> Markup:
    """Return a status as its shape, for beside its word."""
    return Markup(  # noqa: S704 - made of constants only
        f'<svg class="mark s-{slug(status)}" viewBox="-8 -8 16 16" aria-hidden="true">'
        f'<use href="#m-{slug(status)}"/></svg>'
    )


def colour_rules() -> Markup:
    """Return the style rules that give each status its colour."""
    return Markup(  # noqa: S704 - made of constants only
        "".join(f".s-{slug(status)}{{color:{COLOURS[status]}}}" for status in STATUS_WORDS)
    )
