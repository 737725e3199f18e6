# SPDX-License-Identifier: Apache-2.0
"""Suspending a mission, handing it over, destroying its keys, and reading it afterwards."""
