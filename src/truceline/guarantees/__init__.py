# SPDX-License-Identifier: Apache-2.0
"""What is promised once a ceasefire holds: gates, commitments, coalition, force, support.

Invariants: no gate opens, no obligation opens and nothing is deployed without a person
who recorded it; the program executes nothing and recommends nothing.
"""
