# SPDX-License-Identifier: Apache-2.0
"""Opens a mission and wires its rooms together.

A mission is a folder (design, "A mission folder").  Opening one reads the agreement
from its own records, not from the copy beside them, so that what is shown is what
was recorded.

A mission whose keys were destroyed opens too, to be read: with what is left of its keys,
after whatever is left of their destruction has been carried out (``evacuation``).
"""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from truceline.agreement import Agreement, Gazetteer, load_files, load_pack
from truceline.clock import Clock, SystemClock
from truceline.errors import Fault, MechanismError, RejectedInput, StorageFailure
from truceline.evidence import JSON, Entropy, SigningKey, VerificationError, fields_payload
from truceline.mechanism import Mechanism
from truceline.mission.evacuation.retired import read_destruction
from truceline.mission.evacuation.shutting import complete, is_emptied
from truceline.mission.fold import FOLD_VERSION, fields_of
from truceline.mission.ledger import Draft, Ledger
from truceline.mission.sealing import TIER_KEYS, load_tier_keys, make_tier_keys
from truceline.mission.settings import FILE_NAME, MISSION_ID, MissionSettings, read_settings
from truceline.storage import (
    Database,
    DatabaseAddress,
    RecordRow,
    Store,
    Transaction,
    Vault,
    check_url,
    database_of,
    made,
    schema_name,
    write_durably,
)
from truceline.vocabulary import Tier


@dataclass(slots=True)
class Replayed:
    """How the mechanism stood at a head of the log (tree size, root), for who asks next (``replaying``)."""

    held: tuple[int, bytes, Mechanism] | None = None


@dataclass(frozen=True, slots=True)
class Mission:
    """A mission that is open."""

    folder: Path
    settings: MissionSettings
    agreement: Agreement
    gazetteer: Gazetteer
    ledger: Ledger
    replayed: Replayed = field(default_factory=Replayed, repr=False, compare=False)

    @property
    def store(self) -> Store:
        """Its database."""
        return self.ledger.store

    def close(self) -> None:
        """Let go of its files."""
        self.store.close()


def init_mission(
    pack: Path,
    folder: Path,
    *,
    mission_id: str | None = None,
    exercise: bool = False,
    database_url: str | None = None,
    clock: Clock | None = None,
    entropy: Entropy = os.urandom,
) -> Mission:
    """Make a mission under the agreement in ``pack``.

    The folder appears whole or not at all: it is built beside its place and moved.

    Args:
        pack: The agreement pack's folder.
        folder: The new mission's.
        mission_id: What it is called; None: as the pack is.
        exercise: For training.
        database_url: The PostgreSQL server that its records go to, without a password; it gets
            a schema of its own there.  None: they go to a file in its folder.
        clock: Tells the time.
        entropy: Gives random bytes.

    Raises:
        RejectedInput: The pack or the URL has faults, or the folder is not free.
        StorageFailure: The database cannot be made.
    """
    if database_url is not None:
        check_url(database_url, "init")
    agreement = load_pack(pack)
    folder = folder.resolve()
    if folder.exists() and any(folder.iterdir()):
        raise RejectedInput(
            f"{folder} is not empty; a mission needs a folder of its own.",
            [Fault(str(folder), "folder", "already holds files")],
        )
    name = mission_id or agreement.agreement_id
    if MISSION_ID.fullmatch(name) is None:
        raise RejectedInput(
            "A mission's id has lower-case letters, digits and hyphens, at most 63.",
            [Fault("init", "mission_id", "not such an id", name)],
        )
    suffix = entropy(4).hex()
    address = None if database_url is None else DatabaseAddress(database_url, schema_name(name, suffix))
    # Every checkpoint, and so every proof of a record, begins with the origin: an exercise's says so.
    origin = f"truceline/{'EXERCISE/' if exercise else ''}{name}/{suffix}"
    settings = MissionSettings(name, origin, exercise, address)
    building = folder.with_name(f".{folder.name}.building")
    if building.exists():
        raise RejectedInput(
            f"{building} is left from an earlier attempt that was cut off; remove it and try again.",
            [Fault(str(building), "folder", "already there")],
        )
    try:
        building.mkdir(parents=True)
        with made(mission_database(building, settings)):
            ledger = _found(building, agreement, settings, clock or SystemClock(), entropy)
            ledger.store.close()
            if folder.exists():
                folder.rmdir()
            building.rename(folder)
    except BaseException:
        shutil.rmtree(building, ignore_errors=True)
        raise
    return open_mission(folder, clock=clock, entropy=entropy)


def _found(
    building: Path, agreement: Agreement, settings: MissionSettings, clock: Clock, entropy: Entropy
) -> Ledger:
    """Make the files of a new mission, with its first records."""
    (building / "keys").mkdir()
    (building / "keys").chmod(0o700)
    for file_name, content in agreement.files:
        write_durably(building / "agreement" / file_name, content)
    SigningKey.generate(entropy).save(building / "keys" / "author.pem")
    SigningKey.generate(entropy).save(building / "keys" / "log.pem")
    write_durably(building / FILE_NAME, settings.to_toml().encode())
    ledger = _ledger(building, settings, clock, entropy)
    with ledger.writing() as writer:
        writer.transaction.recreate_read_models(FOLD_VERSION)
        holder: dict[str, JSON] = {
            "author": ledger.author.author,
            "holder": "operator",
            "mission": settings.mission_id,
            "exercise": settings.exercise,
        }
        writer.append(Draft("enrolment", fields_payload({Tier.PUBLIC: holder})))
        writer.append(agreement_record(agreement))
        tier_keys = make_tier_keys(building / "keys", entropy)
        writer.append(Draft(TIER_KEYS, fields_payload({Tier.PUBLIC: tier_keys})))
    return ledger


