# SPDX-License-Identifier: Apache-2.0
"""Review: how people verify an incident, and overrule what fusion made of reports.

An incident is alleged until somebody opens an inquiry; one person proposes what came of
it, another confirms or declines.  No program ever verifies anything, and nobody verifies
what they reported themselves.
"""

from truceline.review.state import (
    Decision,
    EvidenceFile,
    Inquiry,
    Link,
    Proposal,
    Request,
    Review,
    rulings_of,
)
from truceline.review.steps import REVIEW, STEPS
from truceline.review.take import replay_reviews, take

__all__ = [
    "REVIEW",
    "STEPS",
    "Decision",
    "EvidenceFile",
    "Inquiry",
    "Link",
    "Proposal",
    "Request",
    "Review",
    "replay_reviews",
    "rulings_of",
    "take",
]
