# SPDX-License-Identifier: Apache-2.0
"""The base of everything that a pack states."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Stated(BaseModel):
    """Base of everything that a pack states: frozen, no unknown keys, finite numbers."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, populate_by_name=True)
