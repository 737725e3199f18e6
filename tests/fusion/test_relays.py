# SPDX-License-Identifier: Apache-2.0
"""Reports that repeat one statement are one voice."""

from __future__ import annotations

from tests.fusion.making import groups, only, report, table_of

from truceline.fusion import fuse
from truceline.vocabulary import SourceKind

NEWS = SourceKind.NEWS


def test_relays_count_once_as_a_source() -> None:
    incident = only(fuse(table_of(*(report(f"r{i}", source_kind=NEWS, origin="post") for i in range(4)))))
    assert (incident.reports, incident.independent_sources) == (4, 1)


def test_relays_add_nothing_to_place_time_kind_and_reality() -> None:
    alone = only(fuse(table_of(report("a", source_kind=NEWS, origin="post"))))
    relayed = only(
        fuse(table_of(*(report(name, source_kind=NEWS, origin="post") for name in ("a", "b", "c"))))
    )
    assert relayed.place == alone.place
    assert relayed.when == alone.when
    assert relayed.kinds == alone.kinds
    assert relayed.probability_real == alone.probability_real


def test_an_independent_report_beside_relays_counts() -> None:
    relays = [report(name, source_kind=NEWS, origin="post") for name in ("a", "b")]
    incident = only(fuse(table_of(*relays, report("c"))))
    assert (incident.reports, incident.independent_sources) == (3, 2)


def test_two_distant_places_of_one_statement_stay_two_incidents() -> None:
    listed = [report("a", origin="list"), report("b", origin="list", metres=(40_000.0, 0.0))]
    assert len(fuse(table_of(*listed)).incidents) == 2


def test_neighbouring_places_of_one_statement_stay_two_incidents() -> None:
    listed = [
        report("a", source="outlet", origin="list", sigma_m=4_000.0),
        report("b", source="outlet", origin="list", sigma_m=4_000.0, metres=(5_000.0, 0.0)),
    ]
    assert len(fuse(table_of(*listed)).incidents) == 2


def test_a_relay_follows_its_statement_even_where_many_incidents_are_near() -> None:
    crowd = [report(f"c{i}", metres=(i * 900.0, 0.0), after_s=i * 200.0, sigma_m=150.0) for i in range(-5, 6)]
    relays = [
        report(name, source_kind=NEWS, origin="post", metres=(0.0, 6_000.0), sigma_m=4_000.0, sigma_s=1_800.0)
        for name in ("a", "b")
    ]
    fusion = fuse(table_of(*crowd, *relays))
    assert any(frozenset("ab") <= members for members in groups(fusion))


def test_one_source_twice_is_not_two_independent_sources() -> None:
    incident = only(fuse(table_of(report("a", source="team"), report("b", source="team"))))
    assert (incident.reports, incident.independent_sources) == (2, 1)


def test_a_source_that_says_the_same_again_is_a_relay_of_itself() -> None:
    again = only(fuse(table_of(*(report(f"r{i}", source="team", counted=(2, 2)) for i in range(40)))))
    once = only(fuse(table_of(report("r0", source="team", counted=(2, 2)))))
    assert (again.reports, again.independent_sources) == (40, 1)
    assert (again.place, again.when, again.probability_real) == (once.place, once.when, once.probability_real)
