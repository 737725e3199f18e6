# SPDX-License-Identifier: Apache-2.0
"""Backing up, restoring, and signing again without forking the log."""
