# SPDX-License-Identifier: Apache-2.0
"""Every step of procedure has a verb, made from the step itself: it explains, refuses and records."""

from __future__ import annotations

import gc
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import get_args

import pytest
import typer
from hypothesis import assume, given
from pydantic import TypeAdapter
from tests.mechanism.drawing import steps as any_step
from tests.mission.made import MakeTable, entropy
from tests.mission.procedural import MovingClock, take_in, valley_mission
from tests.procedure.made import VALLEY
from typer.core import TyperGroup
from typer.main import get_command

from truceline.cli.acting_as import CapacityName
from truceline.cli.app import app, main
from truceline.cli.named_file import read_named
from truceline.cli.step_groups import GROUPS, KIND_OF, WITH_OWN_VERB, group_of
from truceline.cli.steps import _ACTING
from truceline.evidence import SigningKey
from truceline.mechanism import KINDS, STEPS
from truceline.mission import mission_status, open_mission
from truceline.mission.devices.enrolment import enrol
from truceline.procedure import Capacity, Step
from truceline.procedure.asked import Asked, Sort, asked_of, summary_of
from truceline.procedure.step import is_completed
from truceline.procedure.typed import Given, step_from

WITH_VERBS = sorted(
    (step for step in STEPS.values() if group_of(step.kind) and step.name not in WITH_OWN_VERB),
    key=lambda step: step.name,
)

