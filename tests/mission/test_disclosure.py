# SPDX-License-Identifier: Apache-2.0
"""What a disclosure gives and withholds, and that no bytes make its reader do anything but refuse."""

from __future__ import annotations

import shutil
import zipfile
import zlib
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.mission.disclosing import Members, ground, index_of, members_of, repacked, verdicts
from tests.mission.made import CLOCK, PACKS, ROOT, MakeTable, entropy, row

from truceline.clock import FixedClock
from truceline.errors import RejectedInput
from truceline.evidence import (
    NOTHING,
    canonical,
    parse_leaf,
    tier_root,
)
from truceline.mission import Mission, ingest, init_mission, mission_status, open_mission, run
from truceline.mission.audit.checks import audit
from truceline.mission.audit.disclosed import Verdict
from truceline.mission.audit.disclosure import MANIFEST, Manifest, disclose, member_name
from truceline.mission.audit.disclosure_file import open_disclosure
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


def test_the_same_records_at_the_same_time_give_the_same_file(copy: Mission, public: Path) -> None:
    before = public.read_bytes()
    disclose(copy, "public", public)
    assert public.read_bytes() == before
    assert public.stat().st_mode & 0o077 == 0


def test_an_audience_that_the_agreement_does_not_know_is_refused(copy: Mission, tmp_path: Path) -> None:
    with pytest.raises(RejectedInput, match="it knows: public"):
        disclose(copy, "friends", tmp_path / "out")
    assert not list(tmp_path.glob("*out*"))


def test_a_pack_without_a_rule_for_the_public_shows_it_the_public_tier(tmp_path: Path) -> None:
    pack = shutil.copytree(PACKS / "easter-truce-2025", tmp_path / "pack")
    text = (pack / "agreement.yaml").read_text().replace("audience: public", "audience: commission")
    (pack / "agreement.yaml").write_text(text)
    made = init_mission(pack, tmp_path / "m", clock=CLOCK, entropy=entropy(5))
    summary = disclose(made, "public", tmp_path / "out")
    assert (summary.manifest.tiers, summary.manifest.delay_hours) == ((Tier.PUBLIC,), 0)
    made.close()


def test_rows_with_exact_places_are_withheld_whole_where_the_rule_gives_none(tmp_path: Path) -> None:
    made = init_mission(PACKS / "minsk", tmp_path / "m", clock=CLOCK, entropy=entropy(6))
    ingest(made, ROOT / "examples" / "minsk" / "observations.jsonl", "smm")
    run(made)
    summary = disclose(made, "public", tmp_path / "out")
    index = index_of(made, "observations")
    assert index in summary.manifest.coarsened
    with open_disclosure(tmp_path / "out") as opened, made.store.read() as transaction:
        shown = opened.opening(index, Tier.PUBLIC)
        leaf = parse_leaf(transaction.leaves(index, index + 1)[0], "leaf")
        assert shown is not None
        assert {item for item in shown.items if item is not None} <= {NOTHING}
        assert tier_root(shown) == leaf.commitments["public"]
    report = audit(made.folder / "log", tmp_path / "out")
    assert report.sound
    assert "no exact places" in ground(report, "release", Verdict.NOT_SEEN)
    assert verdicts(report, "run") == {Verdict.NOT_SEEN}
    made.close()


def test_late_records_are_left_out_and_counted(tmp_path: Path, make_table: MakeTable) -> None:
    made = init_mission(PACKS / "paris-2026", tmp_path / "m", clock=CLOCK, entropy=entropy(7))
    records = mission_status(made).tree_size
    made.close()
    later = FixedClock(CLOCK.instant + timedelta(hours=20))
    made = open_mission(tmp_path / "m", clock=later, entropy=entropy(8))
    ingest(made, make_table([row(1)]), "table")
    summary = disclose(made, "parties", tmp_path / "out")  # a delay of six hours
    assert summary.manifest.delayed == (*range(records, summary.manifest.size),)
    report = audit(made.folder / "log", tmp_path / "out")
    assert report.sound
    assert "2 records are left out" in ground(report, "release", Verdict.NOT_SEEN)
    made.close()


def test_a_delay_that_the_agreement_does_not_know_differs(copy: Mission, public: Path) -> None:
    def excuse(members: Members) -> None:
        manifest = Manifest.model_validate_json(members[MANIFEST])
        other = manifest.model_copy(update={"delay_hours": 9, "delayed": (3,)})
        members[MANIFEST] = canonical(other.model_dump(mode="json"))
        members.pop(member_name(3, Tier.PUBLIC))

    report = audit(copy.folder / "log", repacked(public, excuse))
    assert "another rule" in ground(report, "release", Verdict.DIFFERS)
    assert "record 3 " in ground(report, "release", Verdict.DIFFERS)


def write_zip(path: Path, members: list[tuple[str, bytes]], compression: int = zipfile.ZIP_STORED) -> Path:
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, content in members:
            archive.writestr(zipfile.ZipInfo(name), content, compression)
    return path


