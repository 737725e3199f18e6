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

from collections.abc import Callable, Iterator, Mapping, Sequence

from truceline.agreement import Agreement, Rule
from truceline.ceasefire.standing import AmendAgreement
from truceline.errors import Fault, RejectedInput
from truceline.evidence import JSON, SigningKey, fields_payload
from truceline.mechanism import STEPS, Mechanism, take
from truceline.mission.devices.enrolment import State, author_events, holding_of, standing_of
from truceline.mission.ledger import Draft, Writer
from truceline.mission.mission import Mission, require_read_models
from truceline.mission.replaying import agreements, as_committed
from truceline.mission.reviewing import grounded
from truceline.procedure import Entry, Step, Who, decode, encode, filled, forbidden, tiers_of
from truceline.storage import Transaction
from truceline.vocabulary import Tier

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
    for step in steps:
        _require_alone(step)
    with mission.ledger.writing() as writer:
        state = as_committed(mission, writer.transaction)
        return [entry for entry, _ in _acting(mission, writer, state, who, steps, key)]


def would_take(mission: Mission, who: Who, step: Step, *, key: SigningKey | None = None) -> Entry:
    """Tell what ``act`` would record, by the same checks; nothing is recorded, and nobody is kept waiting.

    Args:
        mission: Where.
        who: The person, in which capacity and on whose behalf.
        step: What would be done.
        key: The person's own key, enrolled for them; None: the operator would sign for them.

    Returns:
        The entry as it would now be recorded.

    Raises:
        RejectedInput: Something in the step is missing or malformed.
        RuleViolation: The step is forbidden.
        StorageFailure: The mission cannot be read.
    """
    require_read_models(mission)
    mission.ledger.require_reconciled()
    _require_alone(step)
    with mission.store.read() as transaction:
        head, agreement_at = transaction.head(), agreements(mission, transaction)
        state = as_committed(mission, transaction)
        index = 0 if head is None else head.tree_size
        entry, _, _ = _checked(mission, transaction, agreement_at, index, state, who, step, key)
        return entry


def append_act(
    mission: Mission, writer: Writer, state: Mechanism, who: Who, step: Step, *, key: SigningKey | None = None
) -> tuple[Entry, Mechanism]:
    """Take a step inside a change that is under way; return its entry and the state after it."""
    return next(_acting(mission, writer, state, who, [step], key))


def _acting(
    mission: Mission,
    writer: Writer,
    state: Mechanism,
    who: Who,
    steps: Sequence[Step],
    key: SigningKey | None,
) -> Iterator[tuple[Entry, Mechanism]]:
    agreement_at = agreements(mission, writer.transaction)
    for step in steps:
        entry, state, draft = _checked(
            mission, writer.transaction, agreement_at, writer.next_index, state, who, step, key
        )
        writer.append(draft, key=key, made_at=entry.at)
        yield entry, state


def _checked(
    mission: Mission,
    transaction: Transaction,
    agreement_at: Callable[[int], Agreement],
    leaf_index: int,
    state: Mechanism,
    given_by: Who,
    given: Step,
    key: SigningKey | None,
) -> tuple[Entry, Mechanism, Draft]:
    """Return a step's entry, the state after it, and its record to be; see ``act`` for what it raises."""
    step, who = _settled(grounded(mission, transaction, state.review, given), given_by)
    entry = Entry(leaf_index, mission.ledger.clock.now(), who, step, key is not None)
    agreement = agreement_at(leaf_index)
    if key is not None:
        _require_own_key(mission, transaction, entry, key, agreement)
    return entry, take(state, entry, agreement), Draft(step.kind, fields_payload(_stated(step, who)))


def _require_alone(step: Step) -> None:
    """Refuse a step that means nothing without the record that comes with it.

    Raises:
        RejectedInput: It amends the agreement, and its pack is not here.
    """
    if isinstance(step, AmendAgreement):
        raise RejectedInput(
            "An amendment is recorded together with the agreement as amended: truceline amend.",
            [Fault(step.name, "pack", "is not given")],
        )


def _stated(step: Step, who: Who) -> dict[Tier, dict[str, JSON]]:
    """Return what a record of a step states; sealed steps of a kind cannot be told apart by their size."""
    if step.tier is not Tier.SEALED:
        return encode(step, who)
    return filled(step, who, max(len(tiers_of(one)) for one in STEPS.values() if one.kind == step.kind))


def _settled(step: Step, who: Who) -> tuple[Step, Who]:
    """Return a step and who takes it as they will be read again.

    Raises:
        RejectedInput: Something in it is missing, malformed or too long.
    """
    fields = {name: value for held in encode(step, who).values() for name, value in held.items()}
    faults = [
        Fault(step.name, path, f"has more than {LONGEST_TEXT:,} characters; attach it as evidence")
        for path, text in _texts("", fields)
        if len(text) > LONGEST_TEXT
    ]
    if not who.person.strip():
        faults.append(Fault(step.name, "person", "say who takes the step"))
    if faults:
        raise RejectedInput("The step cannot be taken as entered.", faults)
    return decode(STEPS, fields, step.name)


def _texts(path: str, value: JSON) -> Iterator[tuple[str, str]]:
    """Yield every text in a value, and the path to it."""
    below = f"{path}." if path else ""
    match value:
        case str():
            yield path, value
        case Mapping():
            for name, held in value.items():
                yield from _texts(f"{below}{name}", held)
        case list():
            for at, held in enumerate(value):
                yield from _texts(f"{below}{at}", held)


def _require_own_key(
    mission: Mission, transaction: Transaction, entry: Entry, key: SigningKey, agreement: Agreement
) -> None:
    events = author_events(transaction, mission.ledger)
    standing, holding = standing_of(key.author, entry.at, events), holding_of(key.author, events)
    if standing.state is not State.VALID or holding is None or holding.holder != entry.who.person:
        raise forbidden(
            agreement,
            Rule.OWN_SIGNATURE,
            f"The key {key.author} is not valid here for {entry.who.person}; enrol it for that person first.",
        )
