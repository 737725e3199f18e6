# SPDX-License-Identifier: Apache-2.0
"""Disclosure and audit: an operator that lies is caught, and what is withheld is counted."""

from __future__ import annotations

import dataclasses
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.mission.disclosing import (
    Members,
    given_to,
    ground,
    index_of,
    last,
    record_run,
    repacked,
    verdicts,
    without,
)
from tests.mission.made import CLOCK, PACKS, ROOT, MakeTable, entropy, row

from truceline.evidence import (
    canonical,
    opening_from_bytes,
    opening_to_bytes,
    sign_checkpoint,
    withhold,
)
from truceline.fusion import FusionSettings
from truceline.mission import Mission, ingest, init_mission, open_mission, run
from truceline.mission.audit.checks import audit
from truceline.mission.audit.disclosed import Verdict
from truceline.mission.audit.disclosure import MANIFEST, Manifest, disclose, member_name
from truceline.mission.audit.rerun import settings_of
from truceline.mission.derive import derive
from truceline.mission.reading import observations
from truceline.vocabulary import Tier


@pytest.fixture
def copy(easter: Mission, tmp_path: Path) -> Iterator[Mission]:
    """Return a copy of the Easter mission that a test may harm."""
    shutil.copytree(easter.folder, tmp_path / "copy")
    made = open_mission(tmp_path / "copy", clock=CLOCK, entropy=entropy(3))
    yield made
    made.close()


@pytest.fixture
def public(copy: Mission, tmp_path: Path) -> Path:
    """Return what the public is given of the Easter mission."""
    disclose(copy, "public", tmp_path / "public.disclosure")
    return tmp_path / "public.disclosure"


@pytest.fixture
def closed(tmp_path: Path, make_table: MakeTable) -> Iterator[Mission]:
    """Return a mission whose 40 observations are the commission's, run once."""
    made = init_mission(PACKS / "minsk", tmp_path / "closed", clock=CLOCK, entropy=entropy(4))
    ingest(made, make_table([row(number) for number in range(40)]), "table")
    run(made)
    yield made
    made.close()


def test_an_honest_mission_reproduces_for_the_public(copy: Mission, public: Path) -> None:
    key = (copy.folder / "log" / "verifier-key.txt").read_text().strip()
    report = audit(copy.folder / "log", public, key)
    assert {check.verdict for check in report.checks} == {Verdict.HOLDS}
    assert last(copy).results_sha256[:16] in ground(report, "run", Verdict.HOLDS)
    assert (report.imports.rows, report.imports.accepted) == (515, 515)
    assert {(one.kind, one.tiers) for one in report.unseen} == {("import", (Tier.COMMISSION,))}


def test_a_key_from_the_logs_own_folder_is_said_to_prove_nothing(copy: Mission, public: Path) -> None:
    report = audit(copy.folder / "log", public)
    assert report.sound
    assert verdicts(report, "key") == {Verdict.NOT_SEEN}


@pytest.mark.parametrize("change", [
    {"results_sha256": "0" * 64}, {"incidents": 1}, {"observations": 464}, {"assessments": 0},
])  # fmt: skip
def test_a_run_whose_results_the_operator_forged_differs(copy: Mission, change: dict[str, object]) -> None:
    forged = dataclasses.replace(last(copy), **change)  # type: ignore[arg-type]
    record_run(copy, forged)
    report = given_to(copy, "public")
    assert verdicts(report, "run") == {Verdict.HOLDS, Verdict.DIFFERS}
    assert f"record {index_of(copy, 'run')} " in ground(report, "run", Verdict.DIFFERS)


@pytest.mark.parametrize("change", [{"root": bytes(32)}, {"tree_size": 4}, {"tree_size": 10**9}])
def test_a_run_over_a_log_that_never_was_differs(copy: Mission, change: dict[str, object]) -> None:
    record_run(copy, dataclasses.replace(last(copy), **change))  # type: ignore[arg-type]
    assert "never in" in ground(given_to(copy, "public"), "run", Verdict.DIFFERS)


