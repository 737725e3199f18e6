# SPDX-License-Identifier: Apache-2.0
"""Makes an exercise: its pack, its mission, its files, and the truth beside them.

Day by day: people act, the day's reports and watches are taken in, the engine runs.  All of
it goes through the services that any mission has; only the clock is the exercise's own.
"""

from __future__ import annotations

import re
import shutil
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from truceline.agreement import Agreement, load_files, load_pack
from truceline.errors import Fault, RejectedInput
from truceline.evidence import JSON, Entropy, SigningKey
from truceline.exercise import claiming, course, files
from truceline.exercise.cast import holder, members_of
from truceline.exercise.claiming import DayClaim
from truceline.exercise.drawing import bytes_from, numbers
from truceline.exercise.ground import ground_of
from truceline.exercise.observers import Report, reports_of
from truceline.exercise.stage import ExerciseClock, Stage
from truceline.exercise.staging import MARK, exercise_files
from truceline.exercise.truth import TrueEvent, true_events
from truceline.exercise.watching import Shift, posts_of, shifts_of
from truceline.interval import Interval, iso
from truceline.mission import Mission, ingest, init_mission, run, write_report
from truceline.mission.devices.enrolment import enrol

OURS = ".truceline-exercise"
"""Marks a folder as an exercise's; it holds how many records its mission had when it was made."""

LONGEST_DAYS = 366

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked for: how many days, which seed, and when the exercise ends (UTC)."""

    days: int
    seed: int
    until: datetime

    @property
    def begins(self) -> datetime:
        """The exercise's first moment."""
        return self.until - timedelta(days=self.days)


@dataclass(frozen=True, slots=True)
class Made:
    """What was made.

    Attributes:
        folder: Where it lies.
        mission: The mission's folder in it.
        truth: What really happened, for the trainers.
        days: How many days it spans.
        events: How many true events.
        reports: How many reports of them, and of what never was.
        watches: How many watches, lost ones among them.
        incidents: How many incidents the last run made of the reports.
        steps: How many steps were taken, by name.
        cases: Each case's number and the stage that it was brought to.
        left_out: What this agreement has no part for, or forbids, and why.
        records: How many records the log has.
    """

    folder: Path
    mission: Path
    truth: Path
    days: int
    events: int
    reports: int
    watches: int
    incidents: int
    steps: Mapping[str, int]
    cases: Mapping[str, str]
    left_out: Sequence[str]
    records: int


@dataclass(frozen=True, slots=True)
class Script:
    """All that is drawn before anything is recorded."""

    events: Sequence[TrueEvent]
    shifts: Sequence[Shift]
    reports: Sequence[Report]
    claims: Sequence[DayClaim]
    course: course.Course


def make_exercise(pack: Path, folder: Path, asked: Asked, tell: Tell) -> Made:
    """Make an exercise of a pack in a folder, anew if there is one already.

    Args:
        pack: The pack's folder.
        folder: Where it goes.
        asked: How long, from which seed, until when.
        tell: Told how far it has come, in a few words.

    Raises:
        RejectedInput: The pack has faults or is not in force in those days, the folder holds
            something else, or people have worked in the exercise that it holds.
    """
    agreement, staged = _staged(pack, asked)
    _clear(folder)
    for name, content in staged.items():
        (folder / "pack").mkdir(exist_ok=True)
        (folder / "pack" / name).write_bytes(content)
    entropy = bytes_from(asked.seed, f"{agreement.agreement_id} {asked.days} {iso(asked.until)}")
    clock = ExerciseClock(asked.begins)
    name = re.sub(r"[^a-z0-9]+", "-", f"exercise-{agreement.agreement_id}".lower())[:63]
    mission = init_mission(
        folder / "pack", folder / "mission", mission_id=name, exercise=True, clock=clock, entropy=entropy
    )
    try:
        return _played(mission, clock, folder, asked, entropy, tell)
    finally:
        mission.close()


