# SPDX-License-Identifier: Apache-2.0
"""What is promised once a ceasefire holds: gates, commitments, coalition, force, support.

Invariants: no gate opens, no obligation opens and nothing is deployed without a person
who recorded it; the program executes nothing and recommends nothing.
"""

from truceline.guarantees.commitments import Commitments, LegalStatus
from truceline.guarantees.gates import Gates, GateState, ShutGate, gate_states, shut_gates
from truceline.guarantees.obligations import Ground, Obligation, ground_of, without_ground
from truceline.guarantees.outlook import CommitmentAhead, CommitmentState, hypothetical, overview

__all__ = [
    "CommitmentAhead",
    "CommitmentState",
    "Commitments",
    "GateState",
    "Gates",
    "Ground",
    "LegalStatus",
    "Obligation",
    "ShutGate",
    "gate_states",
    "ground_of",
    "hypothetical",
    "overview",
    "shut_gates",
    "without_ground",
]