def test_a_run_is_computed_again_with_the_settings_that_it_recorded(copy: Mission) -> None:
    other = FusionSettings(join_probability=0.99, same_origin_log_odds=1.0, sweeps=2)
    before = last(copy)
    with copy.store.read() as transaction:
        results = derive(observations(transaction, below=before.tree_size), copy.agreement, settings=other)
    assert results.digest() != before.results_sha256
    record_run(copy, dataclasses.replace(
        before, settings=other.as_numbers(), results_sha256=results.digest(),
        incidents=len(results.fusion.incidents), assessments=len(results.assessments),
    ))  # fmt: skip
    assert verdicts(given_to(copy, "public"), "run") == {Verdict.HOLDS}


def test_settings_come_back_from_their_numbers_or_not_at_all() -> None:
    numbers = dict(FusionSettings(sigma_floor_m=70.0).as_numbers())
    assert settings_of(numbers) == FusionSettings(sigma_floor_m=70.0)
    for wrong in ({"new": 1.0}, {"sweeps": 1.5}, {"sweeps": float("nan")}, {"false_share_patrol": 2.0}):
        assert settings_of({**numbers, **wrong}) is None
    del numbers["gate_sigmas"]
    assert settings_of(numbers) is None


def test_a_run_by_another_engine_is_not_judged(copy: Mission) -> None:
    record_run(copy, dataclasses.replace(last(copy), engine="likelihood-9"))
    report = given_to(copy, "public")
    assert report.sound
    assert "likelihood-9" in ground(report, "run", Verdict.NOT_SEEN)


def test_an_altered_item_differs_and_is_not_computed_with(copy: Mission, public: Path) -> None:
    index = index_of(copy, "observations")
    name = member_name(index, Tier.PUBLIC)

    def alter(members: Members) -> None:
        opening = opening_from_bytes(members[name])
        items = list(opening.items)
        items[7] = (items[7] or b"").replace(b'"kind":', b'"kind" :')
        members[name] = opening_to_bytes(dataclasses.replace(opening, items=tuple(items)))

    report = audit(copy.folder / "log", repacked(public, alter))
    assert f"record {index} " in ground(report, "openings", Verdict.DIFFERS)
    assert verdicts(report, "run") == {Verdict.NOT_SEEN}
    assert "463 of the 463" in ground(report, "run", Verdict.NOT_SEEN)


def test_another_records_opening_differs(copy: Mission, public: Path) -> None:
    first, second = (member_name(index_of(copy, kind), Tier.PUBLIC) for kind in ("claims", "observations"))

    def swap(members: Members) -> None:
        members[first], members[second] = members[second], members[first]

    report = audit(copy.folder / "log", repacked(public, swap))
    assert len([one for one in report.differing if one.name == "openings"]) == 2


def test_an_opening_that_no_record_has_differs(copy: Mission, public: Path) -> None:
    def add(members: Members) -> None:
        members[member_name(0, Tier.SEALED)] = members[member_name(999, Tier.PUBLIC)] = members[
            member_name(0, Tier.PUBLIC)
        ]

    places = ground(audit(copy.folder / "log", repacked(public, add)), "openings", Verdict.DIFFERS)
    assert "record 0, tier sealed" in places
    assert "record 999, tier public" in places


def test_a_disclosure_of_another_log_differs(closed: Mission, public: Path) -> None:
    report = audit(closed.folder / "log", public)
    assert [check.name for check in report.differing] == ["checkpoint"]
    assert "another log" in ground(report, "checkpoint", Verdict.DIFFERS)


def test_a_log_that_was_cut_back_differs(copy: Mission, tmp_path: Path, make_table: MakeTable) -> None:
    shutil.copytree(copy.folder / "log", tmp_path / "old")
    ingest(copy, make_table([row(1)]), "table")
    disclose(copy, "public", tmp_path / "new.disclosure")
    report = audit(tmp_path / "old", tmp_path / "new.disclosure")
    assert "cut back" in ground(report, "checkpoint", Verdict.DIFFERS)


