# SPDX-License-Identifier: Apache-2.0
"""The console: pages for people, readable without a script, over the same services as the API."""

from truceline.web.service import service

__all__ = ["service"]
