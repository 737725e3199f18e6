# SPDX-License-Identifier: Apache-2.0
"""A device in the field: it signs statements where they are made, with no network and no mission.

A device is a folder: its key, the last number that it used, its name, and the latest
checkpoint of the log that it was shown.

Invariants:

- a number is on the disk as used before anything signed with it is: a crash skips a
  number, which shows as a gap, and never uses one twice, which would show as a fork;
- a checkpoint is believed only if the log's own key signed it, and never an older one
  than the device has seen: ``seen_size`` does not go back.
"""

from __future__ import annotations

import fcntl
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from truceline.clock import Clock
from truceline.errors import Fault, RejectedInput, StorageFailure
from truceline.evidence import NOTHING, Entropy, Record, SigningKey, VerificationError, canonical, make_record
from truceline.evidence.submission import MAX_SUBMISSION, submission_to_bytes
from truceline.evidence.verify import Checkpoint, parse_verifier_key, verify_checkpoint
from truceline.evidence.verify.leaf import MAX_INTEGER, MAX_ITEMS
from truceline.evidence.verify.note import MAX_NOTE
from truceline.observation.codec import StatementKind, from_row, id_of, to_row
from truceline.storage import write_durably
from truceline.vocabulary import Tier

KEY, COUNTER, NAME, LOG_KEY, SEEN = "key.pem", "counter", "name", "log-key.txt", "seen.checkpoint"

_NUMBER = re.compile(rb"(0|[1-9][0-9]{0,15})\n")


@dataclass(frozen=True, slots=True)
class Device:
    """A device's folder, opened."""

    folder: Path
    name: str
    key: SigningKey

    @property
    def author(self) -> str:
        """The id under which it signs: what the mission enrols."""
        return self.key.author


def new_device(folder: Path, name: str, entropy: Entropy, log_key: str | None = None) -> Device:
    """Make a device: a key, and a counter that stands at 0.

    Args:
        folder: Where; a new folder, readable by its owner alone.
        name: What people call it.
        entropy: For the key.
        log_key: The verifier key of the log that it will sign for; None: told at each signing.

    Raises:
        RejectedInput: The folder is there already, or the name or the log's key is malformed.
    """
    if not name.strip() or not name.isprintable():
        raise RejectedInput(
            "A device needs a name that can be read.", [Fault("device", "name", "not such a name", name)]
        )
    if log_key is not None:
        _check_log_key(log_key)
    if folder.exists():
        raise RejectedInput(
            f"{folder} exists; a device needs a new folder, and a key is never overwritten.",
            [Fault(str(folder), "folder", "already there")],
        )
    folder.mkdir(parents=True, mode=0o700)
    if log_key is not None:
        write_durably(folder / LOG_KEY, f"{log_key}\n".encode())
    write_durably(folder / NAME, f"{name}\n".encode())
    write_durably(folder / COUNTER, b"0\n")
    key = SigningKey.generate(entropy)
    key.save(folder / KEY)
    return Device(folder, name, key)


def open_device(folder: Path) -> Device:
    """Open a device's folder.

    Raises:
        RejectedInput: There is no device there.
        StorageFailure: Its key cannot be used.
    """
    if not (folder / KEY).is_file():
        raise RejectedInput(
            f"{folder} is not a device: it has no {KEY}. Make one with: truceline device new DIR --name N"
        )
    return Device(
        folder, _read(folder / NAME).decode("utf-8", "replace").strip(), SigningKey.load(folder / KEY)
    )


def see(device: Device, checkpoint: Path | None, log_key: str | None = None) -> int:
    """Take note of a checkpoint and return its size: the ``seen_size`` of what is signed next.

    Args:
        device: Which device.
        checkpoint: The file; None: the latest that the device was shown.
        log_key: The log's verifier key; None: the one that the device was made with.

    Raises:
        RejectedInput: There is no checkpoint or no key to check it with, the key did not
            sign it, or it is older than one that the device has seen, or contradicts it.
    """
    kept = device.folder / SEEN
    key = _log_key(device, log_key)
    before = _verified(kept, key) if kept.exists() else None
    if checkpoint is None:
        if before is None:
            raise RejectedInput(
                "This device has seen no checkpoint yet; give it the log's latest with --seen."
            )
        return before.size
    now = _verified(checkpoint, key)
    if before is not None and (
        now.size < before.size or (now.size == before.size and now.root != before.root)
    ):
        raise RejectedInput(
            f"This checkpoint does not continue the one that the device has seen over {before.size} entries. "
            "Give it the latest. If this is the latest, keep both files: the log was cut back or shown in "
            "two versions.",
            [Fault(str(checkpoint), "size", f"covers {now.size} entries")],
        )
    if before is None or now.size > before.size:
        write_durably(kept, _read(checkpoint))
    return now.size


