# SPDX-License-Identifier: Apache-2.0
"""To be described by its room's builder."""
