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
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache

from truceline.agreement import Agreement, Gazetteer, Rule, load_files
from truceline.ceasefire.standing import AmendAgreement
from truceline.errors import Fault, RejectedInput, StorageFailure
from truceline.evidence import JSON, SigningKey, fields_payload, parse_leaf
from truceline.mechanism import STEPS, Mechanism, replay, take
from truceline.mission.devices.enrolment import State, author_events, holding_of, standing_of
from truceline.mission.evacuation.retired import RetiredKey
from truceline.mission.fold import fields_of
from truceline.mission.ledger import Draft, Writer
from truceline.mission.mission import Mission, require_read_models
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
        agreement_at = agreements(mission, writer.transaction)
        state = replay(_entries(mission, writer.transaction), agreement_at)
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
        state = replay(_entries(mission, transaction), agreement_at)
        index = 0 if head is None else head.tree_size
        entry, _, _ = _checked(mission, transaction, agreement_at, index, state, who, step, key)
        return entry


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
        held.append((row.leaf_index, mission.agreement if same else _loaded(tuple(files.items()))))

    def at(leaf_index: int) -> Agreement:
        return [agreement for index, agreement in held if index < max(leaf_index, held[0][0] + 1)][-1]

    return at


@lru_cache(maxsize=16)
def _loaded(files: tuple[tuple[str, bytes], ...]) -> Agreement:
    """Return an agreement as it was before an amendment; each is loaded once, not at every step."""
    return load_files(dict(files))


def mission_under(mission: Mission, transaction: Transaction, tree_size: int) -> Mission:
    """Return a mission under the agreement that was in force when the log had so many records.

    What a run judged, and what a report says of it, goes by that agreement, whatever was amended since.
    """
    agreement = agreements(mission, transaction)(tree_size)
    if agreement is mission.agreement:
        return mission
    same_places = agreement.places == mission.agreement.places
    gazetteer = mission.gazetteer if same_places else Gazetteer.load(agreement.places)
    return replace(mission, agreement=agreement, gazetteer=gazetteer)


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


def _entries(mission: Mission, transaction: Transaction) -> Iterator[Entry]:
    """Yield every recorded step.

    Raises:
        StorageFailure: One cannot be read.
        RuleViolation: One cannot be read, because the mission's keys were destroyed.
    """
    operator = mission.ledger.author.author
    for index, leaf_bytes, body in transaction.acts():
        leaf = parse_leaf(leaf_bytes, f"record {index}")
        try:
            step, who = decode(STEPS, json.loads(body), f"record {index}")
        except RejectedInput as error:
            if isinstance(mission.ledger.author, RetiredKey):
                raise mission.ledger.author.refusal() from error
            raise StorageFailure(
                f"The step in record {index} cannot be read: {error} A tier's key may not be here "
                "(truceline log verify says which); without it nobody can tell how the mechanism stands."
            ) from error
        yield Entry(index, leaf.made_at, who, step, leaf.author != operator)
