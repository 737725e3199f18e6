# SPDX-License-Identifier: Apache-2.0
"""Truceline: ceasefire monitoring and verification that mistrusting parties can check.

The folders are the mechanism: an ``agreement`` says what was agreed, ``observation``
and ``intake`` what was seen, ``evidence`` keeps it, ``fusion`` and ``assessment`` say
what it amounts to, ``reports`` tell people.  ``mission`` wires them together.
"""

__version__ = "0.1.0"
