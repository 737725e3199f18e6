# SPDX-License-Identifier: Apache-2.0
"""EXERCISE: from the Paris Declaration to a made-up ceasefire of 2031, and all that follows.

A contested shelling, a case with rebuttal and dissent, a remedy not complied with, an
armed attack, sign-off, obligations with their clocks, Germany joining, a hub opening, and
the audit of it all.  One finding goes against each side.  Usage: scenario.py DIR
"""

from __future__ import annotations

import csv
import json
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from truceline.ceasefire.standing import ClaimState, DetermineState, State
from truceline.commission import Attribution, Outcome, Ruling
from truceline.commission.bench import Sitting
from truceline.commission.composition import AppointMember, AppointOffice
from truceline.commission.deciding import result_of
from truceline.commission.steps import (
    Ballot,
    CheckCompliance,
    ClauseRef,
    CloseCase,
    ComplianceResult,
    Dissent,
    GiveNotice,
    NoteHearing,
    Propose,
    Rebut,
    RecordSilence,
    Refer,
    RemedyOrder,
    Respond,
    Vote,
)
from truceline.errors import RuleViolation
from truceline.evidence import SigningKey
from truceline.guarantees.coalition import CoalitionRole, Join
from truceline.guarantees.contingents import (
    ApproveContingent,
    DeployContingent,
    Domain,
    PledgeContingent,
    ReadyContingent,
)
from truceline.guarantees.gates import OpenGate
from truceline.guarantees.hubs import AgreeHub, BuildHub, OpenHub, PlanHub, Site
from truceline.guarantees.obligations import RecordConsultation, RecordResponse
from truceline.guarantees.obligations import Sort as ResponseSort
from truceline.guarantees.sign_off import SignOff
from truceline.mission import Mission, ingest, init_mission, open_mission, rebuild, run, verify_mission
from truceline.mission.acting import act
from truceline.mission.amending import amend
from truceline.mission.audit.checks import AuditReport, audit
from truceline.mission.audit.disclosure import disclose
from truceline.mission.devices.enrolment import enrol
from truceline.mission.freezing import freeze
from truceline.mission.reading import observations
from truceline.mission.replaying import mechanism
from truceline.parties import Notify
from truceline.procedure import Capacity, Entry, Step, Who
from truceline.storage import schema

HERE = Path(__file__).parent
PARIS = HERE.parents[1] / "packs" / "paris-2026"
FIRE = ClauseRef("exercise-ceasefire", "fire")

HEAD = Who("head", Capacity.HEAD_OF_MISSION)
DUTY = Who("duty", Capacity.DUTY_OFFICER)
SECRETARY = Who("secretary", Capacity.SECRETARY)
RU, UA = Who("liaison-ru", Capacity.LIAISON, "RU"), Who("liaison-ua", Capacity.LIAISON, "UA")
FR, GB = Who("envoy-fr", Capacity.GUARANTOR, "FR"), Who("envoy-gb", Capacity.GUARANTOR, "GB")
US, DE = Who("envoy-us", Capacity.GUARANTOR, "US"), Who("envoy-de", Capacity.GUARANTOR, "DE")
CELL = Who("envoy-cell", Capacity.GUARANTOR, "coalition")
SEATS = (
    (US, "chair", "chair"),
    (FR, "france", "m-fr"),
    (GB, "united-kingdom", "m-gb"),
    (CELL, "coalition", "m-one"),
    (CELL, "coalition", "m-two"),
    (RU, "russian-federation", "m-ru"),
    (UA, "ukraine", "m-ua"),
)
COLUMNS = (
    "observation_id", "source_id", "source_kind", "event_from", "event_to", "time_sigma_s", "latitude",
    "longitude", "sigma_major_m", "sigma_minor_m", "azimuth_deg", "kind", "count_min", "count_max",
    "received_at", "origin_id",
)  # fmt: skip


@dataclass(slots=True)
class MovingClock:
    """The exercise's own clock."""

    instant: datetime = datetime(2026, 1, 8, 9, tzinfo=UTC)

    def now(self) -> datetime:
        """Return the exercise's present."""
        return self.instant


