# SPDX-License-Identifier: Apache-2.0
"""Intake: files of reports to statements, one module a format.

What holds:

1. Every row becomes one statement or one refusal with every reason; none is lost.
2. Nothing is guessed: a swapped pair, a date that reads two ways, a time without a zone
   and a name that several places share are refused or kept without a place.
3. What was given stays as given; what was derived (hours, ellipse, family, origin) rests
   on an assumption that ``docs/intake.md`` states.
4. A file cannot take more memory than its limits, whatever it holds.
5. The same file gives the same statements, under the same ids, on every machine.
6. Any bytes give rows, refusals or ``RejectedInput``, and nothing else.
"""

from truceline.intake.formats import FORMATS, Form, read
from truceline.intake.model import IntakeContext, Limits, Refusal, Row

__all__ = ["FORMATS", "Form", "IntakeContext", "Limits", "Refusal", "Row", "read"]
