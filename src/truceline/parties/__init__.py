# SPDX-License-Identifier: Apache-2.0
"""What each party submits in confidence: complaints, reports of its own, notices, consents.

Invariants: a party speaks for itself alone; a notice is made before what it excepts,
where its clause asks for notice; only who consented withdraws consent; nobody of one
party learns what another submitted.
"""

from truceline.parties.state import (
    Acknowledgement,
    Complaint,
    Consent,
    Notification,
    OwnReport,
    Submissions,
    consents_at,
    notices,
    notices_in_force,
    seen_by,
)
from truceline.parties.steps import (
    STEPS,
    SUBMISSION,
    Acknowledge,
    Complain,
    ConsentSubject,
    GiveConsent,
    Notify,
    SelfReport,
    WithdrawConsent,
    WithdrawNotice,
)
from truceline.parties.take import take

__all__ = [
    "STEPS",
    "SUBMISSION",
    "Acknowledge",
    "Acknowledgement",
    "Complain",
    "Complaint",
    "Consent",
    "ConsentSubject",
    "GiveConsent",
    "Notification",
    "Notify",
    "OwnReport",
    "SelfReport",
    "Submissions",
    "WithdrawConsent",
    "WithdrawNotice",
    "consents_at",
    "notices",
    "notices_in_force",
    "seen_by",
    "take",
]