@dataclass(slots=True)
class Exercise:
    """A mission in which people act while the exercise's clock goes on."""

    folder: Path
    clock: MovingClock
    mission: Mission
    tell: Callable[[str], None]
    keys: dict[str, SigningKey] = field(default_factory=dict)

    def at(self, moment: str) -> None:
        """Go on to a moment, RFC 3339."""
        self.clock.instant = datetime.fromisoformat(moment).astimezone(UTC)

    def wait(self, **length: float) -> None:
        """Let time go by."""
        self.clock.instant += timedelta(**length)

    def do(self, who: Who, step: Step, words: str) -> Entry:
        """Take a step, under the person's own key if they have one, and tell it."""
        entry = act(self.mission, who, step, key=self.keys.get(who.person))
        signed = "own key" if entry.own_key else "operator signs"
        self.tell(f"{entry.at:%d %b %Y %H:%M}  [{entry.leaf_index:>3}] {words} ({who}; {signed})")
        return entry

    @contextmanager
    def refused(self, words: str) -> Iterator[None]:
        """Tell that a step is refused, and by which rule; fail if it is not."""
        try:
            yield
        except RuleViolation as refusal:
            self.tell(f"{self.clock.instant:%d %b %Y %H:%M}  [ no] {words}: {refusal.summary}")
            self.tell(f"                         forbidden by {refusal.citation}")
            return
        raise AssertionError(f"was not refused: {words}")


def play(folder: Path, tell: Callable[[str], None] = print) -> Exercise:
    """Play the whole exercise into a new mission folder and return it, open.

    Args:
        folder: Made anew.
        tell: Told each step in a line.
    """
    clock = MovingClock()
    mission = init_mission(PARIS, folder, mission_id="paris-exercise", exercise=True, clock=clock)
    exercise = Exercise(folder, clock, mission, tell)
    _declaration(exercise)
    _ceasefire(exercise)
    _force_and_hub(exercise)
    _contested_shelling(exercise)
    _armed_attack(exercise)
    _germany_joins(exercise)
    return exercise


def _declaration(made: Exercise) -> None:
    made.tell("EXERCISE. 1: the declaration, under the pack as it is")
    for name, by, moment in (
        ("sign-a", "A, news account", "2026-01-06T12:00:00+01:00"),
        ("sign-b", "B, news account", "2026-01-07T12:00:00+01:00"),
    ):
        at = datetime.fromisoformat(moment)
        made.do(
            DUTY, ClaimState(name, State.SIGNED, at, by, "reference: sources"), f"{by} says signed {at:%d %b}"
        )
    evidence = freeze(made.mission, [], ["0"])
    with made.refused("a referral before there is a ceasefire"):
        act(made.mission, DUTY, Refer("case-1", (FIRE,), (), evidence, statement="EXERCISE."))


def _ceasefire(made: Exercise) -> None:
    made.tell("EXERCISE. 2: a made-up ceasefire; the agreement is amended")
    made.at("2031-03-01T10:00:00+02:00")
    pack = made.folder.with_name(f"{made.folder.name}-pack")
    shutil.rmtree(pack, ignore_errors=True)
    shutil.copytree(PARIS, pack)
    shutil.copyfile(HERE / "agreement.yaml", pack / "agreement.yaml")
    entry = amend(made.mission, HEAD, pack, ground="EXERCISE. Protocol of 1 March 2031.")
    made.tell(f"{entry.at:%d %b %Y %H:%M}  [{entry.leaf_index:>3}] the agreement is amended ({HEAD})")
    made.mission.close()
    made.mission = open_mission(made.folder, clock=made.clock)
    for who, seat, person in SEATS:
        made.do(who, AppointMember(seat, made.clock.now(), member=person), f"{person} takes the seat {seat}")
        made.keys[person] = SigningKey.generate(os.urandom)
        enrol(made.mission, made.keys[person].author, holder=person, role="commission member")
    _contingents(made)
    in_force = datetime.fromisoformat("2031-03-03T00:00:00+02:00")
    made.do(
        HEAD, DetermineState(State.IN_FORCE, in_force, "EXERCISE. The protocol."), "in force from 3 March"
    )


