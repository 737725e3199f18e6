# SPDX-License-Identifier: Apache-2.0
"""A witness at work: its folder, and the HTTP server that answers add-checkpoint.

Invariants:

- the new state is on the disk before its cosignature leaves (tlog-witness, "The witness
  MUST persist the new checkpoint before responding");
- comparing and keeping are one step: one lock within the program, one on the folder
  against a second program.

Key and state lie in one folder, so that they are lost together: a witness that has lost
its state must be retired with its key, never started again from nothing.
"""

from __future__ import annotations

import fcntl
import hashlib
from collections.abc import Callable, Sequence
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Lock

from truceline.clock import Clock
from truceline.errors import Fault, RejectedInput, StorageFailure
from truceline.evidence.cosignature import cosigner_key
from truceline.evidence.publish import write_whole
from truceline.evidence.signing import Entropy, SigningKey
from truceline.evidence.verify.cosignature import parse_cosigner_key
from truceline.evidence.verify.errors import VerificationError
from truceline.evidence.verify.note import (
    MAX_NOTE,
    Checkpoint,
    VerifierKey,
    parse_checkpoint,
    parse_note,
    parse_verifier_key,
)
from truceline.evidence.verify.tiles import read_file
from truceline.evidence.witness import (
    ADD_CHECKPOINT,
    MAX_REQUEST,
    Response,
    Witness,
    add_checkpoint,
    parse_submission,
)

KEY_FILE = "witness.pem"
NAME_FILE = "name.txt"
SEEN = "seen"
DISPUTED = "disputed"


def make_witness(folder: Path, name: str, entropy: Entropy) -> str:
    """Make a witness's folder with a new key, and return its verifier key.

    Args:
        folder: New, or empty.
        name: How the witness is called, like ``witness.example/north``: no spaces, no plus signs.
        entropy: What the key is made from.

    Raises:
        RejectedInput: The folder holds something, or the name does not fit a verifier key.
        StorageFailure: The folder cannot be written.
    """
    key = SigningKey.generate(entropy)
    try:
        parse_cosigner_key(cosigner_key(name, key))
    except (VerificationError, UnicodeEncodeError):
        raise RejectedInput(
            "A witness's name has no spaces and no plus signs; take a web address without https://.",
            [Fault("witness init", "name", "does not fit a verifier key", ascii(name))],
        ) from None
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise RejectedInput(f"{folder} is not empty; a witness needs a folder of its own.")
        key.save(folder / KEY_FILE)
        write_whole(folder, NAME_FILE, f"{name}\n".encode())
    except OSError as error:
        raise StorageFailure(f"The witness's folder {folder} cannot be written: {error}.") from error
    return cosigner_key(name, key)