CHAIR = (
    "composition", "appoint-member", "--person", "envoy-x", "--capacity", "guarantor", "--of", "X",
    "--seat", "chair", "--since", "2030-01-14T09:00:00Z", "--member", "chair-person",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Said:
    """What a call said, and how it ended."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> dict[str, object]:
        """The JSON object that it printed."""
        return TypeAdapter(dict[str, object]).validate_json(self.out)


Call = Callable[..., Said]


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Call:
    """Return a function that calls the program, in this process."""

    def made(*arguments: object) -> Said:
        with monkeypatch.context() as patched:
            patched.setattr(gc, "freeze", lambda: None)
            patched.setattr(gc, "set_threshold", lambda *_: None)
            patched.setattr(sys, "argv", ["truceline", *(str(one) for one in arguments)])
            with pytest.raises(SystemExit) as ended:
                main()
        said = capsys.readouterr()
        return Said(int(ended.value.code or 0), said.out, said.err)

    return made


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a mission's folder, under the agreement of the valley."""
    valley_mission(tmp_path / "valley", MovingClock()).close()
    return tmp_path / "valley"


def size(folder: Path) -> int:
    mission = open_mission(folder)
    found = mission_status(mission).tree_size
    mission.close()
    return found


def verb_of(step: type[Step]) -> typer.core.TyperCommand:
    """Return the verb that takes a step."""
    root = get_command(app)
    assert isinstance(root, TyperGroup)
    context = typer.Context(root)
    group = root.get_command(context, str(group_of(step.kind)))
    assert isinstance(group, TyperGroup)
    verb = group.get_command(context, step.name)
    assert isinstance(verb, typer.core.TyperCommand)
    return verb


def test_every_kind_of_step_has_a_group_of_verbs() -> None:
    """Suspension has verbs of its own, written by hand."""
    assert KINDS - {"suspension"} <= set(KIND_OF.values())
    assert set(GROUPS) == set(KIND_OF)


@pytest.mark.parametrize("step", WITH_VERBS, ids=lambda step: step.name)
def test_every_step_has_a_verb_that_explains_each_field(step: type[Step]) -> None:
    verb = verb_of(step)
    options = {option: each for each in verb.params for option in each.opts}
    assert summary_of(step).endswith((".", "?", "!"))
    assert (verb.help or "").replace("\\[", "[") == summary_of(step)
    for asked in asked_of(step):
        assert len(asked.help) > len("Why"), f"{step.name} does not document {asked.name}"
        option = options[asked.option]
        assert option.required is asked.required
        assert asked.help in str(getattr(option, "help", "")).replace("\\[", "[")


def test_a_step_that_comes_with_something_else_has_a_verb_of_its_own() -> None:
    root = get_command(app)
    assert isinstance(root, TyperGroup)
    assert set(WITH_OWN_VERB) <= set(STEPS)
    assert set(WITH_OWN_VERB.values()) <= set(root.commands)
    group = root.get_command(typer.Context(root), "state")
    assert isinstance(group, TyperGroup)
    assert not set(WITH_OWN_VERB) & set(group.list_commands(typer.Context(group)))


@pytest.mark.parametrize("step", WITH_VERBS, ids=lambda step: step.name)
def test_no_two_options_of_a_verb_are_the_same(step: type[Step]) -> None:
    verb = verb_of(step)
    options = [option for each in verb.params for option in (*each.opts, *each.secondary_opts)]
    assert len(options) == len(set(options)) == len(_ACTING) + len(asked_of(step))
    assert "--help" not in options


def test_capacities_are_spelled_out_as_they_are() -> None:
    assert get_args(CapacityName) == tuple(one.value for one in Capacity)


def typed(step: Step) -> dict[str, Given]:
    """Return what somebody would type for a step."""
    values = TypeAdapter(type(step)).dump_python(step, mode="json")
    return {asked.name: _typed(asked, values[asked.name]) for asked in asked_of(type(step))}


def _typed(asked: Asked, value: object) -> Given:
    if value is None:
        return None
    if asked.repeated:
        assert isinstance(value, list)
        return [_one(asked, one) for one in value]
    return _one(asked, value)


def _one(asked: Asked, value: object) -> str:
    if asked.sort is Sort.JSON:
        return json.dumps(value)
    if asked.sort is Sort.YES_NO:
        return "yes" if value else "no"
    text = str(value)
    return f"@{text}" if asked.sort is Sort.TEXT and text.startswith("@") else text


@given(any_step())
def test_what_is_typed_is_the_step(step: Step | None) -> None:
    assume(step is not None)
    assert step is not None
    # What the mission states nobody types.
    bare = replace(step, **{each.name: () for each in fields(step) if is_completed(each)})
    assert step_from(type(step), typed(bare)) == bare


def test_a_step_is_recorded_and_said_in_one_line(folder: Path, call: Call) -> None:
    before = size(folder)
    said = call(*CHAIR, folder)
    assert said.code == 0, said.err
    assert len(said.out.splitlines()) == 1
    assert f"leaf {before}" in said.out
    assert "appoint-member" in said.out
    assert "guarantor of X" in said.out
    assert "the operator for them" in said.out
    assert size(folder) == before + 1


def test_a_recorded_step_is_one_json_object(folder: Path, call: Call) -> None:
    before = size(folder)
    found = call(*CHAIR, folder, "--json").document
    assert (found["step"], found["kind"], found["leaf_index"]) == ("appoint-member", "composition", before)
    assert (found["recorded"], found["own_key"], found["on_behalf_of"]) == (True, False, "X")


def test_a_step_under_ones_own_key_says_whose_it_is(folder: Path, call: Call, tmp_path: Path) -> None:
    key = SigningKey.generate(entropy(7))
    key.save(tmp_path / "own.pem")
    mission = open_mission(folder)
    enrol(mission, key.author, holder="envoy-x", role="guarantor")
    mission.close()
    found = call(*CHAIR, folder, "--key", tmp_path / "own.pem", "--json").document
    assert (found["own_key"], found["signed_by"]) == (True, key.author)


def test_a_dry_run_records_nothing(folder: Path, call: Call) -> None:
    before = size(folder)
    said = call(*CHAIR, folder, "--dry-run")
    assert said.code == 0
    assert "nothing was recorded" in said.out
    assert call(*CHAIR, folder, "--dry-run", "--json").document["leaf_index"] is None
    assert size(folder) == before


def test_a_dry_run_is_refused_as_the_step_would_be(folder: Path, call: Call) -> None:
    wrong = [one if one != "guarantor" else "monitor" for one in CHAIR]
    dry, wet = call(*wrong, folder, "--dry-run"), call(*wrong, folder)
    assert (dry.code, dry.err) == (wet.code, wet.err)
    assert dry.code == 1


def test_a_refusal_names_its_rule(folder: Path, call: Call) -> None:
    before = size(folder)
    said = call(*[one if one != "guarantor" else "monitor" for one in CHAIR], folder, "--json")
    assert said.code == 1
    assert "rule: capacity" in said.err
    assert "A monitor cannot appoint-member" in said.err
    assert said.document["rule"] == "capacity"
    assert "a step is taken by those whose task it is" in str(said.document["citation"])
    assert str(said.document["error"]).startswith("A monitor cannot appoint-member")
    assert size(folder) == before


def test_faults_are_told_all_together(folder: Path, call: Call) -> None:
    said = call(
        "support", "claim-delivery", folder, "--person", "duty", "--capacity", "duty_officer",
        "--claim-id", "not an id", "--donor", "X", "--category", "gold", "--what", "", "--said-by", "X",
        "--source", "EXERCISE", "--amount", "1,000", "--delivered-from", "2030-13", "--json",
    )  # fmt: skip
    assert said.code == 1
    faults = said.document["faults"]
    assert isinstance(faults, list)
    assert {fault["path"] for fault in faults} == {"claim_id", "category", "what", "amount", "delivered_from"}
    assert len(faults) == 5


@pytest.mark.parametrize("since", ["2030-01-14", "2030-01-14T09:00:00", "14.1.2030", "now"])
def test_a_moment_without_its_zone_is_refused_with_an_example(folder: Path, call: Call, since: str) -> None:
    said = call(*[since if one.startswith("2030") else one for one in CHAIR], folder)
    assert said.code == 1
    assert "zone (RFC 3339), such as" in said.err


def test_what_is_missing_or_no_capacity_is_a_wrong_call(folder: Path, call: Call) -> None:
    assert call(*CHAIR[:-2], folder).code == 2
    assert call(*[one if one != "guarantor" else "king" for one in CHAIR], folder).code == 2


def step_named(name: str, **given: Given) -> Step:
    return step_from(STEPS[name], given, files=read_named)


def test_a_text_comes_from_a_file_and_an_at_sign_can_be_written(tmp_path: Path) -> None:
    (tmp_path / "ground.txt").write_text("Recalled.\nDétaillé.", encoding="utf-8")
    common: dict[str, Given] = {"seat": "chair", "at": "2030-01-14T09:00:00Z"}
    step = step_named("end-membership", **common, member="@@handle", ground=f"@{tmp_path / 'ground.txt'}")
    assert (getattr(step, "member", ""), getattr(step, "ground", "")) == (
        "@handle",
        "Recalled.\nDétaillé.",
    )


def test_a_file_that_cannot_be_read_is_a_fault_among_the_others(
    tmp_path: Path, folder: Path, call: Call
) -> None:
    (tmp_path / "broken.txt").write_bytes(b"\xff\xfe\xff")
    (tmp_path / "broken.json").write_text("[{,}]")
    said = call(
        "case", "refer", folder, "--person", "duty", "--capacity", "duty_officer", "--case-id", "case 1",
        "--clauses", f"@{tmp_path / 'broken.json'}", "--evidence", "@nowhere.json",
        "--statement", f"@{tmp_path / 'broken.txt'}", "--json",
    )  # fmt: skip
    assert said.code == 1
    faults = said.document["faults"]
    assert isinstance(faults, list)
    assert sorted(fault["path"] for fault in faults) == ["case_id", "clauses", "evidence", "statement"]


def test_a_list_is_repeated_or_comes_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "more.json").write_text('["mv-2", "mv-3"]')
    given: dict[str, Given] = {
        "source": "EXERCISE",
        "sha256": "ab" * 32,
        "movements": '[{"movement_id": "m", "donor": "X", "period": "2030-01", "currency": "EUR"}]',
    }
    step = step_named("book-movements", **given, restates=["mv-1", f"@{tmp_path / 'more.json'}"])
    assert getattr(step, "restates", ()) == ("mv-1", "mv-2", "mv-3")