def _contingents(made: Exercise) -> None:
    for who, name, domain in ((GB, "gb-air", Domain.AIR), (FR, "fr-land", Domain.LAND)):
        actor = who.on_behalf_of
        pledge = PledgeContingent(name, actor, domain, "EXERCISE", personnel=1500)
        made.do(who, pledge, f"{actor} pledges a contingent ({domain.value})")
        made.do(
            who, ApproveContingent(name, "EXERCISE. A vote of parliament.", "EXERCISE"), f"{name} approved"
        )
        made.do(who, ReadyContingent(name), f"{name} ready")
    with made.refused("deployment before the ceasefire"):
        act(made.mission, GB, DeployContingent("gb-air"))


def _force_and_hub(made: Exercise) -> None:
    made.tell("EXERCISE. 3: gates open, contingents deploy, a hub opens")
    made.at("2031-03-04T09:00:00+02:00")
    host = Who("minister-ua", Capacity.LIAISON, "UA")
    made.do(
        host, AppointOffice("ukraine-government", made.clock.now(), holder="minister-ua"), "an office is held"
    )
    ground, source = "EXERCISE. A letter.", "EXERCISE"
    made.do(host, OpenGate("host_request", ground, source), "the host asks for the force")
    for who in (FR, GB):
        actor = who.on_behalf_of
        made.do(who, OpenGate("national_approval", ground, source, actor=actor), f"{actor} approves")
    made.do(GB, DeployContingent("gb-air"), "gb-air deployed")
    made.do(FR, DeployContingent("fr-land"), "fr-land deployed")
    site = Site(50.2511, 28.6622)  # EXERCISE. Made up; for the commission alone.
    hub = PlanHub("hub-1", ("FR", "GB"), "ua-zhytomyr", "EXERCISE", protects="stores, workshops", site=site)
    made.do(GB, hub, "a hub is planned")
    made.do(UA, AgreeHub("hub-1", "EXERCISE"), "the host agrees to the hub")
    made.wait(days=2)
    made.do(GB, BuildHub("hub-1"), "building begins")
    made.wait(days=3)
    made.do(GB, OpenHub("hub-1"), "the hub is operational")


def _observe(
    made: Exercise,
    prefix: str,
    moment: str,
    place: tuple[float, float],
    sources: tuple[tuple[str, str, str], ...],
) -> str:
    """Take in EXERCISE observations of one event, run, and return its incident."""
    began = datetime.fromisoformat(moment)
    path = made.folder.with_name(f"{made.folder.name}-{prefix}.csv")
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow(COLUMNS)
        for number, (source, sort, kind) in enumerate(sources):
            latitude, longitude = place[0] + 0.001 * number, place[1] + 0.001 * number
            when, heard = began.isoformat(), (began + timedelta(hours=1)).isoformat()
            place_of = (latitude, longitude, 400, 200, 30)
            writer.writerow(
                (f"{prefix}-{number}", source, sort, when, when, 60, *place_of, kind, 3, 5, heard, "")
            )
    ingest(made.mission, path, "table")
    run(made.mission)
    with made.mission.store.read() as transaction:
        ids = [
            one.observation_id for one in observations(transaction) if one.observation_id.startswith(prefix)
        ]
        bodies = list(transaction.bodies(schema.memberships, ids=("observation_id", ids)))

    return str(json.loads(bodies[0])["incident_id"])


