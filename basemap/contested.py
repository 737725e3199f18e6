# SPDX-License-Identifier: Apache-2.0
"""Which border lines are dashed: those whose course or standing is contested.

Natural Earth draws borders as they are held, not as they are claimed.  A monitoring
mission takes no side, so such a line is dashed, the same way for all, no country is
named or filled, and no claim is added.  The list is ours; a line that is missing from it
is a fault to report.
"""

from __future__ import annotations

from typing import Final

Box = tuple[float, float, float, float]
"""West, south, east, north: degrees."""

AREAS: Final = frozenset(
    {
        "Akrotiri",
        "Cyprus U.N. Buffer Zone",
        "Dhekelia",
        "Kosovo",
        "N. Cyprus",
        "Palestine",
        "Siachen Glacier",
        "Somaliland",
        "W. Sahara",
    }
)
"""Every line of these, by Natural Earth's names, is dashed."""

STRETCHES: Final[dict[frozenset[str], Box]] = {
    frozenset({"Russia", "Ukraine"}): (32.0, 44.0, 37.0, 46.5),  # Crimea
    frozenset({"Georgia", "Russia"}): (39.5, 41.5, 45.0, 44.0),  # Abkhazia, South Ossetia
    frozenset({"India", "Pakistan"}): (73.0, 32.3, 78.0, 36.0),  # Jammu and Kashmir
    frozenset({"China", "India"}): (73.0, 26.0, 98.0, 36.5),  # Aksai Chin, Arunachal
    frozenset({"China", "Pakistan"}): (73.0, 34.5, 78.0, 37.5),  # Trans-Karakoram
    frozenset({"China", "Bhutan"}): (88.5, 27.0, 92.5, 28.7),
    frozenset({"Israel", "Syria"}): (35.0, 32.0, 36.5, 34.0),  # Golan
    frozenset({"Israel", "Lebanon"}): (35.0, 33.0, 36.0, 33.7),  # the Blue Line is no border
    frozenset({"Egypt", "Sudan"}): (24.5, 21.0, 37.5, 23.5),  # Hala'ib, Bir Tawil
    frozenset({"S. Sudan", "Sudan"}): (23.5, 8.5, 34.5, 12.5),  # Abyei and others
    frozenset({"Ethiopia", "Sudan"}): (34.0, 12.0, 36.6, 14.4),  # al-Fashaga
    frozenset({"Kenya", "S. Sudan"}): (33.5, 4.0, 36.2, 5.6),  # Ilemi
    frozenset({"North Korea", "South Korea"}): (126.0, 37.0, 129.0, 39.0),  # an armistice line
    frozenset({"Armenia", "Azerbaijan"}): (44.5, 38.5, 47.0, 41.5),  # not delimited
    frozenset({"Guyana", "Venezuela"}): (-62.0, 0.0, -58.0, 9.0),  # Essequibo
    frozenset({"Kyrgyzstan", "Tajikistan"}): (69.0, 39.0, 74.0, 41.0),
}
"""Between these two, the lines that lie wholly within the box are dashed."""


def is_contested(sides: frozenset[str], box: Box) -> bool:
    """Tell whether a line is dashed.

    Args:
        sides: What it stands between, by Natural Earth's names.
        box: What it extends over.
    """
    if sides & AREAS:
        return True
    held = STRETCHES.get(sides)
    if held is None:
        return False
    west, south, east, north = box
    return held[0] <= west and held[1] <= south and east <= held[2] and north <= held[3]
