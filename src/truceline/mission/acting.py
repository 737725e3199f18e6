# SPDX-License-Identifier: Apache-2.0
"""Taking a step of procedure, and telling how the mechanism stands.

Every use case of commission, parties, guarantees, coalition, force, support, state and
arrangements is one call: ``act(mission, who, step)``.  The step is checked against
everything recorded before it, inside the transaction that records it; what is refused
leaves nothing behind.

Invariants: what is recorded was allowed when it was recorded; what is read is a fold over
the records; a step under a person's own key is signed by a key that is enrolled for that
person, and no other.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence

from truceline.agreement import Agreement, Rule, load_files
from truceline.errors import Fault, RejectedInput, StorageFailure
from truceline.evidence import SigningKey, fields_payload, parse_leaf
from truceline.mechanism import STEPS, Mechanism, replay, take
from truceline.mission.devices.enrolment import State, author_events, holding_of, standing_of
from truceline.mission.fold import fields_of
from truceline.mission.ledger import Draft, Writer
from truceline.mission.mission import Mission, require_read_models
from truceline.procedure import Entry, Step, Who, decode, encode, forbidden
from truceline.storage import Transaction

LONGEST_TEXT = 20_000
"""Characters of one text in a step; longer accounts come as evidence."""


def act(mission: Mission, who: Who, step: Step, *, key: SigningKey | None = None) -> Entry:
    """Take a step: check it against all that was recorded, and record it.

    Args:
        mission: Where.
        who: The person, in which capacity and on whose behalf.
        step: What is done.
        key: The person's own key, enrolled for them; None: the operator signs for them.

    Returns:
        The entry as recorded.

    Raises:
        RejectedInput: Something in the step is missing or malformed.
        RuleViolation: The step is forbidden; nothing was recorded.
        StorageFailure: The mission cannot be read or written to; nothing was recorded.
    """
    return act_all(mission, who, [step], key=key)[0]


def act_all(
    mission: Mission, who: Who, steps: Sequence[Step], *, key: SigningKey | None = None
) -> list[Entry]:
    """Take several steps in their order, all or none; see ``act``."""
    require_read_models(mission)
    with mission.ledger.writing() as writer:
        agreement_at = agreements(mission, writer.transaction)
        state = replay(_entries(mission, writer.transaction), agreement_at)
        return [entry for entry, _ in _acting(mission, writer, state, who, steps, key)]


def append_act(
    mission: Mission, writer: Writer, state: Mechanism, who: Who, step: Step, *, key: SigningKey | None = None
) -> tuple[Entry, Mechanism]:
    """Take a step inside a change that is under way; return its entry and the state after it."""
    return next(_acting(mission, writer, state, who, [step], key))


def mechanism(mission: Mission) -> Mechanism:
    """Return how the mechanism stands, all of it: what a reader may see of it is ``procedure.sight``'s.

    Raises:
        StorageFailure: A step cannot be read, for want of a tier's key or for damage.
    """
    require_read_models(mission)
    with mission.store.read() as transaction:
        return mechanism_in(mission, transaction)


def mechanism_in(mission: Mission, transaction: Transaction) -> Mechanism:
    """Return how the mechanism stands in a transaction that is under way; see ``mechanism``."""
    return replay(_entries(mission, transaction), agreements(mission, transaction))


def agreements(mission: Mission, transaction: Transaction) -> Callable[[int], Agreement]:
    """Return a function from a leaf index to the agreement, as amended, that it falls under."""
    held: list[tuple[int, Agreement]] = []
    for row in transaction.records_of(["agreement"]):
        files = {
            name: str(content).encode()
            for name, content in fields_of(mission.ledger.open_payload(row)).items()
        }
        same = dict(mission.agreement.files) == files
        held.append((row.leaf_index, mission.agreement if same else load_files(files)))

    def at(leaf_index: int) -> Agreement:
        return [agreement for index, agreement in held if index < max(leaf_index, held[0][0] + 1)][-1]

    return at


def _acting(
    mission: Mission,
    writer: Writer,
    state: Mechanism,
    who: Who,
    steps: Sequence[Step],
    key: SigningKey | None,
) -> Iterator[tuple[Entry, Mechanism]]:
    agreement_at = agreements(mission, writer.transaction)
    for given in steps:
        step, who = _settled(given, who)
        entry = Entry(writer.next_index, mission.ledger.clock.now(), who, step, key is not None)
        agreement = agreement_at(entry.leaf_index)
        if key is not None:
            _require_own_key(mission, writer, entry, key, agreement)
        state = take(state, entry, agreement)
        writer.append(Draft(step.kind, fields_payload(encode(step, who))), key=key, made_at=entry.at)
        yield entry, state


def _settled(step: Step, who: Who) -> tuple[Step, Who]:
    """Return a step and who takes it as they will be read again.

    Raises:
        RejectedInput: Something in it is missing, malformed or too long.
    """
    fields = {name: value for held in encode(step, who).values() for name, value in held.items()}
    faults = [
        Fault(step.name, name, f"has more than {LONGEST_TEXT:,} characters; attach it as evidence")
        for name, value in fields.items()
        if isinstance(value, str) and len(value) > LONGEST_TEXT
    ]
    if not who.person.strip():
        faults.append(Fault(step.name, "person", "say who takes the step"))
    if faults:
        raise RejectedInput("The step cannot be taken as entered.", faults)
    return decode(STEPS, fields, step.name)


def _require_own_key(
    mission: Mission, writer: Writer, entry: Entry, key: SigningKey, agreement: Agreement
) -> None:
    events = author_events(writer.transaction, mission.ledger)
    standing, holding = standing_of(key.author, entry.at, events), holding_of(key.author, events)
    if standing.state is not State.VALID or holding is None or holding.holder != entry.who.person:
        raise forbidden(
            agreement,
            Rule.OWN_SIGNATURE,
            f"The key {key.author} is not valid here for {entry.who.person}; enrol it for that person first.",
        )


def _entries(mission: Mission, transaction: Transaction) -> Iterator[Entry]:
    """Yield every recorded step.

    Raises:
        StorageFailure: One cannot be read.
    """
    operator = mission.ledger.author.author
    for index, leaf_bytes, body in transaction.acts():
        leaf = parse_leaf(leaf_bytes, f"record {index}")
        try:
            step, who = decode(STEPS, json.loads(body), f"record {index}")
        except RejectedInput as error:
            raise StorageFailure(
                f"The step in record {index} cannot be read: {error} A tier's key may not be here "
                "(truceline log verify says which); without it nobody can tell how the mechanism stands."
            ) from error
        yield Entry(index, leaf.made_at, who, step, leaf.author != operator)