def test_a_log_that_went_on_since_the_disclosure_holds(
    copy: Mission, public: Path, make_table: MakeTable
) -> None:
    ingest(copy, make_table([row(1)]), "table")
    report = audit(copy.folder / "log", public)
    assert report.sound
    assert "2 came since" in ground(report, "checkpoint", Verdict.HOLDS)


def test_two_histories_under_one_key_are_shown_as_such(copy: Mission, public: Path) -> None:
    def fork(members: Members) -> None:
        manifest = Manifest.model_validate_json(members[MANIFEST])
        note = sign_checkpoint(manifest.origin, manifest.size - 1, bytes(32), copy.ledger.log_key)
        other = manifest.model_copy(
            update={"size": manifest.size - 1, "root": "A" * 43 + "=", "checkpoint": note.decode()}
        )
        members[MANIFEST] = canonical(other.model_dump(mode="json"))

    report = audit(copy.folder / "log", repacked(public, fork))
    assert "two histories" in ground(report, "checkpoint", Verdict.DIFFERS)
    assert not verdicts(report, "run")


def test_a_tampered_log_differs_and_nothing_more_is_said(copy: Mission, public: Path) -> None:
    entries = next((copy.folder / "log" / "tile" / "entries").rglob("*.p/*"))
    content = bytearray(entries.read_bytes())
    content[40] ^= 1
    entries.write_bytes(bytes(content))
    report = audit(copy.folder / "log", public)
    assert [(check.name, check.verdict) for check in report.checks] == [("log", Verdict.DIFFERS)]


def test_a_tier_that_the_rule_opens_and_that_is_not_there_differs(copy: Mission, public: Path) -> None:
    index = index_of(copy, "observations")
    report = audit(
        copy.folder / "log",
        repacked(public, lambda members: without(members, member_name(index, Tier.PUBLIC))),
    )
    assert f"record {index} " in ground(report, "release", Verdict.DIFFERS)
    assert verdicts(report, "run") == {Verdict.NOT_SEEN}


def test_rows_that_are_shut_without_a_ground_differ_and_are_counted(copy: Mission, public: Path) -> None:
    index = index_of(copy, "observations")
    name = member_name(index, Tier.PUBLIC)

    def shut(members: Members) -> None:
        members[name] = opening_to_bytes(withhold(opening_from_bytes(members[name]), [3, 5]))

    report = audit(copy.folder / "log", repacked(public, shut))
    assert "2 of 463 items shut" in ground(report, "release", Verdict.DIFFERS)
    assert "2 of the 463 rows" in ground(report, "run", Verdict.NOT_SEEN)
    assert verdicts(report, "openings") == {Verdict.HOLDS}


def test_an_agreement_that_is_shut_leaves_nothing_to_judge_by(copy: Mission, public: Path) -> None:
    name = member_name(index_of(copy, "agreement"), Tier.PUBLIC)
    report = audit(copy.folder / "log", repacked(public, lambda members: without(members, name)))
    assert verdicts(report, "agreement") == verdicts(report, "run") == {Verdict.NOT_SEEN}


def test_the_public_of_a_commissions_mission_sees_nothing_and_is_told_so(closed: Mission) -> None:
    report = given_to(closed, "public")
    assert report.sound
    assert verdicts(report, "rows") == {Verdict.NOT_SEEN}
    assert "40 of the 40 rows" in ground(report, "run", Verdict.NOT_SEEN)
    hidden = {(one.kind, one.tiers): (one.records, one.items) for one in report.unseen}
    assert hidden["observations", (Tier.COMMISSION,)] == (1, 40)


