# SPDX-License-Identifier: Apache-2.0
"""Passkeys: a challenge counts once and for one thing, and what does not hold opens nothing."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.access.device import PRESENT, Device
from tests.mission.procedural import MovingClock, valley_mission
from tests.service.people import ADMINISTRATOR, PASSWORD, code, enter, token_of

from truceline.access import Desk, Role, Visitor, Visits
from truceline.access.ceremony import Place, place_of, read_new, read_signed
from truceline.access.keyring import MOST, Keyring
from truceline.access.pending import Pending, Purpose
from truceline.errors import RejectedInput, RuleViolation
from truceline.storage.accounts import AccountStore

ORIGIN = "https://mission.example"
BROWSER = "the digest of a browser's secret"


@pytest.fixture
def clock() -> MovingClock:
    return MovingClock()


@pytest.fixture
def keyring(tmp_path: Path, clock: MovingClock) -> Iterator[Keyring]:
    mission = valley_mission(tmp_path / "mission", clock)
    made = Keyring(Desk(mission, AccountStore(mission.folder)), place_of(ORIGIN))
    yield made
    made.desk.store.close()
    mission.close()


@pytest.fixture
def device(keyring: Keyring) -> Device:
    """Return the device of the duty officer, who entered with a passkey alone."""
    made = Device(ORIGIN)
    invitation = keyring.desk.invite(ADMINISTRATOR, "duty", "Duty", Role.DUTY_OFFICER, "")
    keyring.enter(invitation, made.make(keyring.begin_entry(invitation)), "Telephone")
    return made


def signed_in(keyring: Keyring, device: Device) -> Visitor:
    session = keyring.sign_in(BROWSER, device.sign(keyring.begin_sign_in(BROWSER)))
    visitor = keyring.desk.visitor_of_session(session)
    assert visitor is not None
    return visitor


def test_a_passkey_is_a_way_in_without_a_password(keyring: Keyring, device: Device) -> None:
    account = signed_in(keyring, device).account
    assert account is not None
    assert (account.person, account.entered) == ("duty", True)
    assert [one.label for one in keyring.passkeys("duty")] == ["Telephone"]
    with pytest.raises(RuleViolation, match="name, the password or the code"):
        keyring.desk.sign_in("duty", "", "000000")


def test_an_administrator_who_has_a_passkey_alone_has_entered(keyring: Keyring) -> None:
    invitation = keyring.desk.first_invitation()
    assert invitation is not None
    device = Device(ORIGIN)
    keyring.enter(invitation, device.make(keyring.begin_entry(invitation)), "")
    assert keyring.desk.first_invitation() is None


def test_an_invitation_opens_once(keyring: Keyring) -> None:
    invitation = keyring.desk.invite(ADMINISTRATOR, "other", "Other", Role.ANALYST, "")
    first, second = keyring.begin_entry(invitation), keyring.begin_entry(invitation)
    keyring.enter(invitation, Device(ORIGIN, credential=b"one").make(first), "")
    with pytest.raises(RejectedInput, match="is used"):
        keyring.enter(invitation, Device(ORIGIN, credential=b"two").make(second), "")
    assert len(keyring.passkeys("other")) == 1


def test_an_answer_counts_once(keyring: Keyring, device: Device) -> None:
    answer = device.sign(keyring.begin_sign_in(BROWSER))
    keyring.sign_in(BROWSER, answer)
    with pytest.raises(RuleViolation, match="answered before"):
        keyring.sign_in(BROWSER, answer)


def test_a_challenge_that_was_answered_wrongly_is_used_up(keyring: Keyring, device: Device) -> None:
    asked = keyring.begin_sign_in(BROWSER)
    device.flags = PRESENT
    with pytest.raises(RuleViolation, match="does not hold"):
        keyring.sign_in(BROWSER, device.sign(asked))
    device.flags = Device(ORIGIN).flags
    with pytest.raises(RuleViolation, match="answered before"):
        keyring.sign_in(BROWSER, device.sign(asked))


def test_a_challenge_runs_out(keyring: Keyring, device: Device, clock: MovingClock) -> None:
    asked = keyring.begin_sign_in(BROWSER)
    clock.wait(minutes=9, seconds=59)
    keyring.sign_in(BROWSER, device.sign(asked))
    asked = keyring.begin_sign_in(BROWSER)
    clock.wait(minutes=10)
    with pytest.raises(RuleViolation, match="took too long"):
        keyring.sign_in(BROWSER, device.sign(asked))


def test_a_challenge_counts_for_the_browser_to_which_it_was_put(keyring: Keyring, device: Device) -> None:
    with pytest.raises(RuleViolation, match="begun elsewhere"):
        keyring.sign_in("another browser", device.sign(keyring.begin_sign_in(BROWSER)))


def test_a_challenge_counts_for_what_it_was_put_for(
    keyring: Keyring, device: Device, clock: MovingClock
) -> None:
    visitor, other = signed_in(keyring, device), enter(keyring.desk, clock, "other", Role.ANALYST)
    invitation = keyring.desk.invite(ADMINISTRATOR, "third", "Third", Role.ANALYST, "")
    theirs = keyring.desk.visitor_of_session(other.session)
    assert theirs is not None
    new = Device(ORIGIN, credential=b"new")
    # Put to one session, answered in another; put for an account, answered for an invitation.
    with pytest.raises(RuleViolation, match="begun elsewhere"):
        keyring.add(theirs, new.make(keyring.begin_adding(visitor)), "")
    with pytest.raises(RuleViolation, match="begun elsewhere"):
        keyring.enter(invitation, new.make(keyring.begin_adding(visitor)), "")
    with pytest.raises(RuleViolation, match="begun elsewhere"):
        keyring.add(visitor, new.make(keyring.begin_entry(invitation)), "")
    assert keyring.passkeys("other") == keyring.passkeys("third") == []
    assert len(keyring.passkeys("duty")) == 1


def test_what_an_organisation_was_asked_with_is_no_challenge(keyring: Keyring, device: Device) -> None:
    state = Pending(keyring.desk).begin(Purpose.ASK_ORGANISATION, BROWSER)
    asked = json.loads(keyring.begin_sign_in(BROWSER)) | {"challenge": state}
    with pytest.raises(RuleViolation, match="begun elsewhere"):
        keyring.sign_in(BROWSER, device.sign(json.dumps(asked)))


MISBEHAVIOURS: dict[str, Callable[[Device], None]] = {
    "another origin": lambda one: setattr(one, "origin", "https://mission.example.evil.example"),
    "another port": lambda one: setattr(one, "origin", f"{ORIGIN}:8443"),
    "without TLS": lambda one: setattr(one, "origin", "http://mission.example"),
    "user not verified": lambda one: setattr(one, "flags", PRESENT),
    "user not there": lambda one: setattr(one, "flags", 0x04),
    "within another's page": lambda one: setattr(one, "cross_origin", True),
}


@pytest.mark.parametrize("fault", MISBEHAVIOURS)
def test_what_does_not_hold_opens_nothing(keyring: Keyring, device: Device, fault: str) -> None:
    visitor = signed_in(keyring, device)
    MISBEHAVIOURS[fault](device)
    with pytest.raises(RuleViolation, match="does not hold"):
        keyring.sign_in(BROWSER, device.sign(keyring.begin_sign_in(BROWSER)))
    new = Device(ORIGIN, credential=b"new")
    MISBEHAVIOURS[fault](new)
    with pytest.raises(RuleViolation, match="does not hold"):
        keyring.add(visitor, new.make(keyring.begin_adding(visitor)), "")
    assert len(keyring.passkeys("duty")) == 1


def test_another_place_does_not_hold(keyring: Keyring, device: Device) -> None:
    asked = json.loads(keyring.begin_sign_in(BROWSER)) | {"rpId": "evil.example"}
    with pytest.raises(RuleViolation, match="does not hold"):
        keyring.sign_in(BROWSER, device.sign(json.dumps(asked)))


def test_another_key_under_a_known_name_does_not_hold(keyring: Keyring, device: Device) -> None:
    forged = Device(ORIGIN, counter=50, handle=device.handle)
    assert forged.credential == device.credential
    with pytest.raises(RuleViolation, match="does not hold"):
        keyring.sign_in(BROWSER, forged.sign(keyring.begin_sign_in(BROWSER)))


@pytest.mark.parametrize("handle", ["", "AAAA"])
def test_a_passkey_that_names_another_owner_opens_nothing(
    keyring: Keyring, device: Device, handle: str
) -> None:
    device.handle = handle
    with pytest.raises(RuleViolation, match="opens nothing"):
        keyring.sign_in(BROWSER, device.sign(keyring.begin_sign_in(BROWSER)))


def test_a_counter_that_went_back_is_refused_by_name_and_noted(
    keyring: Keyring, device: Device, clock: MovingClock
) -> None:
    device.counter = 7
    signed_in(keyring, device)
    for counter in (7, 2):  # the copy's counter: once the same, once lower
        device.counter = counter - device.step + (counter == 7)
        with pytest.raises(RuleViolation, match="counter went back"):
            keyring.sign_in(BROWSER, device.sign(keyring.begin_sign_in(BROWSER)))
    noted = Visits(keyring.desk.store, clock).latest()
    assert [(one.person, one.path) for one in noted] == [("duty", "a passkey whose counter went back")] * 2
    device.counter = 8
    signed_in(keyring, device)


def test_a_passkey_that_does_not_count_is_taken(keyring: Keyring) -> None:
    device = Device(ORIGIN, step=0)
    invitation = keyring.desk.invite(ADMINISTRATOR, "duty", "Duty", Role.DUTY_OFFICER, "")
    keyring.enter(invitation, device.make(keyring.begin_entry(invitation)), "")
    signed_in(keyring, device)
    signed_in(keyring, device)


def test_nobody_removes_their_last_way_in(keyring: Keyring, device: Device) -> None:
    visitor = signed_in(keyring, device)
    (first,) = keyring.passkeys("duty")
    with pytest.raises(RuleViolation, match="only way in"):
        keyring.end(visitor, first.credential)
    second = Device(ORIGIN, credential=b"second")
    asked = keyring.begin_adding(visitor)
    assert [one["id"] for one in json.loads(asked)["excludeCredentials"]] == [first.credential]
    keyring.add(visitor, second.make(asked), "Key on a string")
    keyring.end(visitor, first.credential)
    assert [one.label for one in keyring.passkeys("duty")] == ["Key on a string"]
    with pytest.raises(RuleViolation, match="opens nothing"):
        signed_in(keyring, device)
    signed_in(keyring, second)


def test_a_password_is_another_way_in(keyring: Keyring, clock: MovingClock) -> None:
    person = enter(keyring.desk, clock, "duty", Role.DUTY_OFFICER)
    visitor = keyring.desk.visitor_of_session(person.session)
    assert visitor is not None
    keyring.add(visitor, Device(ORIGIN).make(keyring.begin_adding(visitor)), "")
    (only,) = keyring.passkeys("duty")
    keyring.end(visitor, only.credential)
    assert keyring.passkeys("duty") == []
    clock.wait(minutes=1)
    keyring.desk.sign_in("duty", PASSWORD, code(person.totp, clock))


@pytest.mark.usefixtures("device")
def test_nobody_removes_anothers(keyring: Keyring, clock: MovingClock) -> None:
    other = keyring.desk.visitor_of_session(enter(keyring.desk, clock, "other", Role.ANALYST).session)
    assert other is not None
    (one,) = keyring.passkeys("duty")
    keyring.end(other, one.credential)
    assert keyring.passkeys("duty") == [one]


def test_a_token_keeps_no_passkeys(keyring: Keyring, clock: MovingClock) -> None:
    token = token_of(keyring.desk, enter(keyring.desk, clock, "duty", Role.DUTY_OFFICER))
    visitor = keyring.desk.visitor_of_token(token)
    assert visitor is not None
    with pytest.raises(RuleViolation, match="not by tokens"):
        keyring.begin_adding(visitor)


def test_an_account_has_so_many_at_most(keyring: Keyring, device: Device) -> None:
    visitor = signed_in(keyring, device)
    for number in range(MOST - 1):
        made = Device(ORIGIN, credential=b"credential %d" % number).make(keyring.begin_adding(visitor))
        keyring.add(visitor, made, "")
    with pytest.raises(RuleViolation, match="at most"):
        keyring.begin_adding(visitor)


@pytest.mark.usefixtures("device")
def test_a_passkey_is_kept_once(keyring: Keyring, clock: MovingClock) -> None:
    other = keyring.desk.visitor_of_session(enter(keyring.desk, clock, "other", Role.ANALYST).session)
    assert other is not None
    with pytest.raises(RuleViolation, match="known here already"):
        keyring.add(other, Device(ORIGIN).make(keyring.begin_adding(other)), "")


@pytest.mark.parametrize("ended", ["renewed", "closed"])
def test_a_renewed_link_and_a_closing_end_passkeys(keyring: Keyring, device: Device, ended: str) -> None:
    asked = keyring.begin_sign_in(BROWSER)
    if ended == "renewed":
        keyring.desk.renew("duty")
    else:
        keyring.desk.close(ADMINISTRATOR, "duty")
    with pytest.raises(RuleViolation, match="opens nothing"):
        keyring.sign_in(BROWSER, device.sign(asked))
    account = keyring.desk.account("duty")
    assert account is not None
    assert not account.entered


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("https://mission.example", Place("mission.example", "https://mission.example")),
        ("https://Mission.Example:443", Place("mission.example", "https://mission.example")),
        ("https://mission.example:8443", Place("mission.example", "https://mission.example:8443")),
        ("http://localhost:8000", Place("localhost", "http://localhost:8000")),
        ("http://mission.example", None),
        ("http://127.0.0.1:8000", None),
        ("https://192.0.2.7", None),
        ("https://[2001:db8::1]", None),
    ],
)
def test_where_browsers_know_passkeys(address: str, place: Place | None) -> None:
    assert place_of(address) == place


def test_a_service_without_a_place_says_so(keyring: Keyring) -> None:
    bare = Keyring(keyring.desk, None)
    with pytest.raises(RuleViolation, match="no passkeys at this service's address"):
        bare.begin_sign_in(BROWSER)


@given(text=st.one_of(st.text(max_size=200), st.just("[" * 15_000)))
def test_an_answer_that_is_none_is_refused(text: str) -> None:
    for read in (read_new, read_signed):
        with pytest.raises(RuleViolation, match="does not hold"):
            read(text)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(
    part=st.sampled_from(["clientDataJSON", "authenticatorData", "signature", "userHandle"]),
    place=st.integers(0, 1000),
    turned=st.sampled_from("AZaz09-_"),
)
def test_an_answer_with_a_letter_turned_opens_nothing(
    keyring: Keyring, device: Device, part: str, place: int, turned: str
) -> None:
    answer = json.loads(device.sign(keyring.begin_sign_in(BROWSER)))
    text = answer["response"][part]
    place %= len(text) - 1  # some bits of the last letter stand for nothing
    turned = "B" if turned == text[place] else turned
    answer["response"][part] = text[:place] + turned + text[place + 1 :]
    with pytest.raises(RuleViolation):
        keyring.sign_in(BROWSER, json.dumps(answer))
