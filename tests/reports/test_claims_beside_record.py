# SPDX-License-Identifier: Apache-2.0
"""Claims keep their figure, their hours and their own column; sums are shown and checked."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.reports.conftest import TOTALS, TRUCE, exactly, make_agreement, make_claim, make_inputs

from truceline.interval import Interval
from truceline.observation.model import Count, PartyClaim
from truceline.reports import daily_report, words
from truceline.reports.claims import (
    comparisons_shown,
    hours_beside,
    kind_of_subject,
    place_of_subject,
    sum_words,
)
from truceline.reports.html import claim_rows
from truceline.vocabulary import CountQualifier, Kind

PERIOD = Interval(datetime(2025, 4, 19, 21, tzinfo=UTC), datetime(2025, 4, 20, 21, tzinfo=UTC))


def shown_sum(*claims: PartyClaim) -> str:
    (entry,) = comparisons_shown(make_agreement(), claims, PERIOD)
    (check,) = entry.sums
    return sum_words(check)


def test_sum_is_shown_and_said_to_add_up() -> None:
    assert shown_sum(*TOTALS) == "96 + 1,882 + 957 = 2,935: it adds up"


def test_sum_that_does_not_add_up_says_by_how_much() -> None:
    claims = [replace(one, count=exactly(100)) if one.claim_id == "PC-25" else one for one in TOTALS]
    assert shown_sum(*claims).endswith("it does not add up to 2,935 as stated; the difference is 4")


def test_sum_with_a_missing_part_is_not_checked() -> None:
    claims = [one for one in TOTALS if one.claim_id != "PC-29"]
    assert shown_sum(*claims) == "not checked: PC-29 is not in the record"


def test_sum_of_inexact_figures_is_not_called_right_or_wrong() -> None:
    inexact = Count(CountQualifier.ABOUT, 96, 96)
    claims = [replace(one, count=inexact) if one.claim_id == "PC-25" else one for one in TOTALS]
    said = shown_sum(*claims)
    assert "cannot be checked to the unit" in said
    assert "adds up" not in said


def test_comparison_of_other_days_is_not_shown() -> None:
    later = Interval(datetime(2025, 4, 25, tzinfo=UTC), datetime(2025, 4, 26, tzinfo=UTC))
    assert comparisons_shown(make_agreement(), TOTALS, later) == ()


@settings(max_examples=20, deadline=None)
@given(st.lists(st.sampled_from(TOTALS), unique=True))
def test_claims_never_alter_a_count_of_incidents(claims: list[PartyClaim]) -> None:
    with_claims, without = daily_report(make_inputs(claims=claims)), daily_report(make_inputs(claims=()))
    for name in ("tally", "attacks", "by_status", "by_hour", "kinds", "regions", "entries"):
        assert getattr(with_claims, name) == getattr(without, name)


def test_parties_stand_in_the_order_of_the_pack_and_others_last() -> None:
    speakers = [entry.claim.claimant for entry in daily_report(make_inputs()).claims]
    assert list(dict.fromkeys(speakers)) == ["aa", "bb", "third_party:ISW"]


def test_only_claims_of_the_same_hours_share_a_row() -> None:
    report = daily_report(make_inputs())
    rows = claim_rows(
        [entry for entry in report.claims if entry.claim.claimant in {"aa", "bb"}], ("aa", "bb")
    )
    assert [[len(cell) for cell in row.cells] for row in rows] == [[0, 2], [4, 0]]


def test_record_beside_a_claim_counts_its_own_hours_and_kind() -> None:
    claim = make_claim("x", subject="shelling", period=TRUCE)
    (entry,) = daily_report(make_inputs(claims=[claim])).claims
    assert (entry.kind, entry.record.least, entry.record.most) == (Kind.INDIRECT_FIRE, 1, 1)


def test_relays_of_one_statement_count_once_beside_a_claim() -> None:
    (entry,) = daily_report(make_inputs(claims=[make_claim("x", subject="shelling")])).claims
    assert entry.statements == 1


@pytest.mark.parametrize(
    ("subject", "kind"),
    [
        ("shelling", Kind.INDIRECT_FIRE),
        ("shelling_mlrs", Kind.MLRS),
        ("artillery_mlrs_and_mortar_fire", Kind.INDIRECT_FIRE),
        ("violation_all_kinds", Kind.ATTACK_UNSPECIFIED),
        ("border_regions_fpv_strike", Kind.UAV_STRIKE),
        ("ground_assault", Kind.GROUND_ASSAULT),
        ("air_raid_alert", Kind.AIR_RAID_ALERT),
        ("strikes_on_Horlivka", Kind.ATTACK_UNSPECIFIED),
        ("attacks", Kind.ATTACK_UNSPECIFIED),
        ("drone_attacks", Kind.UAV_STRIKE),
        ("combat_clash", None),
        ("own_compliance_claimed", None),
    ],
)
def test_subject_is_matched_to_a_kind_or_openly_to_none(subject: str, kind: Kind | None) -> None:
    assert kind_of_subject(subject) is kind


@pytest.mark.parametrize(
    ("subject", "place"),
    [
        ("shelling_of_Horlivka", "Horlivka"),
        ("strikes on Horlivka", "Horlivka"),
        ("shelling_of_Belgorod_region", "Belgorod region"),
        ("border_regions_fpv_strike", "border regions"),
        ("shelling", ""),
        ("use_of_FPV", ""),
        ("use_of_Shahed_drones", ""),
        ("violations_of_the_truce", ""),
    ],
)
def test_place_that_a_subject_names_is_found_and_a_weapon_is_none(subject: str, place: str) -> None:
    assert place_of_subject(subject) == place


def test_speaker_recorded_under_a_party_stands_in_its_column_after_its_own_claims() -> None:
    spoken = ["bb", "third_party:ISW", "aa:Townsfolk", "aa", "zz:Nobody"]
    claims = [make_claim(f"PC-{row}", claimant=one) for row, one in enumerate(spoken)]
    report = daily_report(make_inputs(claims=claims))
    ordered = ["aa", "aa:Townsfolk", "bb", "third_party:ISW", "zz:Nobody"]
    assert [entry.claim.claimant for entry in report.claims] == ordered
    (row,) = claim_rows(report.claims, ("aa", "bb"))
    assert [[one.claim.claimant for one in cell] for cell in row.cells] == [ordered[:2], ["bb"]]


@pytest.mark.parametrize(
    ("claimant", "said"),
    [("aa", "Aland"), ("aa:Townsfolk", "Townsfolk"), ("third_party:ISW", "ISW"), ("zz:Nobody", "zz:Nobody")],
)
def test_speaker_keeps_its_own_name(claimant: str, said: str) -> None:
    assert words.claimant(make_claim("x", claimant=claimant), {"aa": "Aland"}, ("aa", "bb")) == said


def test_hours_that_differ_from_the_period_are_said() -> None:
    assert hours_beside(PERIOD, PERIOD) == "the same hours as this report"
    assert hours_beside(TRUCE, PERIOD) == "begins 6 h before the report does"
    short = Interval(PERIOD.start, datetime(2025, 4, 20, 17, 10, tzinfo=UTC))
    assert hours_beside(short, PERIOD) == "ends 3 h 50 min before the report does"