def sign(
    device: Device,
    kind: StatementKind,
    rows: list[bytes],
    *,
    tier: Tier,
    seen_size: int,
    out: Path,
    clock: Clock,
    entropy: Entropy,
) -> Record:
    """Sign statements as one record, and write it as a submission file.

    Args:
        device: Which device.
        kind: What sort of statements.
        rows: Each statement as a JSON object, as ``read_rows`` gives them.
        tier: Whom they may be released to.
        seen_size: The size of the latest checkpoint that the device was shown.
        out: The submission file; it must not be there yet.
        clock: The device's clock.
        entropy: For the record's id and salts.

    Raises:
        RejectedInput: A row is no such statement, or the file is there already.
        StorageFailure: The counter cannot be read or written.
    """
    payload = {tier: statement_items(kind, rows)}
    with _alone(device):
        if out.exists():
            raise RejectedInput(
                f"{out} exists; a submission is never overwritten.",
                [Fault(str(out), "file", "already there")],
            )
        number = read_counter(device) + 1
        record = make_record(
            kind,
            1,
            payload,
            key=device.key,
            author_seq=number,
            made_at=clock.now(),
            seen_size=seen_size,
            entropy=entropy,
        )
        data = submission_to_bytes(record)
        try:
            # The number is used up before what it stands on can leave: see the invariants above.
            write_durably(device.folder / COUNTER, f"{number}\n".encode())
            write_durably(out, data)
        except OSError as error:
            raise StorageFailure(
                f"The submission could not be written: {error}. Correct that and sign again; "
                f"the number {number} may be skipped by it, which harms nothing."
            ) from error
    return record


def read_rows(path: Path) -> list[bytes]:
    """Return the lines of a file of statements, one JSON object a line; empty lines do not count.

    Raises:
        RejectedInput: The file cannot be read, or is larger than a submission may be.
    """
    data = _read(path, MAX_SUBMISSION)
    return [line for line in data.split(b"\n") if line.strip()]


def statement_items(kind: StatementKind, rows: list[bytes]) -> tuple[bytes, ...]:
    """Return statements as the items of a record, each in its one spelling.

    Raises:
        RejectedInput: A row is not such a statement, an id stands twice, or there are
            none or too many; every fault is named.
    """
    if not 1 <= len(rows) <= MAX_ITEMS:
        raise RejectedInput(
            f"A record holds 1 to {MAX_ITEMS:,} statements; split or fill the file.",
            [Fault(kind, "rows", "too many or none", str(len(rows)))],
        )
    items: list[bytes] = []
    faults: list[Fault] = []
    ids: set[str] = set()
    for number, row in enumerate(rows, start=1):
        where = f"{kind} row {number}"
        try:
            statement = from_row(kind, row, where)
            item = canonical(to_row(statement))
        except RejectedInput as error:
            faults += error.faults or (Fault(where, "row", error.summary),)
            continue
        except OverflowError:  # a moment so near the year 1 or 9999 that it has no UTC
            faults.append(Fault(where, "when", "a moment that cannot be told in UTC"))
            continue
        if id_of(statement) in ids:
            faults.append(Fault(where, "id", "stands twice", id_of(statement)))
        if item == NOTHING:
            faults.append(Fault(where, "row", "says nothing"))
        ids.add(id_of(statement))
        items.append(item)
    if faults:
        raise RejectedInput("These statements cannot be signed or taken; correct the rows.", faults)
    return tuple(items)


def read_counter(device: Device) -> int:
    """Return the last number that the device used.

    Raises:
        StorageFailure: The counter is lost or damaged.  It is never guessed: a number
            used twice would make the device look like two.
    """
    path = device.folder / COUNTER
    data = path.read_bytes() if path.is_file() else b""
    if _NUMBER.fullmatch(data) is None or int(data) >= MAX_INTEGER:
        raise StorageFailure(
            f"{path} does not hold the last number that this device used. Do not guess it: "
            "make a new device, and have the mission rotate the old key to it."
        )
    return int(data)


@contextmanager
def _alone(device: Device) -> Iterator[None]:
    """Keep other programs from using the counter at the same time."""
    with (device.folder / ".lock").open("wb") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        yield


def _log_key(device: Device, log_key: str | None) -> str:
    path = device.folder / LOG_KEY
    pinned = _read(path).decode("ascii", "replace").strip() if path.exists() else None
    if log_key is not None and pinned is not None and log_key != pinned:
        raise RejectedInput(
            "This device was made for another log's key. Do not sign before you know why.",
            [Fault(str(path), "key", "differs from the one given", log_key)],
        )
    key = log_key or pinned
    if key is None:
        raise RejectedInput(
            "The checkpoint cannot be checked without the log's verifier key, had from elsewhere: give --key."
        )
    _check_log_key(key)
    return key


def _check_log_key(text: str) -> None:
    try:
        parse_verifier_key(text)
    except VerificationError as error:
        raise RejectedInput(
            "This is not a log's verifier key.", [Fault("device", "key", error.what, text)]
        ) from error


def _verified(path: Path, key: str) -> Checkpoint:
    try:
        return verify_checkpoint(_read(path), parse_verifier_key(key), str(path))
    except VerificationError as error:
        raise RejectedInput(
            "The checkpoint is not the log's word; nothing was signed.",
            [Fault(str(path), "checkpoint", error.what)],
        ) from error


def _read(path: Path, most: int = MAX_NOTE) -> bytes:
    try:
        with path.open("rb") as stream:
            data = stream.read(most + 1)
    except OSError as error:
        raise RejectedInput(
            f"{path} cannot be read: {error.strerror}.", [Fault(str(path), "file", str(error.strerror))]
        ) from error
    if len(data) > most:
        raise RejectedInput(f"{path} is too large.", [Fault(str(path), "size", f"more than {most:,} bytes")])
    return data
