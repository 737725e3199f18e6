# SPDX-License-Identifier: Apache-2.0
"""The API as a stranger uses it: by its own description, with whatever fits it and whatever does not."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from tests.service.test_doors import UNLIMITED

from truceline.access import Role
from truceline.api import Room
from truceline.api.app import HEADERS
from truceline.web import service

Case = schemathesis.Case[schemathesis.APIOperation[Any, Any, Any, Any]]
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]


@pytest.fixture
def described(room: Room, incidents: list[str]) -> schemathesis.BaseSchema:
    """Return the description of a service with incidents."""
    assert incidents
    # An event stream has no end; the browser listens to one (tests/console).
    found = schemathesis.openapi.from_asgi("/api/v1/openapi.json", service(room, limits=UNLIMITED))
    return found.exclude(path_regex="/events$")


def test_the_service_keeps_to_its_description(
    described: schemathesis.BaseSchema, room: Room, tokens: dict[Role, str]
) -> None:
    operations = [found.ok() for found in described.get_all_operations() if isinstance(found, Ok)]
    assert len(operations) > 15
    for operation in operations:
        for mode in (schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE):

            @settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
            @given(operation.as_strategy(generation_mode=mode))
            def asked(case: Case) -> None:
                keeps(room, tokens, case)

            # Where nothing is asked for, nothing can be wrong with it.
            with suppress(Unsatisfiable):
                asked()


def keeps(room: Room, tokens: dict[Role, str], case: Case) -> None:
    """Ask as nobody, as the head of mission and as a party, and hold each answer to the description."""
    before = room.tree_size()
    case.validate_response(case.call(), checks=CHECKS)
    assert room.tree_size() == before, "somebody who is not signed in wrote to the record"
    for role in (Role.HEAD_OF_MISSION, Role.LIAISON):
        answer = case.call(headers={"Authorization": f"Bearer {tokens[role]}"})
        case.validate_response(answer, checks=CHECKS)
        assert answer.headers["content-security-policy"] == [HEADERS["Content-Security-Policy"]]
        assert b"PRIVATE KEY" not in answer.content
