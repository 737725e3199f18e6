# SPDX-License-Identifier: Apache-2.0
"""What an operator may log or erase, and what the audit makes of it."""

from __future__ import annotations

import base64
import dataclasses
import json
import shutil
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
from tests.mission.made import CLOCK, PACKS, MakeTable, entropy, row

from truceline.evidence import (
    NOTHING,
    SigningKey,
    fields_payload,
    opening_from_bytes,
    opening_to_bytes,
    withhold,
)
from truceline.mission import Mission, ingest, init_mission, open_mission, run
from truceline.mission.audit.checks import audit
from truceline.mission.audit.disclosed import Verdict
from truceline.mission.audit.disclosure import disclose, member_name
from truceline.mission.erasure.erase import erase
from truceline.mission.erasure.erased import Erasure
from truceline.mission.ledger import Draft
from truceline.vocabulary import Tier

SECOND = SigningKey.generate(entropy(9))


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


def test_an_erased_row_is_explained_and_a_run_without_it_reproduces(copy: Mission) -> None:
    name = str(index_of(copy, "observations"))
    erase(copy, name, authority="registrar", ground="at request", second=SECOND, tier=Tier.PUBLIC, row=3)
    run(copy)
    report = given_to(copy, "public")
    assert report.sound
    assert verdicts(report, "erasures") == {Verdict.HOLDS}
    assert name in ground(report, "release", Verdict.NOT_SEEN)
    assert "1 of the 463 rows" in ground(report, "run", Verdict.NOT_SEEN)
    assert "without 1 rows erased before it" in ground(report, "run", Verdict.HOLDS)


def test_more_rows_shut_than_were_erased_differ(copy: Mission, tmp_path: Path) -> None:
    index = index_of(copy, "observations")
    erase(copy, str(index), authority="registrar", ground="x", second=SECOND, tier=Tier.PUBLIC, row=3)
    disclose(copy, "public", tmp_path / "out")

    def shut(members: Members) -> None:
        name = member_name(index, Tier.PUBLIC)
        members[name] = opening_to_bytes(withhold(opening_from_bytes(members[name]), [4]))

    report = audit(copy.folder / "log", repacked(tmp_path / "out", shut))
    assert "2 of 463 items shut" in ground(report, "release", Verdict.DIFFERS)


def test_an_erasure_by_one_person_alone_explains_nothing(copy: Mission, public: Path) -> None:
    with copy.store.read() as transaction:
        found = transaction.latest("observations")
    assert found is not None
    alone = Erasure(
        copy.settings.origin, found.record_id, found.leaf_index, (Tier.PUBLIC,), None, "registrar", "x",
        copy.ledger.author.author, SECOND.author,
    )  # fmt: skip
    fields = fields_payload(
        {Tier.PUBLIC: {**alone.fields(), "signature": base64.b64encode(bytes(64)).decode()}}
    )
    with copy.ledger.writing() as writer:
        writer.append(Draft("erasure", fields, refs=(found.record_id,)), rows=[])
    disclose(copy, "public", public)
    name = member_name(found.leaf_index, Tier.PUBLIC)
    report = audit(copy.folder / "log", repacked(public, lambda members: without(members, name)))
    assert "second person's signature" in ground(report, "erasures", Verdict.DIFFERS)
    assert f"record {found.leaf_index} " in ground(report, "release", Verdict.DIFFERS)


def test_a_row_that_stands_in_two_tiers_differs(closed: Mission) -> None:
    with closed.store.read() as transaction:
        found = transaction.latest("observations")
    assert found is not None
    (item, *_) = closed.ledger.openings(found)[Tier.COMMISSION].items
    assert item is not None
    for payload in ({Tier.PUBLIC: [item], Tier.COMMISSION: [item]}, {Tier.PUBLIC: [NOTHING]}):
        with closed.ledger.writing() as writer:
            writer.append(Draft("observations", payload), rows=[])
    grounds = ground(given_to(closed, "commission"), "rows", Verdict.DIFFERS)
    assert "stands in several tiers" in grounds
    assert "empty in every tier" in grounds


def test_one_id_with_two_contents_differs(closed: Mission) -> None:
    with closed.store.read() as transaction:
        found = transaction.latest("observations")
    assert found is not None
    (item, *_) = closed.ledger.openings(found)[Tier.COMMISSION].items
    assert item is not None
    other = item.replace(b'"artillery"', b'"mortar"')
    for again in (item, other):
        with closed.ledger.writing() as writer:
            writer.append(Draft("observations", {Tier.COMMISSION: [again]}), rows=[])
    assert [check.name for check in given_to(closed, "commission").differing] == ["rows"]


@pytest.mark.parametrize("kind", ["observations", "run", "agreement", "import", "erasure"])
@pytest.mark.parametrize("item", [b"[]", b"0", b'{"name":[],"value":1}', b'{"name":"tree_size"}', b"NaN",
                                  b'{"name":"a","value":' + b"[" * 5000 + b"]" * 5000 + b"}"])  # fmt: skip
def test_nonsense_that_the_operator_logged_is_reported_and_never_a_crash(
    kind: str, item: bytes, mission: Mission
) -> None:
    with mission.ledger.writing() as writer:
        writer.append(Draft(kind, {Tier.PUBLIC: [item]}), rows=[])
    path = mission.folder.parent / "out.disclosure"
    disclose(mission, "public", path)
    assert not audit(mission.folder / "log", path).sound


@pytest.mark.parametrize("change", [
    {"received_at": "2025-04-20T06:00:00"}, {"count": {"maximum": 2**70, "minimum": 1, "qualifier": "exact"}},
    {"count": {"maximum": 4, "minimum": -4, "qualifier": "exact"}}, {"place": "here"},
    {"when": {"start": "2025-04-20T06:00:00Z", "end": "2025-04-20T05:00:00Z"}},
])  # fmt: skip
def test_a_row_that_no_intake_takes_is_reported_and_not_computed_with(
    change: dict[str, object], closed: Mission
) -> None:
    with closed.store.read() as transaction:
        found = transaction.latest("observations")
    assert found is not None
    (item, *_) = closed.ledger.openings(found)[Tier.COMMISSION].items
    hostile = json.dumps({**json.loads(item or b""), "observation_id": "other", **change}).encode()
    with closed.ledger.writing() as writer:
        index = writer.append(Draft("observations", {Tier.COMMISSION: [hostile]}), rows=[])
    with closed.store.read() as transaction:
        head = transaction.head()
    assert head is not None
    record_run(closed, dataclasses.replace(last(closed), tree_size=head.tree_size, root=head.root))
    report = given_to(closed, "commission")
    assert f"record {index} " in ground(report, "rows", Verdict.DIFFERS)
    assert "1 of the 41 rows" in ground(report, "run", Verdict.NOT_SEEN)