class Desk:
    """An open witness: answers one request after another, and keeps what it has cosigned."""

    def __init__(self, folder: Path, log_keys: Sequence[str], clock: Clock) -> None:
        """Open the folder that ``make_witness`` made.

        Args:
            folder: The witness's folder; no other program may have it open.
            log_keys: The verifier keys of the logs to witness.
            clock: Gives the time of cosigning.

        Raises:
            RejectedInput: The folder is no witness's.
            VerificationError: A log's key is malformed.
            StorageFailure: The folder is in use, or the key cannot be read.
        """
        if not (folder / NAME_FILE).is_file():
            raise RejectedInput(f"{folder} is not a witness; make one with: truceline witness init {folder}")
        logs: dict[str, list[VerifierKey]] = {}
        for text in log_keys:
            key = parse_verifier_key(text, "log key")
            logs.setdefault(key.name, []).append(key)
        name = read_file(folder / NAME_FILE, 1024).decode().removesuffix("\n")
        self.witness = Witness(name, SigningKey.load(folder / KEY_FILE), logs)
        self._folder, self._clock, self._one_at_a_time = folder, clock, Lock()
        self._held = (folder / ".witness").open("wb")
        try:
            fcntl.flock(self._held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._held.close()
            raise StorageFailure(f"Another program is serving the witness in {folder}.") from None

    def close(self) -> None:
        """Let go of the folder."""
        self._held.close()

    def last(self, origin: str) -> Checkpoint | None:
        """Return the last checkpoint cosigned of a log, or None.

        Raises:
            StorageFailure: It was kept, and cannot be read.
        """
        path = self._folder / self._seen(origin)
        if not path.exists():
            return None
        try:
            checkpoint = parse_checkpoint(parse_note(read_file(path, MAX_NOTE), str(path)), str(path))
        except VerificationError as error:
            raise StorageFailure(f"What this witness last saw of {origin} is damaged. {error}") from error
        if checkpoint.origin != origin:
            raise StorageFailure(f"{path} is of the log {checkpoint.origin}, not {origin}.")
        return checkpoint

    def answer(self, body: bytes) -> Response:
        """Decide on an add-checkpoint request, keep what must be kept, and return the answer.

        Raises:
            StorageFailure: The state cannot be read or kept; nothing was cosigned.
        """
        try:
            submission = parse_submission(body)
        except VerificationError as error:
            return Response(HTTPStatus.BAD_REQUEST, f"{error.what}\n".encode())
        origin = submission.checkpoint.origin
        with self._one_at_a_time:
            decision = add_checkpoint(self.witness, submission, self.last(origin), self._clock.now())
            try:
                if decision.keep is not None:
                    write_whole(self._folder, self._seen(origin), decision.keep)
                if decision.disputed is not None:
                    # Named by the text, so that one checkpoint is kept once, however often it comes.
                    digest = hashlib.sha256(submission.note.text.encode()).hexdigest()
                    write_whole(self._folder, f"{DISPUTED}/{digest}.checkpoint", decision.disputed)
            except OSError as error:
                raise StorageFailure(f"The witness could not keep the checkpoint: {error}.") from error
        return decision.response

    @staticmethod
    def _seen(origin: str) -> str:
        # An origin is no file name; its digest is.
        return f"{SEEN}/{hashlib.sha256(origin.encode()).hexdigest()}.checkpoint"


class WitnessServer(ThreadingHTTPServer):
    """Answers ``POST /add-checkpoint`` at a desk; each request has a thread, the desk one lock."""

    daemon_threads = True

    def __init__(self, address: tuple[str, int], desk: Desk, report: Callable[[str], None]) -> None:
        """Listen.

        Args:
            address: Host and port; port 0: any that is free.
            desk: Who decides.
            report: Is told each answer in a line.

        Raises:
            StorageFailure: The address cannot be listened on.
        """
        self.desk, self.report = desk, report
        try:
            super().__init__(address, _Handler)
        except OSError as error:
            raise StorageFailure(f"Cannot listen on {address[0]}:{address[1]}: {error.strerror}.") from error


class _Handler(BaseHTTPRequestHandler):
    """Speaks HTTP for the desk."""

    server: WitnessServer
    protocol_version = "HTTP/1.1"
    server_version = "truceline-witness"
    sys_version = ""
    timeout = 20
    """Seconds after which a silent client is let go."""

    def do_POST(self) -> None:
        """Answer one request."""
        length = self.headers.get("Content-Length", "")
        if self.path != f"/{ADD_CHECKPOINT}":
            self._refuse(HTTPStatus.NOT_FOUND, "This witness answers POST /add-checkpoint.")
        elif not (length.isascii() and length.isdecimal()):
            self._refuse(HTTPStatus.LENGTH_REQUIRED, "Send a Content-Length.")
        elif len(length) > 9 or int(length) > MAX_REQUEST:
            self._refuse(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "This is longer than a request can be.")
        else:
            self._answer(self.rfile.read(int(length)))

    def _answer(self, body: bytes) -> None:
        try:
            response = self.server.desk.answer(body)
        except StorageFailure as error:
            # The edge of the program: the operator of the witness sees why, the log only that.
            self.server.report(str(error))
            self._refuse(HTTPStatus.INTERNAL_SERVER_ERROR, "This witness cannot keep its state.")
        else:
            self._send(response)

    def _refuse(self, status: HTTPStatus, sentence: str) -> None:
        # What was sent stays unread, so the connection cannot be used again.
        self.close_connection = True
        self._send(Response(status, f"{sentence}\n".encode()))

    def _send(self, response: Response) -> None:
        self.send_response(response.status)
        self.send_header("Content-Type", response.content_type)
        self.send_header("Content-Length", str(len(response.body)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(response.body)

    def log_message(self, form: str, *values: object) -> None:
        """Tell each answer in a line."""
        self.server.report(f"{self.address_string()} {form % values}")
