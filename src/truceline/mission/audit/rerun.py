# SPDX-License-Identifier: Apache-2.0
"""Computes recorded runs again from what a disclosure opens.

A run names the tree size that it read, its engine, its settings and the digest of what
came out.  Whoever sees the same rows, the same submissions of parties and the same
agreement must come to that digest.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from truceline.agreement import Agreement, Notice
from truceline.errors import MechanismError, RejectedInput
from truceline.fusion import ENGINE, ENGINE_WITH_RULINGS, FusionSettings, Rulings, Scale
from truceline.mission.audit.disclosed import Check, RunRecord, Seen, Verdict
from truceline.mission.derive import Results, derive
from truceline.mission.heeded import notices_of
from truceline.observation import Observation
from truceline.parties import SUBMISSION
from truceline.procedure import Entry
from truceline.review import REVIEW, replay_reviews, rulings_of
from truceline.vocabulary import SourceKind


def settings_of(numbers: Mapping[str, float]) -> FusionSettings | None:
    """Return the engine's settings from the numbers that a run recorded; None: of another sort."""
    plain = {
        name: value
        for name, value in numbers.items()
        if name in FusionSettings.__dataclass_fields__ and name != "sweeps"
    }
    scales: list[Scale] = []
    while f"scale_{len(scales)}_metres" in numbers and f"scale_{len(scales)}_seconds" in numbers:
        at = len(scales)
        scales.append(Scale(numbers[f"scale_{at}_metres"], numbers[f"scale_{at}_seconds"]))
    shares = {kind: numbers.get(f"false_share_{kind}", -1.0) for kind in SourceKind}
    try:
        sweeps = int(numbers.get("sweeps", -1))
        settings = FusionSettings(**plain, sweeps=sweeps, scales=tuple(scales), false_share=shares)
    except (RejectedInput, TypeError, ValueError, OverflowError):
        return None
    # What was left out, or is not known here, shows in that the numbers are not the same again.
    return settings if dict(settings.as_numbers()) == dict(numbers) else None


def run_checks(seen: Seen, roots: Mapping[int, bytes], progress: Callable[[str], None]) -> Iterator[Check]:
    """Compute every recorded run again."""
    for index, record_id, run in seen.runs:
        place = f"record {index} ({record_id})"
        if run is None:
            if not any(check.name == "run" and check.place == place for check in seen.checks):
                yield Check("run", Verdict.NOT_SEEN, "What the run recorded is not opened.", place)
            continue
        progress(f"computing the run of record {index} again")
        yield _run_check(seen, run, index, roots, f"{place}, read up to tree size {run.tree_size}")
    if not seen.runs:
        yield Check(
            "run", Verdict.NOT_SEEN, "No run is recorded, so there is nothing to compute again.", "the log"
        )


def _run_check(seen: Seen, run: RunRecord, index: int, roots: Mapping[int, bytes], place: str) -> Check:
    # 1. It read a state of this very log, before it was itself recorded.
    if not 0 <= run.tree_size <= index or roots[run.tree_size].hex() != run.root:
        ground = "The run names a state of the log that the log was never in."
        return Check("run", Verdict.DIFFERS, ground, place)
    # 2. This program has that engine, and can be set as it was.
    settings = settings_of(run.settings)
    if run.engine not in (ENGINE, ENGINE_WITH_RULINGS) or settings is None:
        ground = (
            f"It was made by engine {run.engine}; this program has {ENGINE}. Audit with the version it names."
        )
        return Check("run", Verdict.NOT_SEEN, ground, place)
    # 3. The agreement then in force, and the rows below that size.
    agreement = seen.agreement_below(run.tree_size)
    if agreement is None:
        return Check("run", Verdict.NOT_SEEN, "The agreement that it judged by is not opened.", place)
    rows = [one for at, one in seen.observations if at < run.tree_size]
    shut = [(record, count) for at, record, count in seen.unseen_rows if at < run.tree_size]
    erased = sum(count for record, count in shut if seen.erased_below(record, run.tree_size))
    hidden = sum(count for _, count in shut)
    unseen = f"{hidden:,} of the {len(rows) + hidden:,} rows that it read cannot be seen."
    # 4. The exceptions that parties notified below it, and what people ruled on reports.
    entries, unread = _entries(seen, run.tree_size)
    if hidden > erased or unread:
        return Check("run", Verdict.NOT_SEEN, unseen if hidden > erased else unread, place)
    packs = {entry.leaf_index: seen.agreement_below(entry.leaf_index) for entry in entries}
    opened = {at: pack for at, pack in packs.items() if pack is not None}
    if len(opened) < len(packs):
        ground = "An agreement under which steps were taken that it read is not opened."
        return Check("run", Verdict.NOT_SEEN, ground, place)
    submissions = [entry for entry in entries if entry.step.kind == SUBMISSION]
    notices = notices_of(submissions, opened.__getitem__)
    reviews = [entry for entry in entries if entry.step.kind == REVIEW]
    rulings = rulings_of(replay_reviews(reviews, opened.__getitem__))
    # 5. Compute it again and compare.
    return _compared(run, rows, agreement, settings, notices, rulings, erased, place)


def _entries(seen: Seen, size: int) -> tuple[list[Entry], str]:
    """Return the steps below a tree size that a run heeds, and why there may be others; empty: none."""
    for kind, what in ((SUBMISSION, _ANY_NOTICE), (REVIEW, _ANY_RULING)):
        below = [entry for at, held, entry in seen.acts if at < size and held == kind]
        shut = sum(entry is None for entry in below)
        if shut:
            return [], f"{shut:,} of the {len(below):,} {what}"
    heeded = (entry for at, kind, entry in seen.acts if at < size and kind in (SUBMISSION, REVIEW))
    return [entry for entry in heeded if entry is not None], ""


_ANY_NOTICE = "submissions of parties that it read cannot be seen, and any of them may notify an exception."
_ANY_RULING = "steps of review that it read cannot be seen, and any of them may be a ruling on reports."


def _compared(
    run: RunRecord,
    rows: list[Observation],
    agreement: Agreement,
    settings: FusionSettings,
    notices: Sequence[Notice],
    rulings: Rulings,
    erased: int,
    place: str,
) -> Check:
    """Compute a run from its rows and compare counts and digest with what it recorded."""
    try:
        results = derive(rows, agreement, settings=settings, notices=notices, rulings=rulings)
    except MechanismError as error:
        return Check("run", Verdict.DIFFERS, f"The recorded rows cannot be computed with: {error}", place)
    recorded = (run.observations, run.unfused, run.incidents, run.assessments, run.results_sha256)
    computed = (*_counts(results), results.digest())
    gave = (
        f"{computed[0]:,} observations give {computed[2]:,} incidents and {computed[3]:,} assessments, "
        f"digest {computed[4][:16]}"
    )
    if recorded == computed:
        without = f", without {erased:,} rows erased before it" if erased else ""
        return Check("run", Verdict.HOLDS, f"Reproduces: {gave}{without}.", place)
    said = f"the record says {recorded[0]:,}, {recorded[2]:,} and {recorded[3]:,}, digest {recorded[4][:16]}"
    if erased:
        return Check(
            "run", Verdict.NOT_SEEN, f"{erased:,} rows were erased. Without them {gave}; {said}.", place
        )
    return Check("run", Verdict.DIFFERS, f"Does not reproduce: {gave}; {said}.", place)


def _counts(results: Results) -> tuple[int, int, int, int]:
    return results.observations, results.unfused, len(results.fusion.incidents), len(results.assessments)
