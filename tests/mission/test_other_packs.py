# SPDX-License-Identifier: Apache-2.0
"""EXERCISE: the same mechanism serves other agreements, in Europe and beyond, by their packs alone."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import yaml
from tests.mission.made import PACKS, MakeTable, entropy, row
from tests.mission.procedural import MovingClock
from tests.procedure.made import DUTY, HEAD, SECRETARY, member

from truceline.commission import Attribution, Outcome, Ruling
from truceline.commission.bench import Sitting
from truceline.commission.composition import AppointMember
from truceline.commission.deciding import result_of
from truceline.commission.steps import (
    Ballot,
    ClauseRef,
    GiveNotice,
    NoteHearing,
    Propose,
    Refer,
    Respond,
    Vote,
)
from truceline.errors import RuleViolation
from truceline.mission import Mission, ingest, init_mission, open_mission, rebuild, run, verify_mission
from truceline.mission.acting import act
from truceline.mission.amending import amend
from truceline.mission.freezing import freeze
from truceline.mission.replaying import mechanism
from truceline.mission.reporting import write_report
from truceline.mission.views import cases, coalition, commitments, force, standing
from truceline.procedure import Capacity, Entry, Who
from truceline.storage import schema

NAQOURA = ClauseRef("announcement-2024", "offensive-operations")
ZOLOTE = ClauseRef("additional-measures-2020", "no-fire")
CHAIR = member("m-chair")


def of(actor: str) -> Who:
    """Return who speaks for a state or organisation that is no side."""
    return Who(f"envoy-{actor}", Capacity.GUARANTOR, actor)


def side(party: str) -> Who:
    """Return a party's liaison."""
    return Who(f"liaison-{party}", Capacity.LIAISON, party)


LEBANON_SEATS = (
    (of("US"), "chair", "m-chair"),
    (of("FR"), "france", "m-fr"),
    (side("IL"), "israel", "m-il"),
    (side("LB"), "lebanon", "m-lb"),
    (of("UNIFIL"), "unifil", "m-un"),
)
MINSK_SEATS = (
    (side("UA"), "ukraine", "m-ua"),
    (of("RU"), "russian-federation", "m-ru"),
    (of("OSCE-SMM"), "osce", "m-chair"),
)


def observed(mission: Mission, make_table: MakeTable, source: str, place: tuple[float, float]) -> str:
    """Take in EXERCISE observations of one event an hour ago, run, and return its incident."""
    began = mission.ledger.clock.now() - timedelta(hours=1)
    rows = [
        row(
            number,
            source_id=source,
            event_from=began.isoformat(),
            event_to=began.isoformat(),
            latitude=str(place[0]),
            longitude=str(place[1]),
            received_at=mission.ledger.clock.now().isoformat(),
        )
        for number in range(2)
    ]
    ingest(mission, make_table(rows), "table")
    run(mission)
    with mission.store.read() as transaction:
        return str(json.loads(next(iter(transaction.bodies(schema.incidents))))["incident_id"])


def heard(mission: Mission, incident: str, clause: ClauseRef, by: Who, accused: Who) -> None:
    """Bring one incident from its referral to the end of the hearing."""
    evidence = freeze(mission, [incident])
    act(mission, by, Refer("case-1", (clause,), (incident,), evidence, statement="EXERCISE. Fire."))
    act(mission, SECRETARY, GiveNotice("case-1", accused.on_behalf_of, allegation="EXERCISE. Fire."))
    act(mission, accused, Respond("case-1", statement="EXERCISE. Not ours.", confidential="EXERCISE. S."))
    now = mission.ledger.clock.now()
    act(mission, SECRETARY, NoteHearing("case-1", now, present="EXERCISE. All.", notes="EXERCISE. Heard."))


def begun(
    name: str, folder: Path, moment: datetime, seats: tuple[tuple[Who, str, str], ...]
) -> tuple[Mission, MovingClock]:
    """Begin an EXERCISE under a pack that ships, with every seat filled."""
    clock = MovingClock(moment)
    mission = init_mission(PACKS / name, folder, clock=clock, entropy=entropy(7), exercise=True)
    for who, seat, person in seats:
        act(mission, who, AppointMember(seat, clock.now(), member=person))
    return mission, clock


@pytest.fixture
def lebanon(tmp_path: Path) -> tuple[Mission, MovingClock]:
    return begun("lebanon-2024", tmp_path / "lebanon", datetime(2024, 12, 9, 10, tzinfo=UTC), LEBANON_SEATS)


@pytest.fixture
def minsk(tmp_path: Path) -> tuple[Mission, MovingClock]:
    return begun("minsk", tmp_path / "minsk", datetime(2020, 8, 17, 10, tzinfo=UTC), MINSK_SEATS)


def breach(clause: ClauseRef, party: str, standard: str) -> Propose:
    """Return the proposal to find a breach and attribute it."""
    ruling = Ruling(clause.version, clause.clause, Outcome.BREACH, Attribution.TO_PARTY, party, standard)
    return Propose("case-1", "proposal-1", (ruling,), "EXERCISE. Two accounts agree.")


