# SPDX-License-Identifier: Apache-2.0
"""Destroying content and its keys, by two people, with authority and ground."""
