# SPDX-License-Identifier: Apache-2.0
"""The groups of verbs by which steps of procedure are taken, one for each kind of record.

A group's verbs are made from the steps themselves (``truceline.cli.steps``), and not
before somebody asks for one: to load every room for each ``--help`` would take longer
than all the rest of it.  A verb that is written by hand stands in its group like the others:
``GROUPS["case"].command("...")``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import typer
from typer.core import TyperGroup

if TYPE_CHECKING:
    from typer._click import Command, Context

KIND_OF: Final = {
    "composition": "composition",
    "review": "review",
    "case": "docket",
    "party": "submission",
    "guarantee": "guarantee",
    "coalition": "coalition",
    "force": "force",
    "support": "support",
    "state": "standing",
    "arrangement": "arrangement",
}
"""The kind of record whose steps each group takes.  Suspension has verbs of its own."""

WITH_OWN_VERB: Final = {"amend-agreement": "amend", "attach-file": "attach"}
"""Steps that come with something else, and the verbs that record both."""

_HELP: Final = {
    "composition": "Say who sits in the commission, and who holds which office.",
    "review": "Look into an incident, verify it with a second person, rule on reports, correct them.",
    "case": "Take a case through the commission: referral, answers, vote, finding, remedies, appeal.",
    "party": "Submit, as a party and in confidence: complaints, reports, notices, consents.",
    "guarantee": "State what a commitment has become, sign off, and answer for what is owed.",
    "coalition": "Say who has which role in the coalition, and since when.",
    "force": "Record the force and its hubs, as far as their gates are open.",
    "support": "Keep the ledger of support: pledged, allocated, drawn down; and claims of delivery.",
    "state": "Take the agreement from proposed to signed, in force, suspended and ended.",
    "arrangement": "Make local arrangements under the agreement, and end them.",
}

EPILOG: Final = (
    "A text, or a value in JSON, can be given as @FILE; a text that begins with @ is written with @@. "
    "A list is given by repeating its option, or as @FILE with a list in JSON. "
    "See truceline steps for all of them."
)


class StepGroup(TyperGroup):
    """A group that makes its verbs from the steps of one kind, once somebody asks for them."""

    _complete = False

    def list_commands(self, ctx: Context) -> list[str]:
        """Return the names of all verbs."""
        self._fill()
        return super().list_commands(ctx)

    def get_command(self, ctx: Context, cmd_name: str) -> Command | None:
        """Return a verb, or None."""
        self._fill()
        return super().get_command(ctx, cmd_name)

    def _fill(self) -> None:
        if self._complete:
            return
        self._complete = True
        from truceline.cli.steps import verbs_of

        by_hand = dict(self.commands)
        self.commands.clear()
        self.commands.update({**verbs_of(KIND_OF[self.name or ""], self.rich_markup_mode), **by_hand})


def _group(name: str) -> typer.Typer:
    return typer.Typer(cls=StepGroup, name=name, help=_HELP[name], epilog=EPILOG, no_args_is_help=True)


GROUPS: Final = {name: _group(name) for name in KIND_OF}


def group_of(kind: str) -> str | None:
    """Return the group whose verbs take the steps of a kind, or None: its verbs are written by hand."""
    return next((name for name, taken in KIND_OF.items() if taken == kind), None)
