# SPDX-License-Identifier: Apache-2.0
"""The service's edge for programs: HTTP, JSON, one shape of error, one door for each route.

Every route says which permission opens it (``doors``); the service does not start while
one does not.  What a route answers comes from one call of a service of ``mission``.
"""

from truceline.api.app import make_app
from truceline.api.room import Room

__all__ = ["Room", "make_app"]