@pytest.mark.parametrize(("word", "means"), [("yes", True), ("No", False), ("TRUE", True), ("false", False)])
def test_yes_and_no_are_words(word: str, means: bool) -> None:
    tally = '{"votes_for": 1, "votes_against": 0, "abstained": 0, "entitled": 1}'
    step = step_named("declare-result", case_id="case-1", proposal_id="proposal-1", adopted=word, tally=tally)
    assert getattr(step, "adopted", None) is means


def test_the_reference_lists_every_step_and_field(call: Call) -> None:
    listed = call("steps", "--json").document["steps"]
    assert isinstance(listed, list)
    assert {one["step"] for one in listed} == set(STEPS)
    for one in listed:
        step = STEPS[one["step"]]
        assert {each["name"]: each["tier"] for each in one["fields"]} == {
            asked.name: asked.tier.value for asked in asked_of(step)
        }
    spoken = call("steps").out.splitlines()
    for one in listed:
        assert any(line.startswith(f"{one['verb'] or one['kind'] + ' ' + one['step']} (") for line in spoken)


def test_the_reference_is_asked_by_kind_or_by_group(call: Call) -> None:
    assert call("steps", "case").out == call("steps", "docket").out
    assert "appoint-member" not in call("steps", "case").out
    assert call("steps", "gossip").code == 1


