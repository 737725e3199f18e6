# SPDX-License-Identifier: Apache-2.0
"""The commission: who sits in it, and the cases before it."""

from truceline.commission.composition import Composition

__all__ = ["Composition"]
