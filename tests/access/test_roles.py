# SPDX-License-Identifier: Apache-2.0
"""The table in the docs is the table in the program, and what it does not say is denied."""

from __future__ import annotations

import pytest
from tests.mission.made import ROOT

from truceline.access import MAY, Permission, Role, may
from truceline.procedure import Capacity

ROWS = [
    [cell.strip() for cell in line.strip("|\n").split("|")]
    for line in (ROOT / "docs" / "access.md").read_text(encoding="utf-8").splitlines()
    if line.startswith("|") and not line.startswith("|-")
]


def test_the_docs_hold_the_table_of_the_program() -> None:
    roles = ROWS[0][1:]
    assert roles == [role.value for role in Role]
    written = {
        row[0]: {role for role, cell in zip(roles, row[1:], strict=True) if cell == "yes"} for row in ROWS[1:]
    }
    assert written == {one.value: {role.value for role in MAY[one]} for one in Permission}


def test_every_role_is_a_capacity_of_procedure() -> None:
    assert {role.capacity for role in Role} == set(Capacity)


@pytest.mark.parametrize("permission", [Permission.TAKE_STEPS, Permission.RUN, Permission.MANAGE_PEOPLE])
def test_the_public_changes_nothing(permission: Permission) -> None:
    assert not may(Role.PUBLIC, permission)


def test_an_administrator_takes_no_part_in_procedure() -> None:
    assert not may(Role.ADMINISTRATOR, Permission.TAKE_STEPS)
    assert not may(Role.ADMINISTRATOR, Permission.SEE_PORTAL)
