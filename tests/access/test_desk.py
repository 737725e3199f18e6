# SPDX-License-Identifier: Apache-2.0
"""Invitations open once, codes count once, and a closed account has nothing left."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.mission.procedural import MovingClock, valley_mission
from tests.service.people import ADMINISTRATOR, PASSWORD, accepted, code, enter, token_of

from truceline.access import Desk, Permission, Role
from truceline.errors import RejectedInput, RuleViolation
from truceline.mission import verify_mission
from truceline.mission.fold import fields_of
from truceline.storage.accounts import AccountStore


@pytest.fixture
def clock() -> MovingClock:
    return MovingClock()


@pytest.fixture
def desk(tmp_path: Path, clock: MovingClock) -> Iterator[Desk]:
    mission = valley_mission(tmp_path / "mission", clock)
    made = Desk(mission, AccountStore(mission.folder))
    yield made
    made.store.close()
    mission.close()


def test_the_first_start_invites_an_administrator_until_one_has_entered(
    desk: Desk, clock: MovingClock
) -> None:
    first = desk.first_invitation()
    again = desk.first_invitation()
    assert first is not None
    assert again is not None
    assert desk.welcome(first) is None  # the newer link counts, the older one no more
    accepted(desk, clock, again)
    assert desk.first_invitation() is None
    assert len(desk.accounts()) == 1


def test_an_invitation_opens_once(desk: Desk, clock: MovingClock) -> None:
    invitation = desk.invite(ADMINISTRATOR, "duty", "Duty", Role.DUTY_OFFICER, "")
    accepted(desk, clock, invitation)
    assert desk.welcome(invitation) is None
    with pytest.raises(RejectedInput, match="is used"):
        desk.accept(invitation, PASSWORD, "000000")


def test_an_invitation_runs_out(desk: Desk, clock: MovingClock) -> None:
    invitation = desk.invite(ADMINISTRATOR, "duty", "Duty", Role.DUTY_OFFICER, "")
    clock.wait(days=3)
    assert desk.welcome(invitation) is None


def test_a_code_counts_once(desk: Desk, clock: MovingClock) -> None:
    person = enter(desk, clock, "duty", Role.DUTY_OFFICER)
    clock.wait(minutes=1)
    now = code(person.totp, clock)
    desk.sign_in("duty", PASSWORD, now)
    with pytest.raises(RuleViolation):
        desk.sign_in("duty", PASSWORD, now)


@pytest.mark.parametrize(
    ("name", "password"), [("duty", "not the password"), ("nobody", PASSWORD), ("duty", "")]
)
def test_what_is_wrong_is_not_said(desk: Desk, clock: MovingClock, name: str, password: str) -> None:
    person = enter(desk, clock, "duty", Role.DUTY_OFFICER)
    clock.wait(minutes=1)
    with pytest.raises(RuleViolation) as refused:
        desk.sign_in(name, password, code(person.totp, clock))
    with pytest.raises(RuleViolation) as other:
        desk.sign_in("duty", PASSWORD, "123 456")
    assert str(refused.value) == str(other.value)


def test_a_session_lasts_twelve_hours(desk: Desk, clock: MovingClock) -> None:
    person = enter(desk, clock, "duty", Role.DUTY_OFFICER)
    clock.wait(hours=11, minutes=59)
    assert desk.visitor_of_session(person.session) is not None
    clock.wait(minutes=1)
    assert desk.visitor_of_session(person.session) is None


def test_a_closed_account_has_no_session_and_no_token_left(desk: Desk, clock: MovingClock) -> None:
    person = enter(desk, clock, "duty", Role.DUTY_OFFICER)
    token = token_of(desk, person)
    assert desk.visitor_of_token(token) is not None
    desk.close(ADMINISTRATOR, "duty")
    assert desk.visitor_of_session(person.session) is None
    assert desk.visitor_of_token(token) is None
    clock.wait(minutes=1)
    with pytest.raises(RuleViolation):
        desk.sign_in("duty", PASSWORD, code(person.totp, clock))


def test_nobody_closes_their_own_account(desk: Desk, clock: MovingClock) -> None:
    person = enter(desk, clock, "other-admin", Role.ADMINISTRATOR)
    visitor = desk.visitor_of_session(person.session)
    assert visitor is not None
    with pytest.raises(RuleViolation):
        desk.close(visitor, "other-admin")


def test_a_token_opens_no_more_than_its_scopes(desk: Desk, clock: MovingClock) -> None:
    person = enter(desk, clock, "duty", Role.DUTY_OFFICER)
    visitor = desk.visitor_of_session(person.session)
    assert visitor is not None
    found = desk.visitor_of_token(desk.make_token(visitor, "reader", [Permission.READ]))
    assert found is not None
    assert found.may(Permission.READ)
    assert not found.may(Permission.TAKE_STEPS)
    with pytest.raises(RejectedInput):
        desk.make_token(visitor, "too much", [Permission.MANAGE_PEOPLE])


@pytest.mark.parametrize(
    ("person", "role", "of"),
    [
        ("Duty", Role.DUTY_OFFICER, ""),
        ("x", Role.DUTY_OFFICER, ""),
        ("duty", Role.DUTY_OFFICER, "A"),
        ("liaison", Role.LIAISON, ""),
        ("liaison", Role.LIAISON, "nowhere"),
        ("public", Role.PUBLIC, ""),
    ],
)
def test_an_account_that_does_not_fit_is_refused_and_nothing_recorded(
    desk: Desk, person: str, role: Role, of: str
) -> None:
    with pytest.raises(RejectedInput):
        desk.invite(ADMINISTRATOR, person, "Somebody", role, of)
    assert desk.accounts() == []
    with desk.mission.store.read() as transaction:
        assert list(transaction.records_of(["access"])) == []


def test_grants_are_in_the_log_and_secrets_are_not(desk: Desk, clock: MovingClock) -> None:
    enter(desk, clock, "liaison", Role.LIAISON, "A")
    desk.close(ADMINISTRATOR, "liaison")
    with desk.mission.store.read() as transaction:
        stated = [
            fields_of(desk.mission.ledger.open_payload(row)) for row in transaction.records_of(["access"])
        ]
    assert [(one["action"], one["role"], one["of"]) for one in stated] == [
        ("granted", "party liaison", "A"),
        ("closed", "party liaison", "A"),
    ]
    assert set(stated[0]) == {"action", "person", "role", "of", "by"}
    verify_mission(desk.mission)


def test_the_file_of_accounts_is_its_owners_alone_and_holds_no_password(
    desk: Desk, clock: MovingClock
) -> None:
    person = enter(desk, clock, "duty", Role.DUTY_OFFICER)
    path = desk.mission.folder / "accounts.db"
    assert path.stat().st_mode & 0o077 == 0
    held = b"".join(one.read_bytes() for one in desk.mission.folder.glob("accounts.db*"))
    assert PASSWORD.encode() not in held
    assert person.session.encode() not in held
