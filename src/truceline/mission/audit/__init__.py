# SPDX-License-Identifier: Apache-2.0
"""Disclosing what an audience may see, and recomputing the findings from it."""
