# SPDX-License-Identifier: Apache-2.0
"""Signing at the source: devices, their enrolment and end, and what they submit."""