def _staged(pack: Path, asked: Asked) -> tuple[Agreement, dict[str, bytes]]:
    """Return the agreement that the exercise is held under, and its pack's files."""
    if not 1 <= asked.days <= LONGEST_DAYS:
        raise RejectedInput(
            f"An exercise lasts from 1 to {LONGEST_DAYS} days.",
            [Fault("exercise", "--days", "not so many", str(asked.days))],
        )
    original, laid = load_pack(pack), pack / "exercise"
    overlay = {path.name: path.read_bytes() for path in sorted(laid.iterdir())} if laid.is_dir() else {}
    staged = exercise_files(dict(original.files), overlay, asked.begins, asked.until)
    agreement = load_files(staged)
    days = Interval(asked.begins, asked.until)
    if not any(one.start <= days.start and days.last <= one.last for one in agreement.in_force):
        raise RejectedInput(
            "The agreement is not in force throughout the exercise's days; end it at another moment.",
            [Fault("exercise", "--until", "not in force from then back", iso(asked.until))],
        )
    if len(agreement.parties) < 2:
        raise RejectedInput(
            "An exercise needs an agreement with at least two parties.",
            [Fault("agreement.yaml", "parties", "fewer than two")],
        )
    return agreement, staged


def _clear(folder: Path) -> None:
    """Make the folder empty, if it is ours and nobody has worked in it since."""
    mark = folder / OURS
    if folder.exists() and any(folder.iterdir()):
        if not mark.is_file():
            raise RejectedInput(
                f"{folder} holds other files; an exercise needs a folder of its own. Name another.",
                [Fault(str(folder), "folder", "already holds files")],
            )
        before, now = mark.read_text(encoding="utf-8").strip(), _size(folder / "mission")
        if before.isdigit() and now is not None and now != int(before):
            raise RejectedInput(
                f"People have worked in the exercise in {folder} since it was made. "
                f"Serve it (truceline serve {folder / 'mission'}), name another folder, or remove this one.",
                [Fault(str(folder), "folder", f"has {now} records, and had {before}")],
            )
        shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True)
    mark.write_text("not finished\n", encoding="utf-8")


def _size(mission: Path) -> int | None:
    """Return how many records a mission's published log has; None: it cannot be told."""
    try:
        lines = (mission / "log" / "checkpoint").read_text(encoding="utf-8").splitlines()
    except OSError:
        return None
    return int(lines[1]) if len(lines) > 1 and lines[1].isdigit() else None


def _played(
    mission: Mission, clock: ExerciseClock, folder: Path, asked: Asked, entropy: Entropy, tell: Tell
) -> Made:
    tell("drawing what happens")
    script = _drawn(mission, asked)
    told: dict[str, list[str]] = {}
    for report in script.reports:
        told.setdefault(report.of, []).append(report.observation_id)
    stage = Stage(mission, clock, script.events, told, _keys(mission, folder, entropy))
    (folder / "files").mkdir()
    incidents = _days(stage, script, folder / "files", asked, tell)
    zone = ZoneInfo(mission.agreement.reporting.timezone)
    for back in range(asked.days):
        day = (asked.until - timedelta(days=back)).astimezone(zone).date()
        tell(f"writing the daily report of {day}")
        write_report(mission, day, folder / "reports")
    cases = {
        stage.known[matter]: stage_of
        for matter, stage_of in script.course.stages.items()
        if matter in stage.known
    }
    made_from: dict[str, JSON] = {
        "pack": mission.agreement.agreement_id,
        "days": asked.days,
        "seed": asked.seed,
        "until": iso(asked.until),
    }
    (folder / "truth.json").write_text(
        files.truth(script.events, script.reports, made_from, cases), encoding="utf-8"
    )
    records = _size(mission.folder) or 0
    (folder / OURS).write_text(f"{records}\n", encoding="utf-8")
    missed = [matter for matter in script.course.stages if matter not in stage.known | stage.refused]
    return Made(
        folder, mission.folder, folder / "truth.json", asked.days, len(script.events), len(script.reports),
        len(script.shifts), incidents, dict(sorted(stage.played.items())), cases,
        [
            *script.course.left_out,
            *(f"{matter}: no incident to refer" for matter in missed),
            *(f"{matter}: {why}" for matter, why in stage.refused.items()),
        ],
        records,
    )  # fmt: skip