@pytest.mark.parametrize("name", [
    "../escape", "/etc/passwd", "openings/../manifest.json", "openings/1.public", "openings/00000001.secret",
    "openings/00000001.public/", "notes.txt", "openings/", "openings/\u0660\u0661.public",
    "openings/-1.public",
])  # fmt: skip
def test_a_name_that_a_disclosure_does_not_have_is_refused(name: str, copy: Mission, public: Path) -> None:
    path = write_zip(public.with_name("bad"), [*members_of(public).items(), (name, b"x")])
    with pytest.raises(RejectedInput, match="not a sound disclosure"):
        audit(copy.folder / "log", path)


def test_a_name_that_hides_its_end_behind_a_zero_byte_is_refused(copy: Mission, public: Path) -> None:
    path = write_zip(
        public.with_name("bad"), [*members_of(public).items(), ("openings/00000009.public-x", b"x")]
    )
    path.write_bytes(path.read_bytes().replace(b".public-x", b".public\0x"))
    with pytest.raises(RejectedInput, match="not the name"):
        audit(copy.folder / "log", path)


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_member_that_is_there_twice_is_refused(copy: Mission, public: Path) -> None:
    members = list(members_of(public).items())
    with pytest.raises(RejectedInput, match="is there twice"):
        audit(copy.folder / "log", write_zip(public.with_name("bad"), [*members, members[0]]))


def test_a_compressed_member_is_refused_before_it_is_unpacked(copy: Mission, public: Path) -> None:
    members = {**members_of(public), member_name(1, Tier.PUBLIC): bytes(50_000_000)}
    bomb = write_zip(public.with_name("bad"), list(members.items()), zipfile.ZIP_DEFLATED)
    with pytest.raises(RejectedInput, match="compressed"):
        audit(copy.folder / "log", bomb)


def test_an_opening_that_announces_too_much_is_refused_before_it_is_unpacked(
    copy: Mission, public: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(_packed: bytes) -> None:
        raise AssertionError

    monkeypatch.setattr("truceline.mission.audit.disclosure_file.opening_from_bytes", never)
    name, length = member_name(0, Tier.PUBLIC), 1 << 29
    packed = b"truceline/opening/v1\n" + (1).to_bytes(4, "big") + length.to_bytes(8, "big") + bytes(32)
    bomb = repacked(public, lambda members: members.update({name: packed + zlib.compress(bytes(1000))}))
    with pytest.raises(RejectedInput, match="unpacks to more"):
        audit(copy.folder / "log", bomb)


@pytest.mark.parametrize("manifest", [
    b"", b"{}", b"[]", b"null", b"\xff", b"[" * 100_000,
    b'{"format":"truceline/disclosure/v2"}',
])  # fmt: skip
def test_a_manifest_of_another_form_is_refused(manifest: bytes, copy: Mission, public: Path) -> None:
    with pytest.raises(RejectedInput, match="manifest"):
        audit(copy.folder / "log", repacked(public, lambda members: members.update({MANIFEST: manifest})))


@pytest.mark.parametrize("change", [
    lambda text: text.replace(b'"audience":', b'"audience": '),
    lambda text: text.replace(b'"size":', b'"size":1'),
    lambda text: text.replace(b'{"audience"', b'{"a":1,"audience"'),
    lambda text: text.replace(b'"exercise":false', b'"exercise":0'),
])  # fmt: skip
def test_a_manifest_has_one_spelling_and_fits_its_checkpoint(
    change: Callable[[bytes], bytes], copy: Mission, public: Path
) -> None:
    def alter(members: Members) -> None:
        assert change(members[MANIFEST]) != members[MANIFEST]
        members[MANIFEST] = change(members[MANIFEST])

    with pytest.raises(RejectedInput, match="manifest"):
        audit(copy.folder / "log", repacked(public, alter))


def test_a_file_without_a_manifest_or_that_is_no_zip_is_refused(copy: Mission, public: Path) -> None:
    for content in (b"", b"PK", public.read_bytes()[:-30], public.read_bytes()[2000:]):
        path = public.with_name("bad")
        path.write_bytes(content)
        with pytest.raises(RejectedInput):
            audit(copy.folder / "log", path)
    with pytest.raises(RejectedInput, match="is missing"):
        audit(copy.folder / "log", write_zip(public.with_name("bad"), []))
    with pytest.raises(RejectedInput):
        audit(copy.folder / "log", public.with_name("nowhere"))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_disclosure_with_any_bytes_changed_is_refused_or_read_and_never_a_crash(
    data: st.DataObject, public: Path
) -> None:
    content = bytearray(public.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        # The frame is at the end of the file: half of the changes go there.
        lowest = data.draw(st.sampled_from([0, len(content) - 1500]))
        content[data.draw(st.integers(lowest, len(content) - 1))] = data.draw(st.integers(0, 255))
    path = public.with_name("fuzzed")
    path.write_bytes(bytes(content))
    try:
        with open_disclosure(path) as opened:
            for index, tier in opened.held:
                opened.opening(index, tier)
    except RejectedInput:
        pass