def test_the_record_of_procedure_shows_each_reader_their_own(folder: Path, call: Call) -> None:
    assert call(*CHAIR, folder).code == 0
    public = call("procedure", folder, "--person", "anybody", "--capacity", "public")
    assert "EXERCISE" in public.out
    assert "seat: chair" in public.out
    assert "withheld: commission" in public.out
    assert "chair-person" not in public.out
    inside = call("procedure", folder, "--person", "secretary", "--capacity", "secretary", "--json").document
    (entry,) = TypeAdapter(list[dict[str, object]]).validate_python(inside["entries"])
    assert (entry["withheld"], entry["irregular"]) == ([], False)
    assert "chair-person" in json.dumps(entry)


def test_the_record_of_procedure_is_asked_by_kind(folder: Path, call: Call) -> None:
    assert call(*CHAIR, folder).code == 0
    reader = ("--person", "duty", "--capacity", "duty_officer")
    assert "appoint-member" in call("procedure", folder, *reader, "--kind", "composition").out
    assert "No step is recorded" in call("procedure", folder, *reader, "--kind", "case").out


def test_evidence_is_frozen_into_a_file_and_referred(
    tmp_path: Path, make_table: MakeTable, call: Call
) -> None:
    mission = valley_mission(tmp_path / "valley", MovingClock())
    incident = take_in(mission, make_table)[0]
    mission.close()
    frozen = tmp_path / "evidence.json"
    assert call("case", "evidence", mission.folder, "--incident", incident, "--out", frozen).code == 0
    said = call(
        "case", "refer", mission.folder, "--person", "duty", "--capacity", "duty_officer",
        "--case-id", "case-1", "--clauses", '[{"version": "first", "clause": "fire"}]',
        "--incidents", incident, "--evidence", f"@{frozen}", "--statement", "EXERCISE. Three teams heard it.",
    )  # fmt: skip
    assert said.code == 0, said.err


def test_an_agreement_is_amended_by_a_verb(folder: Path, tmp_path: Path, call: Call) -> None:
    pack = tmp_path / "pack"
    shutil.copytree(VALLEY, pack)
    text = (pack / "agreement.yaml").read_text(encoding="utf-8")
    (pack / "agreement.yaml").write_text(text.replace("quorum: 3", "quorum: 4"), encoding="utf-8")
    amendment = ("amend", folder, pack, "--ground", "EXERCISE. First protocol.", "--person", "head", "--json")
    assert call(*amendment, "--capacity", "monitor").document["rule"] == "capacity"
    before = size(folder)
    found = call(*amendment, "--capacity", "head_of_mission").document
    assert (found["leaf_index"], found["agreement_leaf"]) == (before, before + 1)
    assert call(*amendment, "--capacity", "head_of_mission").code == 1  # it is in force already


def test_help_loads_no_room() -> None:
    loaded = subprocess.run(
        [sys.executable, "-c", "import sys, truceline.cli; print(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    assert "truceline.cli.app" in loaded
    assert not {"truceline.mechanism", "truceline.procedure", "truceline.agreement"} & set(loaded)


def test_a_service_reads_no_file_that_somebody_names(tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("secret", encoding="utf-8")
    given = {"seat": "chair", "at": "2030-01-14T09:00:00Z", "member": "one"}
    step = step_from(STEPS["end-membership"], {**given, "ground": f"@{tmp_path / 'secret.txt'}"})
    assert getattr(step, "ground", "") == f"@{tmp_path / 'secret.txt'}"