def _contested_shelling(made: Exercise) -> None:
    made.tell("EXERCISE. 4: a contested shelling, by complaint of the Russian Federation")
    made.at("2031-03-12T18:00:00+02:00")
    start = made.clock.now() + timedelta(days=1)
    notice = Notify(
        "notice-1",
        "exercise-ceasefire",
        "fire",
        "demining",
        start,
        start + timedelta(hours=8),
        "EXERCISE. Mines.",
    )
    made.do(UA, notice, "a notification is recorded, sealed whole")
    made.at("2031-03-16T08:00:00+02:00")
    sources = (
        ("Patrol 4", "patrol", "mortar"),
        ("Camera 7", "camera", "explosion_undetermined"),
        ("Authorities", "party", "mortar"),
    )
    incident = _observe(made, "shelling", "2031-03-15T21:10:00+02:00", (48.55, 38.0), sources)
    evidence = freeze(made.mission, [incident])
    refer = Refer(
        "case-1",
        (FIRE,),
        (incident,),
        evidence,
        statement="EXERCISE. Mortar fire on 15 March.",
        confidential="EXERCISE. Witness R.",
    )
    made.do(RU, refer, "case-1 is referred; its evidence is frozen")
    made.do(
        SECRETARY,
        GiveNotice("case-1", "UA", allegation="EXERCISE. Mortar fire on 15 March."),
        "Ukraine is told",
    )
    made.wait(days=2)
    made.do(
        UA,
        Respond("case-1", statement="EXERCISE. Mines were blasted.", confidential="EXERCISE. Witness U."),
        "Ukraine responds",
    )
    made.wait(days=1)
    made.do(RU, Rebut("case-1", "UA", statement="EXERCISE. Not at night."), "the Russian Federation rebuts")
    made.do(
        SECRETARY,
        NoteHearing("case-1", made.clock.now(), present="EXERCISE. All.", notes="EXERCISE."),
        "a hearing is noted",
    )
    ruling = Ruling(
        FIRE.version, FIRE.clause, Outcome.BREACH, Attribution.TO_PARTY, "UA", "reasonable-grounds"
    )
    orders = (RemedyOrder("order-1", "account", "UA"),)
    _decide(
        made,
        "case-1",
        Propose("case-1", "proposal-1", (ruling,), "EXERCISE. Three accounts agree.", (), orders),
        against="m-gb",
        barred="m-ua",
    )
    made.do(
        Who("m-gb", Capacity.MEMBER),
        Dissent("case-1", "finding-1", opinion="EXERCISE. The camera saw no flash."),
        "a member dissents",
    )
    made.wait(days=4)
    made.do(
        DUTY,
        CheckCompliance("case-1", "order-1", ComplianceResult.NOT_COMPLIED, basis="EXERCISE. Nothing came."),
        "the remedy was not complied with",
    )
    made.wait(days=20)
    made.do(
        SECRETARY,
        CloseCase("case-1", "EXERCISE. Decided; the time for an appeal has run out."),
        "case-1 is closed",
    )


def _decide(made: Exercise, case_id: str, proposal: Propose, *, against: str, barred: str) -> None:
    """Propose, vote and declare the result as the ballots give it."""
    made.do(Who("chair", Capacity.MEMBER), proposal, "a finding is proposed")
    with made.refused("a vote without the member's own key"):
        act(made.mission, Who("m-fr", Capacity.MEMBER), Vote(case_id, proposal.proposal_id, Ballot.FOR))
    with made.refused("the vote of a member whom the accused party appointed"):
        act(
            made.mission,
            Who(barred, Capacity.MEMBER),
            Vote(case_id, proposal.proposal_id, Ballot.AGAINST),
            key=made.keys[barred],
        )
    for _, _, person in SEATS:
        if person == barred:
            continue
        ballot = Ballot.AGAINST if person == against else Ballot.FOR
        made.do(Who(person, Capacity.MEMBER), Vote(case_id, proposal.proposal_id, ballot), "a member votes")
    state = mechanism(made.mission)
    case = state.docket.cases[case_id]
    entry = Entry(2**40, made.clock.now(), SECRETARY, proposal)
    at = Sitting(entry, made.mission.agreement, state.composition)
    result = result_of(state.docket, case, case.proposals[proposal.proposal_id], at)
    made.do(
        SECRETARY,
        result,
        f"the result: {'adopted' if result.adopted else 'not adopted'}, {result.finding_id}",
    )