def agreement_record(agreement: Agreement) -> Draft:
    """Return the record of an agreement: the pack's files, for everybody to read."""
    files: dict[str, JSON] = {file_name: content.decode("utf-8") for file_name, content in agreement.files}
    return Draft("agreement", fields_payload({Tier.PUBLIC: files}))


def open_mission(folder: Path, *, clock: Clock | None = None, entropy: Entropy = os.urandom) -> Mission:
    """Open the mission in ``folder``.

    Raises:
        RejectedInput: There is no mission there.
        StorageFailure: Its record is broken, or its read models are of another
            version and must be rebuilt.
    """
    settings = read_settings(folder)
    ledger = _ledger(folder, settings, clock or SystemClock(), entropy)
    ledger.finish_erasures()
    with ledger.store.read() as transaction:
        row, founding = transaction.latest("agreement"), transaction.record_at(0)
        known = transaction.last_author_seq(ledger.author.author) > 0
    _check_founding(ledger, founding, settings)
    if not known:
        raise StorageFailure(
            f"The key in {folder / 'keys' / 'author.pem'} has written nothing in this mission: "
            "it is not the operator's. Put the right key back."
        )
    if row is None:
        raise StorageFailure(f"The mission {folder.name} records no agreement: restore it from a backup.")
    fields = fields_of(ledger.open_payload(row))
    agreement = load_files({name: str(content).encode() for name, content in fields.items()})
    mission = Mission(folder, settings, agreement, Gazetteer.load(agreement.places), ledger)
    if is_emptied(ledger):
        _refill(mission)
    return mission


def mission_database(folder: Path, settings: MissionSettings) -> Database:
    """Return the database that a mission's settings name; nothing is opened yet.

    Args:
        folder: The mission's.
        settings: As read from it.

    Raises:
        StorageFailure: What speaks to the server is not installed.
    """
    return database_of(folder, settings.database, settings.origin)


def _refill(mission: Mission) -> None:
    """Make the read models again after the keys were destroyed and the rest was cut off.

    Where the record is damaged they stay empty, which every reader of them says, and
    ``truceline rebuild`` says why: what is whole of such a mission must still open.
    """
    # Imported late, for it stands on what is opened here.
    from truceline.mission.upkeep import rebuild

    with suppress(MechanismError, VerificationError):
        rebuild(mission)


def _check_founding(ledger: Ledger, row: RecordRow | None, settings: MissionSettings) -> None:
    """Check that the settings say of the mission what its first record does.

    Raises:
        StorageFailure: They do not: an exercise must not pass for a mission, nor one for another.
    """
    stated = {} if row is None else fields_of(ledger.open_payload(row))
    if (stated.get("mission"), stated.get("exercise")) != (settings.mission_id, settings.exercise):
        raise StorageFailure(
            f"{FILE_NAME} says another id, or another word on being an exercise, than the mission's first "
            f"record: {stated.get('mission')}, exercise {stated.get('exercise')}. Correct {FILE_NAME}."
        )


def _ledger(folder: Path, settings: MissionSettings, clock: Clock, entropy: Entropy) -> Ledger:
    """Return a mission's ledger, with its keys or with what is left of them.

    Raises:
        StorageFailure: A key cannot be read, or not be destroyed as was recorded.
    """
    store, vault, keys = Store(mission_database(folder, settings)), Vault(folder / "vault"), folder / "keys"
    destruction = read_destruction(store, vault, settings.origin)
    if destruction is None:
        author, log_key = SigningKey.load(keys / "author.pem"), SigningKey.load(keys / "log.pem")
    else:
        author, log_key = destruction.author, destruction.log_key
    ledger = Ledger(
        folder=folder,
        store=store,
        vault=vault,
        author=author,
        log_key=log_key,
        origin=settings.origin,
        clock=clock,
        entropy=entropy,
    )
    if destruction is not None:
        complete(ledger, destruction)
    return replace(ledger, tier_keys=load_tier_keys(keys, store, vault, author.author))


def require_read_models(mission: Mission) -> None:
    """Refuse to go on with read models that another version of the fold filled.

    Raises:
        StorageFailure: They must be rebuilt first.
    """
    with mission.store.read() as transaction:
        require_current(transaction, mission)


def require_current(transaction: Transaction, mission: Mission) -> None:
    """Refuse to go on in a transaction with such read models; see ``require_read_models``."""
    if transaction.fold_version() != FOLD_VERSION:
        raise StorageFailure(
            "The mission's read models were made by another version of Truceline. "
            f"Nothing is lost; run: truceline rebuild {mission.folder}"
        )
