# SPDX-License-Identifier: Apache-2.0
"""Witnesses and time-stamps: who has seen which state of the log, and when."""