def _armed_attack(made: Exercise) -> None:
    made.tell("EXERCISE. 5: an armed attack; findings open nothing by themselves")
    made.at("2031-05-05T09:00:00+03:00")
    sources = (
        ("Patrol 2", "patrol", "artillery"),
        ("Array 3", "acoustic", "artillery"),
        ("Authorities", "party", "artillery"),
    )
    incident = _observe(made, "attack", "2031-05-04T04:30:00+03:00", (50.1, 36.9), sources)
    evidence = freeze(made.mission, [incident])
    made.do(
        UA,
        Refer("case-2", (FIRE,), (incident,), evidence, statement="EXERCISE. Artillery and an advance."),
        "case-2 is referred",
    )
    made.do(
        SECRETARY,
        GiveNotice("case-2", "RU", allegation="EXERCISE. Artillery and an advance."),
        "the Russian Federation is told",
    )
    made.wait(days=9)
    made.do(SECRETARY, RecordSilence("case-2", "response:RU"), "its silence is recorded; it is not assent")
    ruling = Ruling(
        FIRE.version, FIRE.clause, Outcome.BREACH, Attribution.TO_PARTY, "RU", "clear-and-convincing"
    )
    proposal = Propose(
        "case-2", "proposal-1", (ruling,), "EXERCISE. Three kinds of source agree.", ("armed_attack",)
    )
    _decide(made, "case-2", proposal, against="", barred="m-ru")
    minister = Who("minister-gb", Capacity.GUARANTOR, "GB")
    breach = datetime.fromisoformat("2031-05-04T04:30:00+03:00")
    sign = SignOff(
        "renewed-attack",
        "finding-2",
        "uk-government",
        "EXERCISE.",
        zero=breach,
        ground_of_zero="EXERCISE. First shot.",
    )
    made.keys["minister-gb"] = SigningKey.generate(os.urandom)
    enrol(made.mission, made.keys["minister-gb"].author, holder="minister-gb", role="minister")
    with made.refused("a sign-off by nobody who holds the office"):
        act(made.mission, minister, sign, key=made.keys["minister-gb"])
    made.do(GB, AppointOffice("uk-government", made.clock.now(), holder="minister-gb"), "an office is held")
    made.do(minister, sign, "the office signs off; an obligation opens, with clocks of 24 and 72 h")
    made.wait(hours=2)
    held = RecordConsultation("obligation-1", "EXERCISE. The coordination group.", made.clock.now())
    made.do(GB, held, "consultation is recorded")
    made.do(
        GB,
        RecordResponse("obligation-1", ResponseSort.DIPLOMATIC, made.clock.now(), 24),
        "a response is recorded, late",
    )


def _germany_joins(made: Exercise) -> None:
    made.tell("EXERCISE. 6: Germany joins")
    now = made.clock.now()
    made.do(DE, Join("DE", CoalitionRole.MEMBER, now, "EXERCISE. A letter."), "Germany joins as a member")
    made.do(
        DE,
        Join("DE", CoalitionRole.CONTRIBUTOR, now, "EXERCISE. A letter."),
        "Germany joins as a contributor",
    )


def audited(made: Exercise) -> AuditReport:
    """Verify the log, rebuild the read models, disclose for the commission and audit that."""
    verify_mission(made.mission)
    before = mechanism(made.mission)
    rebuild(made.mission)
    if mechanism(made.mission) != before:
        raise AssertionError("the records do not give the same state again")
    out = made.folder.with_name(f"{made.folder.name}-commission.disclosure")
    out.unlink(missing_ok=True)
    disclose(made.mission, "commission", out)
    key = made.mission.ledger.log_key.verifier_key(made.mission.settings.origin)
    return audit(made.folder / "log", out, key)


def main() -> None:
    """Play the exercise and print its audit."""
    folder = Path(sys.argv[1])
    shutil.rmtree(folder, ignore_errors=True)
    made = play(folder)
    print("EXERCISE. 7: the audit, from the published log and the commission's disclosure")
    for check in audited(made).checks:
        print(f"  {check.verdict.value:9} {check.name}: {check.ground}")
    made.mission.close()


if __name__ == "__main__":
    main()
