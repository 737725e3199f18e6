# SPDX-License-Identifier: Apache-2.0
"""Incidents against clauses, and how much was watched.

A score is never a violation: *verified* is a person's word and attribution is the
commission's.
"""

from truceline.assessment.assess import assess, status_of
from truceline.assessment.coverage import coverage
from truceline.assessment.model import Assessment, Coverage, Factor, Gap

__all__ = ["Assessment", "Coverage", "Factor", "Gap", "assess", "coverage", "status_of"]
