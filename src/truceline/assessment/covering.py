# SPDX-License-Identifier: Apache-2.0
"""How probable it is that a notice covers an incident.

    covered = share of kinds x share of the interval x probability of the place

The shares are of what the clause forbids: of the incident's kinds that fall under the
clause, and of its hours in which the clause was in force.  The place is where the
exception and the notice hold: a zone of the pack, a circle, or both, each asked alone.

Notices are confidential: what is said of one here is a number, and nothing of its party,
time or place.
"""

from __future__ import annotations

from collections.abc import Sequence

from truceline.agreement.model import Agreement, Clause, ClauseException
from truceline.agreement.notice import Notice, zone_of_circle
from truceline.agreement.zones import probability_inside
from truceline.fusion.model import Incident
from truceline.vocabulary import Kind, falls_under


def best_covering(
    incident: Incident, clause: Clause, agreement: Agreement, notices: Sequence[Notice]
) -> tuple[Notice | None, float]:
    """Return the notice that covers an incident best, and how probably; None and 0: none does.

    Args:
        incident: What is assessed.
        clause: Against which clause.
        agreement: The pack, with every zone.
        notices: Of exceptions of this very clause, in any order.
    """
    best, covered = None, 0.0
    for notice in sorted(notices, key=lambda one: one.leaf_index):
        share = probability_covered(incident, clause, agreement, notice)
        if share > covered:
            best, covered = notice, share
    return best, covered


def probability_covered(incident: Incident, clause: Clause, agreement: Agreement, notice: Notice) -> float:
    """Return the probability that a notice covers what an incident is under a clause, 0 to 1."""
    exception = next((one for one in clause.exceptions if one.id == notice.exception), None)
    if exception is None:
        return 0.0
    # The cheap factors first: most notices are of other hours.
    share = _interval_covered(incident, clause, notice)
    if share > 0.0:
        share *= _kinds_covered(incident, clause, exception, notice)
    if share > 0.0:
        share *= _place_covered(incident, clause, exception, agreement, notice)
    return round(min(1.0, share), 6)


def _interval_covered(incident: Incident, clause: Clause, notice: Notice) -> float:
    in_force = incident.when.intersection(clause.valid.interval)
    return 0.0 if in_force is None else in_force.share_within(notice.interval)


def _kinds_covered(incident: Incident, clause: Clause, exception: ClauseException, notice: Notice) -> float:
    forbidden = [(kind, share) for kind, share in incident.kinds if _under(kind, clause.kinds)]
    excepted = exception.kinds or clause.kinds
    covered = [
        share
        for kind, share in forbidden
        if _under(kind, excepted) and _under(kind, notice.kinds or excepted)
    ]
    whole = sum(share for _, share in forbidden)
    return 0.0 if whole <= 0.0 else sum(covered) / whole


def _under(kind: Kind, wider: Sequence[Kind]) -> bool:
    return any(falls_under(kind, one) for one in wider)


def _place_covered(
    incident: Incident, clause: Clause, exception: ClauseException, agreement: Agreement, notice: Notice
) -> float:
    """Return the probability that an incident lies where the exception and the notice hold.

    The clause's own zone is not asked again: the factor "place" has weighed it.  A zone
    that was not in force holds nothing.
    """
    moment, inside = incident.when.start, 1.0
    for zone_id in sorted({exception.zone or "", notice.zone or ""} - {clause.zone or "", ""}):
        zone = agreement.zone_at(zone_id, moment)
        inside *= 0.0 if zone is None else probability_inside(incident.place, zone)
    if notice.circle is not None:
        inside *= probability_inside(incident.place, zone_of_circle(notice.circle))
    return inside