def test_under_lebanon_a_case_is_heard_and_not_voted_on_because_no_majority_is_published(
    lebanon: tuple[Mission, MovingClock], make_table: MakeTable
) -> None:
    mission, _ = lebanon
    incident = observed(mission, make_table, "UNIFIL patrol", (33.16, 35.42))
    heard(mission, incident, NAQOURA, DUTY, side("IL"))
    with pytest.raises(RuleViolation, match="names no majority for Mechanism") as refused:
        act(mission, CHAIR, breach(NAQOURA, "IL", "reasonable-grounds"))
    assert "majority" in str(refused.value.citation)
    (case,) = cases(mission, side("LB"))
    assert "EXERCISE. S." not in repr(case)
    assert "EXERCISE. S." in repr(cases(mission, side("IL")))


def test_under_lebanon_the_rules_of_a_made_up_annex_decide_a_case(
    lebanon: tuple[Mission, MovingClock], make_table: MakeTable, tmp_path: Path
) -> None:
    mission, clock = lebanon
    pack = tmp_path / "amended"
    shutil.copytree(PACKS / "lebanon-2024", pack)
    stated = yaml.safe_load((pack / "agreement.yaml").read_text(encoding="utf-8"))
    stated["commission"] |= {
        "quorum": 4,
        "majority": "three_quarters",
        "standards": [{"id": "reasonable-grounds", "title": "Reasonable grounds to believe"}],
        "excluded": ["own_conduct"],
    }
    stated["rules"] = {"exclusion": "EXERCISE. Annex, article 4"}
    (pack / "agreement.yaml").write_text(yaml.safe_dump(stated, allow_unicode=True), encoding="utf-8")
    amend(mission, HEAD, pack, ground="EXERCISE. An annex on procedure.")
    mission.close()
    mission = open_mission(mission.folder, clock=clock)
    incident = observed(mission, make_table, "UNIFIL patrol", (33.16, 35.42))
    heard(mission, incident, NAQOURA, DUTY, side("IL"))
    proposal = breach(NAQOURA, "IL", "reasonable-grounds")
    act(mission, CHAIR, proposal)
    with pytest.raises(RuleViolation) as refused:
        act(mission, member("m-il"), Vote("case-1", "proposal-1", Ballot.AGAINST))
    assert refused.value.citation == "EXERCISE. Annex, article 4"
    for person in ("m-chair", "m-fr", "m-lb", "m-un"):
        act(mission, member(person), Vote("case-1", "proposal-1", Ballot.FOR))
    state = mechanism(mission)
    case = state.docket.cases["case-1"]
    at = Sitting(Entry(2**40, clock.now(), SECRETARY, proposal), mission.agreement, state.composition)
    result = result_of(state.docket, case, case.proposals["proposal-1"], at)
    assert result.adopted
    act(mission, SECRETARY, result)
    (finding,) = mechanism(mission).docket.findings.values()
    assert finding.rulings[0].party == "IL"


def test_under_minsk_nothing_is_attributed_because_no_standard_of_proof_was_agreed(
    minsk: tuple[Mission, MovingClock], make_table: MakeTable
) -> None:
    mission, _ = minsk
    incident = observed(mission, make_table, "heard", (48.70, 38.45))
    heard(mission, incident, ZOLOTE, DUTY, side("CADLR"))
    with pytest.raises(RuleViolation, match="names no standard of proof") as refused:
        act(mission, CHAIR, breach(ZOLOTE, "CADLR", "reasonable-grounds"))
    assert "standard of proof" in str(refused.value.citation)
    assert not mechanism(mission).docket.findings


def test_under_minsk_only_whom_the_pack_names_fills_a_seat(minsk: tuple[Mission, MovingClock]) -> None:
    mission, clock = minsk
    with pytest.raises(RuleViolation):
        act(mission, of("OSCE-SMM"), AppointMember("ukraine", clock.now(), member="somebody"))


@pytest.mark.parametrize(
    ("name", "source", "place", "clause", "accused"),
    [
        ("lebanon", "UNIFIL patrol", (33.16, 35.42), NAQOURA, "IL"),
        ("minsk", "heard", (48.70, 38.45), ZOLOTE, "CADLR"),
    ],
)
def test_views_report_and_replay_serve_either_pack(
    name: str,
    source: str,
    place: tuple[float, float],
    clause: ClauseRef,
    accused: str,
    request: pytest.FixtureRequest,
    make_table: MakeTable,
    tmp_path: Path,
) -> None:
    mission, clock = request.getfixturevalue(name)
    incident = observed(mission, make_table, source, place)
    heard(mission, incident, clause, DUTY, side(accused))
    now = clock.now()
    assert standing(mission, now).state.value == "in_force"
    assert {holding.actor for holding in coalition(mission, now)}
    assert commitments(mission) == ()
    assert force(mission, HEAD, now).contingents == ()
    write_report(mission, now.date(), tmp_path / "report")
    before = mechanism(mission)
    rebuild(mission)
    assert mechanism(mission) == before
    verify_mission(mission)
