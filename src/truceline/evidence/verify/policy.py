# SPDX-License-Identifier: Apache-2.0
"""Policies: which logs and witnesses count, and how many of them are enough.

Format: C2SP tlog-policy (draft).  A checkpoint is *attested* when a listed log signed
it and the quorum of witnesses cosigned it.  A witness that is missing is named, and
takes nothing away; one whose cosignature is forged is an error.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from .cosignature import parse_cosigner_key, verify_cosignatures
from .errors import VerificationError
from .note import (
    NOT_VOUCHED,
    SignedNote,
    VerifierKey,
    parse_checkpoint,
    parse_note,
    parse_verifier_key,
    verify_note,
)

MAX_POLICY = 1 << 18
NOBODY = "none"
BROKEN = "This policy cannot be used as it stands. Correct it, or get it again from those who agreed on it."

_FORBIDDEN = re.compile(rb"[\x00-\x08\x0b-\x1f\x7f]")
_WORD = re.compile(r"[^ \t]+")
_DECIMAL = re.compile(r"[1-9][0-9]{0,5}")


@dataclass(frozen=True, slots=True)
class PolicyLog:
    """A log that the policy accepts; its key's name is its origin."""

    key: VerifierKey
    url: str | None


@dataclass(frozen=True, slots=True)
class PolicyWitness:
    """A witness that the policy knows, by its name in the policy; ``url`` is its submission prefix."""

    name: str
    key: VerifierKey
    url: str | None


