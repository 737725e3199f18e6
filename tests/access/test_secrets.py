# SPDX-License-Identifier: Apache-2.0
"""Passwords are hashed as RFC 9106 recommends for machines with little memory, or dearer."""

from __future__ import annotations

from argon2 import Type, extract_parameters

from truceline.access import secrets


def test_a_password_costs_whoever_guesses_it_memory_and_time() -> None:
    # The hash that stands for somebody who has no account is made with the program's own hasher.
    cost = extract_parameters(secrets._NOBODYS)
    assert cost.type is Type.ID
    assert cost.memory_cost >= 64 * 1024
    assert cost.time_cost >= 3
    assert (cost.salt_len, cost.hash_len) == (16, 32)
