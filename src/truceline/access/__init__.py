# SPDX-License-Identifier: Apache-2.0
"""Who may enter the service, as what, and which doors that opens."""

from truceline.access.desk import Desk
from truceline.access.keyring import Keyring
from truceline.access.model import Account, Binding, Passkey, Session, Token, Visit, Visitor, Welcome
from truceline.access.organisations import Organisations
from truceline.access.providers import Provider
from truceline.access.recognising import Recognised
from truceline.access.roles import MAY, OF_A_PARTY, OF_AN_ACTOR, Permission, Role, may
from truceline.access.visits import Visits

__all__ = [
    "MAY",
    "OF_AN_ACTOR",
    "OF_A_PARTY",
    "Account",
    "Binding",
    "Desk",
    "Keyring",
    "Organisations",
    "Passkey",
    "Permission",
    "Provider",
    "Recognised",
    "Role",
    "Session",
    "Token",
    "Visit",
    "Visitor",
    "Visits",
    "Welcome",
    "may",
]
