# SPDX-License-Identifier: Apache-2.0
"""The page stands alone, acts on nothing, and says what the report holds."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from html.parser import HTMLParser
from xml.etree import ElementTree as ET

import pytest
from tests.reports.conftest import (
    DAY,
    DERIVATION,
    make_assessment,
    make_claim,
    make_coverage,
    make_incident,
    make_inputs,
    make_observation,
    many_inputs,
)

from truceline.agreement.model import Party
from truceline.assessment.model import Factor
from truceline.geodesy import Ellipse
from truceline.observation.model import Sighting
from truceline.reports import ReportInputs, daily_report, headline
from truceline.reports.html import LISTED, change, css_text, report_html
from truceline.reports.marks import SHAPES, definitions, mark
from truceline.reports.model import GroupRow, Tally
from truceline.vocabulary import Kind, Status

VOID = {"meta", "br", "link", "img", "hr", "input"}
ATTACK = '"><script>alert(1)</script><img src=http://evil.example/x onerror=alert(1)>'


class Reader(HTMLParser):
    """Reads a page strictly: keeps every address and complains of unbalanced tags."""

    def __init__(self) -> None:
        super().__init__()
        self.addresses: list[str] = []
        self.names: list[str] = []
        self.handlers: list[str] = []
        self.open: list[str] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.append(tag)
        self.handlers += [name for name, _ in attrs if name.startswith("on")]
        self.addresses += [
            value or "" for name, value in attrs if name in {"src", "href", "action", "xlink:href", "data"}
        ]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def page(inputs: ReportInputs) -> str:
    return report_html(daily_report(inputs))


def read(text: str) -> Reader:
    reader = Reader()
    reader.feed(text)
    reader.close()
    assert reader.open == []
    return reader


def words_of(text: str) -> str:
    return " ".join(" ".join(read(text).text).split())


def hostile() -> ReportInputs:
    """Return inputs with an attack in every text that a pack or a source writes."""
    base = make_inputs()
    observation = make_observation(
        f"o1{ATTACK}", source_id=ATTACK, place_name=ATTACK, origin_id=ATTACK,
        details=(("note", ATTACK), ("url", "javascript:alert(1)"), ("original_speaker", ATTACK)),
    )  # fmt: skip
    incident = make_incident(f"inc{ATTACK}", [observation.observation_id])
    assessment = replace(
        make_assessment(incident.incident_id),
        factors=(Factor("real", 0.5, ATTACK), Factor(ATTACK, 1, ATTACK)),
    )
    agreement = base.agreement
    zones = tuple(replace(zone, name=ATTACK, source=ATTACK) for zone in agreement.zones)
    parties = tuple(Party(id=party.id, name={"en": ATTACK}, hue=party.hue) for party in agreement.parties)
    comparisons = tuple(
        one.model_copy(update={"title": ATTACK, "why": ATTACK, "counts": {"PC-05": ATTACK}})
        for one in agreement.comparisons
    )
    families = tuple(one.model_copy(update={"name": ATTACK}) for one in agreement.families)
    coverage = make_coverage(base.coverage.interval, 0.4)
    gaps = tuple(replace(gap, place_name=ATTACK, state=ATTACK, note=ATTACK) for gap in coverage.gaps)
    return replace(
        base,
        agreement=replace(
            agreement, title={"en": ATTACK}, zones=zones, parties=parties, comparisons=comparisons,
            families=families, caveats=(ATTACK,),
        ),
        incidents=(incident,),
        assessments=(assessment,),
        observations=(observation, make_observation(ATTACK, place=None, place_name=ATTACK, source_id=ATTACK)),
        claims=(
            *base.claims,
            make_claim("x", subject=ATTACK, note=ATTACK, sources=("javascript:alert(1)", ATTACK)),
            make_claim("y", claimant=f"third_party:{ATTACK}", about=ATTACK),
        ),
        coverage=replace(coverage, gaps=gaps),
        derivation=replace(
            DERIVATION, mission_id=ATTACK, origin=ATTACK, root=f'"}}</style>{ATTACK}', engine=ATTACK,
            settings=((ATTACK, 1.0),), pack_id=ATTACK,
        ),
    )  # fmt: skip


@pytest.mark.parametrize("number", [0, 3, 500])
def test_page_is_well_formed_and_refers_to_nothing_outside(number: int) -> None:
    text = page(many_inputs(number, share=0.4))
    reader = read(text)
    assert [one for one in reader.addresses if not one.startswith("#")] == []
    assert "script" not in reader.names
    assert "@import" not in text
    assert re.findall(r"url\((?!#)", text) == []


def test_every_link_inside_the_page_leads_somewhere() -> None:
    text = page(make_inputs())
    targets = set(re.findall(r'id="([^"]+)"', text))
    assert {one[1:] for one in read(text).addresses} <= targets


def test_hostile_texts_are_shown_and_do_nothing() -> None:
    text = page(hostile())
    reader = read(text)
    assert "script" not in reader.names
    assert "img" not in reader.names
    assert reader.handlers == []
    assert [one for one in reader.addresses if not one.startswith("#")] == []
    assert "javascript:alert(1)" in words_of(text)
    assert text.count("</style>") == 1


def test_content_policy_forbids_everything_but_styles() -> None:
    assert "default-src 'none'; style-src 'unsafe-inline'; img-src data:" in page(make_inputs())


def test_style_texts_cannot_leave_their_string() -> None:
    assert css_text('a"}</style>\\b') == "a···/style··b"


def test_drawings_are_well_formed_and_have_alternative_text() -> None:
    text = page(many_inputs(30, share=0.4))
    drawings = re.findall(r"<svg.*?</svg>", text, re.DOTALL)
    assert len(drawings) > 30
    for drawing in drawings:
        root = ET.fromstring(drawing)  # noqa: S314 - our own output
        titled = root.find("title") is not None and root.get("role") in {"img", "group"}
        assert titled or root.get("aria-hidden") == "true"


def test_each_status_has_its_own_shape_and_its_word_beside_it() -> None:
    assert len(set(SHAPES.values())) == len(SHAPES) == len(Status) + 1
    for status in Status:
        text = page(make_inputs(assessments=(make_assessment("inc-1", status),)))
        assert f"{mark(status)} {status.value.replace('_', ' ')}" in text
        assert f'id="m-{status.value.replace("_", "-")}"' in definitions()


@pytest.mark.parametrize(
    ("day", "said"),
    [
        (-2, "Not in force: the period lies before the truce, which begins on 19 April 2025, 15:00 UTC."),
        (-1, "In force for a part of the period, 19 April 2025, 15:00 \u2013 21:00 UTC: day 1."),
        (0, "In force for the whole period: day 2."),
        (1, "Not in force: the period lies after the truce, which ended on 20 April 2025, 21:00 UTC."),
    ],
)
def test_first_screen_says_whether_it_is_in_force(day: int, said: str) -> None:
    base, shift = make_inputs(), timedelta(days=day)
    moved = [
        make_coverage(replace(one, start=one.start + shift, end=one.last + shift))
        for one in (base.coverage.interval, base.previous_coverage.interval)
    ]
    inputs = replace(base, report_date=DAY + shift, coverage=moved[0], previous_coverage=moved[1])
    assert said in words_of(page(inputs))


def test_headline_gives_the_interval_its_coverage_and_its_time() -> None:
    inputs = make_inputs()
    inputs = replace(inputs, coverage=make_coverage(inputs.coverage.interval, 0.62))
    said = "1\u20132 incidents reported · 62 % of the line watched · as of 24:00 Europe/Kyiv (21:00 UTC)"
    assert said in words_of(page(inputs))


def test_unknown_coverage_is_said_as_not_known() -> None:
    said = words_of(page(make_inputs()))
    assert "how much of the line was watched is not known" in said
    assert "not known: no watch was recorded" in said
    assert "Silence is not compliance" in said


def test_nothing_is_called_verified_attributed_or_violated() -> None:
    said = words_of(page(make_inputs()))
    assert "No incident is verified." in said
    assert "None is attributed." in said
    assert "violated" not in said.lower()


def test_totals_of_both_parties_stand_side_by_side_with_the_arithmetic() -> None:
    said = words_of(page(make_inputs()))
    assert "96 + 1,882 + 957 = 2,935: it adds up" in said
    assert "4,900" in said
    assert "almost 5,000" in said
    assert "Can they be compared? No. They count different things over different hours." in said
    assert "3,917" not in said


def test_page_lists_the_first_rows_and_says_that_the_table_holds_all() -> None:
    text = page(many_inputs(700))
    held = len(daily_report(many_inputs(700)).entries)
    assert text.count('<tr class="why">') == LISTED < held
    assert f"The first {LISTED} of {held} incidents" in words_of(text)


def test_many_incidents_are_counted_by_hexagon_and_the_caption_says_so() -> None:
    few, many = page(many_inputs(30)), page(many_inputs(900))
    assert 'class="ellipses"' in few
    assert 'class="hexagons"' not in few
    assert 'class="hexagons"' in many
    assert "the map counts them by hexagon" in words_of(many)


def test_unwatched_line_is_hatched_and_watched_ground_is_tinted() -> None:
    blind, seen = page(many_inputs(5)), page(many_inputs(5, share=0.4))
    assert '<path class="band-unwatched"' in blind
    assert '<path class="watched"' not in blind
    assert '<path class="watched"' in seen


def test_hours_without_watch_are_hatched_and_never_empty() -> None:
    text = page(make_inputs())
    strip = re.findall(r'<svg class="strip".*?</svg>', text, re.DOTALL)[0]
    assert strip.count('class="unwatched"') == 24
    assert "not known" in strip


def test_exercise_is_marked_on_the_page_and_in_its_title() -> None:
    text = page(make_inputs(derivation=replace(DERIVATION, exercise=True)))
    assert "EXERCISE · NOT REAL" in text
    assert "<title>EXERCISE: " in text
    assert "EXERCISE" not in page(make_inputs())


def test_checkpoint_stands_at_the_foot_of_every_printed_page() -> None:
    text = page(make_inputs())
    assert "@bottom-left" in text
    assert 'content:"Checkpoint: 1234 records, root q83vEjRWeJCr"' in text
    assert 'counter(page) " of " counter(pages)' in text


def test_change_is_an_interval_and_only_where_periods_compare() -> None:
    row = GroupRow("mortar", Tally(2, 5, 3.0), Tally(1, 4, 2.0))
    assert change(row) == "between 2 fewer and 4 more"
    assert change(GroupRow("mortar", Tally(2, 2, 2.0), Tally(2, 2, 2.0))) == "no change"
    assert "not stated" in words_of(page(make_inputs()))


def test_what_a_monitor_saw_is_shown_as_it_was_given() -> None:
    seen = Sighting(Ellipse(48.1, 36.9, 100, 100), "Aville railway station", ("N", "NNE"), 3_000, 5_000)
    inputs = make_inputs()
    observations = tuple(replace(one, sighting=seen) for one in inputs.observations)
    said = words_of(page(replace(inputs, observations=observations)))
    assert "from Aville railway station: 3.0 km to 5 km N or NNE" in said


def test_headline_says_the_date_the_figures_and_whether_in_force() -> None:
    said = headline(daily_report(make_inputs()))
    assert said.startswith("20 April 2025: 1\u20132 incidents reported · how much of the line was watched")
    assert said.endswith("In force for the whole period: day 2.")


def with_what_is_no_attack() -> ReportInputs:
    """Return a day with an assessed attack, two of damage and one of casualties."""
    base = make_inputs()
    others = (
        make_incident("d1", ["d1"], kinds=((Kind.DAMAGE, 1.0),)),
        make_incident("d2", ["d2"], kinds=((Kind.DAMAGE, 1.0),)),
        make_incident("c1", ["c1"], kinds=((Kind.CASUALTY, 1.0),)),
    )
    return replace(
        base,
        incidents=(base.incidents[0], *others),
        observations=(*base.observations, *(make_observation(name) for name in ("d1", "d2", "c1"))),
    )


def test_only_assessed_incidents_are_counted_as_alleged_or_corroborated() -> None:
    said = words_of(page(with_what_is_no_attack()))
    ground = "no clause in force at its hours speaks of its kind"
    assert "1 assessed incident corroborated : not reviewed by a person" in said
    assert f"3 incidents not assessed : {ground} (2 damage, 1 casualty)" in said
    assert f"Of 1 assessed incident: 1 corroborated. 3 not assessed: {ground} (2 damage, 1 casualty)." in said
    assert f"not assessed: {ground}" in words_of(page(with_what_is_no_attack())).split("Grounds and", 1)[0]
    assert "no clause in force</span>" not in page(with_what_is_no_attack())


def test_what_is_no_attack_is_listed_by_its_kinds() -> None:
    said = words_of(page(with_what_is_no_attack()))
    assert "1 of them is most likely an attack by kind; the others by kind: 2 damage, 1 casualty." in said
    assert "movements, alerts, fires and the like" not in said


def test_nothing_reported_is_not_called_all_attacks() -> None:
    said = words_of(page(make_inputs(incidents=(), assessments=())))
    assert "all of them are most likely attacks" not in said


def test_page_says_why_observations_are_not_on_the_map() -> None:
    inputs = make_inputs()
    none = make_observation("n", place=None, details=(("unplaced", "says that there was none"),))
    said = words_of(page(replace(inputs, observations=(*inputs.observations, none))))
    assert (
        "2 observations are not on the map: 1 (no reason is on record), 1 (says that there was none)" in said
    )
    assert "1: says that there was none" in said
    assert "no place that can be put on a map" not in said


def test_page_says_which_observations_are_in_incidents_of_other_hours() -> None:
    inputs = make_inputs()
    loose = tuple(make_observation(name) for name in ("x", "y", "z"))
    inputs = replace(inputs, observations=(*inputs.observations, *loose))
    said = words_of(page(replace(inputs, members_elsewhere=frozenset({"x", "y"}))))
    assert "2 observations of these hours are in incidents that fusion places outside this period." in said
    assert "1 further observation of the period has a place" in said


def test_claim_about_a_place_says_that_the_record_counts_everywhere() -> None:
    claim = make_claim("x", claimant="aa:Townsfolk", subject="strikes_on_Horlivka")
    said = words_of(page(make_inputs(claims=(claim,))))
    assert "strikes on Horlivka, states Townsfolk" in said
    assert "The claim is about Horlivka; the record counts everywhere." in said


def test_corroborated_is_defined_as_it_is_computed() -> None:
    said = words_of(page(make_inputs()))
    meaning = "two independent groups of sources that do not contradict each other on who acted"
    assert f"Corroborated: reported by {meaning}." in said