def _drawn(mission: Mission, asked: Asked) -> Script:
    """Draw everything; each part from numbers of its own."""
    agreement, begins, until = mission.agreement, asked.begins, asked.until
    parties, families = agreement.party_ids(), agreement.families
    ground = ground_of(agreement, begins, numbers(asked.seed, "ground"))
    events = true_events(ground, parties, begins, asked.days, numbers(asked.seed, "truth"))
    posts = posts_of(families, ground, mission.gazetteer, numbers(asked.seed, "posts"))
    zone = ZoneInfo(agreement.reporting.timezone)
    shifts = shifts_of(posts, begins, until, zone, numbers(asked.seed, "shifts"))
    reports = reports_of(
        events, families, shifts, ground, mission.gazetteer, (begins, until), numbers(asked.seed, "reports")
    )
    claims = claiming.claims_of(events, parties, begins, asked.days, numbers(asked.seed, "claims"))
    cues = course.course_of(
        agreement, ground, events, mission.gazetteer, begins, until, numbers(asked.seed, "course")
    )
    return Script(events, shifts, reports, claims, cues)


def _keys(mission: Mission, folder: Path, entropy: Entropy) -> dict[str, SigningKey]:
    """Make and enrol a key for each who must sign themselves, and keep it for those who train."""
    agreement, found = mission.agreement, {}
    if not agreement.commission.procedure.own_signature:
        return {}
    (folder / "keys").mkdir()
    people = [(one.person, "commission member") for one in members_of(agreement)]
    people += [(holder(one.id), "office holder") for one in agreement.offices]
    for person, role in people:
        found[person] = SigningKey.generate(entropy)
        found[person].save(folder / "keys" / f"{person}.pem")
        enrol(mission, found[person].author, holder=person, role=f"{MARK} {role}")
    return found


def _days(stage: Stage, script: Script, out: Path, asked: Asked, tell: Tell) -> int:
    """Play every day, and return how many incidents there are in the end."""
    incidents, waiting, watched = 0, list(script.course.cues), 0
    for day in range(asked.days):
        first = asked.begins + timedelta(days=day)
        last = first + timedelta(days=1)
        tell(f"day {day + 1} of {asked.days}: {sum(stage.played.values())} steps taken so far")
        while waiting and waiting[0].at < last:
            stage.play(waiting.pop(0))
        stage.clock.instant = last
        shifts = [one for one in script.shifts if first < one.ends <= last]
        arrived = [one for one in script.reports if first <= one.received_at < last]
        claimed = [one for one in script.claims if one.ends == last]
        for name, format_name, text in (
            ("observations", "table", files.table(arrived)),
            ("watches", "watches", files.watches(shifts, watched + 1)),
            ("claims", "party-claims", files.claims(claimed)),
        ):
            if text:
                path = out / f"{MARK}-day-{day + 1:03d}-{name}.csv"
                path.write_text(text, encoding="utf-8")
                _taken(stage.mission, path, format_name)
        watched += len(shifts)
        incidents = run(stage.mission).incidents
    return incidents


def _taken(mission: Mission, path: Path, format_name: str) -> None:
    """Take a file in; every row of ours must be taken.

    Raises:
        RejectedInput: A row was refused: the generator and intake disagree.
    """
    summary = ingest(mission, path, format_name)
    if not summary.clean:
        faults = [fault for refusal in summary.refusals for fault in refusal.faults]
        said = Counter(fault.reason for fault in faults).most_common(1)
        raise RejectedInput(
            f"{path.name}: {len(summary.refusals)} rows were refused, {said[0][0] if said else 'conflicts'}.",
            faults[:20],
        )
