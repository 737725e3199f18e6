# SPDX-License-Identifier: Apache-2.0
"""Witnesses on a wire of our own, which may be cut, slow or lying: for tests alone."""

from __future__ import annotations

from pathlib import Path

from tests.mission.made import CLOCK

from truceline.clock import Clock
from truceline.evidence.witness_desk import Desk, make_witness
from truceline.mission import Mission
from truceline.mission.witnesses.posting import Post, Reply, Unreachable

NAMES = ("north", "south", "neutral")
QUORUM = "group parties any north south\ngroup enough all neutral parties\nquorum enough\n"


class Wire:
    """Three witnesses; ``instead`` answers in the place of one, by name."""

    def __init__(self, mission: Mission, folder: Path, clock: Clock = CLOCK) -> None:
        self.log_key = mission.ledger.log_key.verifier_key(mission.settings.origin)
        self.keys: dict[str, str] = {}
        self.desks: dict[str, Desk] = {}
        self.instead: dict[str, Post] = {}
        self.asked: list[str] = []
        for number, name in enumerate(NAMES, 2):
            self.keys[name] = make_witness(folder / name, f"witness.example/{name}", bytes([number]).__mul__)
            self.desks[name] = Desk(folder / name, [self.log_key], clock)

    def policy(self, quorum: str = QUORUM) -> str:
        lines = [f"witness {name} {key} http://{name}.example" for name, key in self.keys.items()]
        return "\n".join([f"log {self.log_key}", *lines, quorum])

    def __call__(self, url: str, content_type: str, body: bytes) -> Reply | Unreachable:
        name = url.removeprefix("http://").removesuffix(".example/add-checkpoint")
        self.asked.append(name)
        if name in self.instead:
            return self.instead[name](url, content_type, body)
        return self.honest(name, body)

    def honest(self, name: str, body: bytes) -> Reply:
        response = self.desks[name].answer(body)
        return Reply(response.status, response.content_type, response.body)

    def close(self) -> None:
        for desk in self.desks.values():
            desk.close()


def down(_url: str, _content_type: str, _body: bytes) -> Unreachable:
    """Answer as a witness does that is switched off."""
    return Unreachable("no answer: connection refused")