@dataclass(frozen=True, slots=True)
class Group:
    """So many of these members, each a witness or an earlier group, are enough."""

    name: str
    threshold: int
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy as read.  ``quorum`` names a witness or a group; None: nobody need cosign."""

    logs: tuple[PolicyLog, ...]
    witnesses: tuple[PolicyWitness, ...]
    groups: tuple[Group, ...]
    quorum: str | None

    def satisfied_by(self, names: Iterable[str]) -> bool:
        """Tell whether cosignatures by these witnesses meet the quorum."""
        met = set(names)
        for group in self.groups:  # members stand before the group, so one pass is enough
            if sum(member in met for member in group.members) >= group.threshold:
                met.add(group.name)
        return self.quorum is None or self.quorum in met


@dataclass(frozen=True, slots=True)
class Attestation:
    """How a checkpoint stands under a policy.

    Attributes:
        attested: Whether the quorum is met.
        by: Each witness that cosigned, and when, in the policy's order.
        missing: The witnesses that have not.
    """

    attested: bool
    by: tuple[tuple[str, datetime], ...]
    missing: tuple[str, ...]


def parse_policy(data: bytes, where: str = "policy") -> Policy:
    """Read a policy strictly.

    Raises:
        VerificationError: The first line that is not as tlog-policy asks.
    """
    # 1. Octets: tab, newline, and no other control character; every line ends ("Character set").
    if len(data) > MAX_POLICY or _FORBIDDEN.search(data) or not data.endswith(b"\n"):
        raise VerificationError(
            "The policy is too long, has control characters, or its last line does not end.",
            where=where,
            meaning=BROKEN,
        )
    # Octets from 0x80 are opaque: whatever they are, they come out as they went in.
    lines = data.decode("utf-8", "surrogateescape").removesuffix("\n").split("\n")
    reading = _Reading()
    for number, line in enumerate(lines, 1):
        words = _WORD.findall(line)
        if words and not words[0].startswith("#"):
            reading.take(words, f"{where} line {number}")
    # 4. Exactly one quorum line.
    if reading.quorum is None:
        raise VerificationError("The policy has no quorum line.", where=where, meaning=BROKEN)
    quorum = None if reading.quorum == NOBODY else reading.quorum
    return Policy(tuple(reading.logs), tuple(reading.witnesses), tuple(reading.groups), quorum)


class _Reading:
    """A policy in the reading, line by line."""

    def __init__(self) -> None:
        self.logs: list[PolicyLog] = []
        self.witnesses: list[PolicyWitness] = []
        self.groups: list[Group] = []
        self.quorum: str | None = None
        self._defined: set[str] = set()
        self._members: set[str] = set()

    def take(self, words: list[str], where: str) -> None:
        """Read one line that is neither empty nor a comment."""
        match words:
            case ["log", text, *url] if len(url) <= 1:
                self._add_log(text, url, where)
            case ["witness", name, text, *url] if len(url) <= 1:
                self._add_witness(name, text, url, where)
            case ["group", name, threshold, *members] if members:
                self._add_group(name, threshold, members, where)
            case ["quorum", name]:
                self._set_quorum(name, where)
            case _:
                raise _fault("This is no log, witness, group or quorum line.", where)

    def _define(self, name: str, where: str) -> None:
        if name == NOBODY or name in self._defined:
            raise _fault(f"The name {name!a} is taken.", where)
        self._defined.add(name)

    def _add_log(self, text: str, url: list[str], where: str) -> None:
        key = parse_verifier_key(text, where)
        if any(key.public == log.key.public for log in self.logs):
            raise _fault("This log's key stands in the policy already.", where)
        self.logs.append(PolicyLog(key, url[0] if url else None))

    def _add_witness(self, name: str, text: str, url: list[str], where: str) -> None:
        key = parse_cosigner_key(text, where)
        if any(key.public == witness.key.public for witness in self.witnesses):
            raise _fault("This witness's key stands in the policy already.", where)
        self._define(name, where)
        self.witnesses.append(PolicyWitness(name, key, url[0] if url else None))

    def _add_group(self, name: str, threshold: str, members: list[str], where: str) -> None:
        # 2. Members stand on earlier lines, and each counts in one group at most, once.
        for member in members:
            if member not in self._defined:
                raise _fault(f"The member {member!a} is not defined above.", where)
            if member in self._members:
                raise _fault(f"The member {member!a} is in a group already.", where)
            self._members.add(member)
        enough = {"any": 1, "all": len(members)}.get(threshold, 0)
        if _DECIMAL.fullmatch(threshold):
            enough = int(threshold)
        if not 1 <= enough <= len(members):
            raise _fault(f"How many of {len(members)} must be any, all, or 1 to {len(members)}.", where)
        self._define(name, where)
        self.groups.append(Group(name, enough, tuple(members)))

    def _set_quorum(self, name: str, where: str) -> None:
        # 3. The quorum stands on an earlier line too.
        if self.quorum is not None:
            raise _fault("The policy has more than one quorum line.", where)
        if name != NOBODY and name not in self._defined:
            raise _fault(f"The quorum {name!a} is not defined above.", where)
        self.quorum = name


def attestation(
    policy: Policy, data: bytes, where: str = "checkpoint", *, not_after: datetime | None = None
) -> Attestation:
    """Tell how a checkpoint stands under a policy.

    Args:
        policy: What was agreed.
        data: The checkpoint with its signature lines, byte for byte.
        where: Its place, for errors.
        not_after: Refuse cosignatures dated later; None: whatever their date.

    Raises:
        VerificationError: It is no checkpoint, no listed log signed it, or a known
            witness's cosignature on it does not verify.
    """
    note = parse_note(data, where)
    # 1. One of the logs signed it; a policy without logs leaves that to whoever knows the log.
    _verify_log(policy, note, where)
    # 2. Each witness that cosigned did so over this very text.
    found: Mapping[str, datetime | None] = {
        witness.name: verify_cosignatures(note, witness.key, where, not_after=not_after)
        for witness in policy.witnesses
    }
    # 3. The quorum.
    by = tuple((name, at) for name, at in found.items() if at is not None)
    missing = tuple(name for name, at in found.items() if at is None)
    return Attestation(policy.satisfied_by(name for name, _ in by), by, missing)


def verify_attested(
    policy: Policy, data: bytes, where: str = "checkpoint", *, not_after: datetime | None = None
) -> Attestation:
    """Check that a checkpoint is attested, and return by whom.

    Raises:
        VerificationError: As ``attestation``, or the quorum is not met.
    """
    found = attestation(policy, data, where, not_after=not_after)
    if not found.attested:
        raise VerificationError(
            f"The quorum {policy.quorum!a} is not met; cosignatures are missing by: "
            f"{', '.join(ascii(name) for name in found.missing)}.",
            where=where,
            meaning="Too few of the agreed witnesses say that everybody is shown this log. Ask the others.",
        )
    return found


def _verify_log(policy: Policy, note: SignedNote, where: str) -> None:
    """Check that a log of the policy signed the checkpoint, under its own origin."""
    origin = parse_checkpoint(note, where).origin
    own = [log.key for log in policy.logs if log.key.name == origin]
    if policy.logs and not own:
        raise VerificationError(
            f"The policy does not list the log {origin}.", where=where, meaning=NOT_VOUCHED
        )
    signed = {(name, identity) for name, identity, _ in note.signatures}
    # Of several keys one is enough, but each signature by a listed key must verify.
    for key in [key for key in own if (key.name, key.key_id) in signed] or own[:1]:
        verify_note(note, key, where)


def _fault(what: str, where: str) -> VerificationError:
    return VerificationError(what, where=where, meaning=BROKEN)