def test_the_commission_of_the_same_mission_recomputes(closed: Mission) -> None:
    report = given_to(closed, "commission")
    assert report.sound
    assert verdicts(report, "run") == {Verdict.HOLDS}


def test_conflicts_and_imports_are_listed(closed: Mission, make_table: MakeTable) -> None:
    ingest(closed, make_table([row(1, kind="mortar"), row(2, latitude="95")]), "table")
    report = given_to(closed, "commission")
    counts = {one.kind: (one.records, one.items) for one in report.recorded}
    assert counts["conflicts"] == (1, 1)
    assert (report.imports.rows, report.imports.accepted, report.imports.refused) == (42, 40, 1)
    assert report.imports.conflicts == 1


# The verbs, and the words of docs/audit.md.

AUDIT_MD = (ROOT / "docs" / "audit.md").read_text(encoding="utf-8")


def call(line: str, folder: Path) -> subprocess.CompletedProcess[str]:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        shlex.split(line), cwd=folder, env={**os.environ, "PATH": path}, capture_output=True, text=True,
        check=False,
    )  # fmt: skip


def test_every_command_of_the_audit_page_works_word_for_word(tmp_path: Path) -> None:
    for name in ("packs", "examples"):
        shutil.copytree(ROOT / name, tmp_path / name)
    said: dict[str, str] = {}
    for block in re.findall(r"```\n(.*?)```", AUDIT_MD, re.DOTALL):
        for line in block.splitlines():
            command, _, remark = line.partition("  # ")
            if not command.startswith(("truceline ", "python ", "cp ")):
                continue
            done = call(command, tmp_path)
            expected = 1 if remark.startswith("exits 1") else 0
            assert done.returncode == expected, f"{command}\n{done.stdout}{done.stderr}"
            assert "Traceback" not in done.stderr
            said[command] = done.stdout
    assert len(said) >= 9
    assert any("Reproduces: 463 observations" in text for text in said.values())
    assert any("DIFFERS" in text for text in said.values())


def test_the_audit_page_explains_every_check_and_verdict(copy: Mission, public: Path) -> None:
    report = audit(copy.folder / "log", public)
    for name in {check.name for check in report.checks}:
        assert f"| `{name}` |" in AUDIT_MD
    for verdict in Verdict:
        assert f"**{verdict}**" in AUDIT_MD
    for field in Manifest.model_fields:
        assert f"`{field}`" in AUDIT_MD


def test_the_verb_says_the_same_to_programs_and_fails_when_something_differs(
    copy: Mission, public: Path, tmp_path: Path
) -> None:
    done = call(f"truceline audit {copy.folder}/log {public} --json", tmp_path)
    document = json.loads(done.stdout)
    assert (done.returncode, document["sound"]) == (0, True)
    assert {check["verdict"] for check in document["checks"]} == {"holds", "not seen"}
    record_run(copy, dataclasses.replace(last(copy), results_sha256="0" * 64))
    told = call(f"truceline disclose {copy.folder} --audience public --out {public} --json", tmp_path)
    assert json.loads(told.stdout)["items_withheld"] == 0
    done = call(f"truceline audit {copy.folder}/log {public}", tmp_path)
    assert done.returncode == 1
    assert "DIFFERS   run" in done.stdout
    assert "1 checks DIFFER" in done.stdout


def test_what_is_quoted_from_a_disclosure_cannot_play_tricks_on_a_terminal(
    copy: Mission, public: Path, tmp_path: Path
) -> None:
    def disguise(members: Members) -> None:
        manifest = Manifest.model_validate_json(members[MANIFEST])
        other = manifest.model_copy(update={"audience": "public\x1b[2J\n  HOLDS     run: all is well"})
        members[MANIFEST] = canonical(other.model_dump(mode="json"))

    done = call(f"truceline audit {copy.folder}/log {repacked(public, disguise)}", tmp_path)
    assert done.returncode == 1
    assert "\x1b" not in done.stdout
    assert "\n  HOLDS     run: all is well" not in done.stdout
