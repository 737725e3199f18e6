# SPDX-License-Identifier: Apache-2.0
"""Incident x clause: the probability of a breach as a product of stated factors.

The factors are: the incident is real; its kind falls under the clause; it lies in
the place (its ellipse integrated over the zone then in force); in the interval; no
exception covers it.  Who did it is never computed, and no product makes a violation:
the status is ``alleged``, or ``corroborated`` when two independent accounts agree.
Clauses that speak of none of the incident's kinds are left out: an alert or a casualty
is not assessed as an attack.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from truceline.agreement.model import NO_GROUP, Agreement, Clause, Version
from truceline.agreement.notice import Notice
from truceline.agreement.zones import probability_inside, probability_within
from truceline.assessment.covering import best_covering
from truceline.assessment.model import Assessment, Factor
from truceline.fusion.model import Incident
from truceline.observation.model import Observation
from truceline.vocabulary import Status, falls_under

NAMED_BY_SOURCE = "attributed_by_source_to"
"""The detail that holds whom a source names; only ever used to see that two accounts disagree."""


def assess(
    incident: Incident,
    members: Sequence[Observation],
    agreement: Agreement,
    notices: Sequence[Notice] = (),
) -> tuple[Assessment, ...]:
    """Assess one incident against every clause that was in force when it began.

    Args:
        incident: What fusion made of the members.
        members: The incident's observations, in any order.
        agreement: The pack, with every version and zone.
        notices: The exceptions that parties notified, in any order.
    """
    status = status_of(members, agreement)
    near = [notice for notice in notices if notice.interval.overlaps(incident.when)]
    return tuple(
        _against(incident, members, agreement, version, clause, near, status)
        for version, clause in agreement.clauses_on(incident.when)
        if any(falls_under(kind, forbidden) for kind, _ in incident.kinds for forbidden in clause.kinds)
    )


@dataclass(frozen=True, slots=True)
class _Voice:
    """One original statement: which groups carry it, through whom, and whom it names."""

    groups: frozenset[str]
    sources: frozenset[str]
    names: frozenset[str]

    def corroborates(self, other: _Voice) -> bool:
        """Tell whether two statements are independent and do not name different sides."""
        independent = not self.groups & other.groups and not self.sources & other.sources
        return independent and not (self.names and other.names and self.names != other.names)


def status_of(members: Sequence[Observation], agreement: Agreement) -> Status:
    """Return ``corroborated`` if two independent accounts agree, else ``alleged``.

    Accounts are original statements: relays of one count once, and belong to every
    group that carries them.  Two are independent if they share no group and no source.
    They agree unless they name different sides as having acted, or one contradicts
    the event.  Families that the pack does not know corroborate nobody.
    """
    carried: dict[str, list[Observation]] = {}
    for member in members:
        if member.detail("contradicts") != "yes":
            carried.setdefault(member.origin_id or member.observation_id, []).append(member)
    voices = [voice for told in carried.values() if (voice := _voice(told, agreement)) is not None]
    agree = any(one.corroborates(other) for one, other in combinations(voices, 2))
    return Status.CORROBORATED if agree else Status.ALLEGED


def _voice(told: Sequence[Observation], agreement: Agreement) -> _Voice | None:
    """Return the statement that some observations carry; None: no carrier is of a known group."""
    families = (agreement.family(member.family) for member in told)
    known = {family.independence_group for family in families if family is not None}
    groups = frozenset(known - {NO_GROUP})
    if not groups:
        return None
    named = {member.detail(NAMED_BY_SOURCE) or "" for member in told} - {""}
    return _Voice(groups, frozenset(member.source_id for member in told), frozenset(named))


def _against(
    incident: Incident,
    members: Sequence[Observation],
    agreement: Agreement,
    version: Version,
    clause: Clause,
    notices: Sequence[Notice],
    status: Status,
) -> Assessment:
    factors = (
        Factor(
            "real",
            incident.probability_real,
            f"{incident.reports} reports from {incident.independent_sources} distinct origins",
        ),
        _kind(incident, clause),
        _place(incident, members, agreement, clause),
        _interval(incident, clause),
        _exception(incident, agreement, version, clause, notices),
    )
    product = math.prod(factor.probability for factor in factors)
    return Assessment(incident.incident_id, version.id, clause.id, factors, round(product, 6), status)


def _kind(incident: Incident, clause: Clause) -> Factor:
    under = [
        (kind, share)
        for kind, share in incident.kinds
        if any(falls_under(kind, forbidden) for forbidden in clause.kinds)
    ]
    words = ", ".join(f"{kind.value} {share:.2f}" for kind, share in under[:3]) or "none of its kinds"
    return Factor("kind", round(min(1.0, sum(share for _, share in under)), 6), f"falls under it: {words}")


def _place(
    incident: Incident, members: Sequence[Observation], agreement: Agreement, clause: Clause
) -> Factor:
    moment = incident.when.start
    if clause.distance is not None:
        return _distance(incident, members, agreement, clause)
    if clause.zone is None:
        return Factor("place", 1.0, "the clause holds everywhere")
    zone = agreement.zone_at(clause.zone, moment)
    if zone is None:
        return Factor("place", 0.0, f"zone {clause.zone} was not in force")
    inside = round(probability_inside(incident.place, zone), 6)
    return Factor("place", inside, f"share of its ellipse inside {zone.name}")


def _distance(
    incident: Incident, members: Sequence[Observation], agreement: Agreement, clause: Clause
) -> Factor:
    """Weigh a weapon seen too near the line, by the class that its observers named."""
    rule = clause.distance
    if rule is None:
        return Factor("place", 1.0, "the clause names no distance")
    line = agreement.zone_at(rule.line, incident.when.start)
    if line is None:
        return Factor("place", 0.0, f"line {rule.line} was not in force")
    named = {member.detail("weapon_class") for member in members} & set(rule.minimum_km)
    known = [rule.minimum_km[name] for name in sorted(str(name) for name in named)]
    # Where nobody named the class, only the least distance can be held against anybody.
    least = min(known or list(rule.minimum_km.values()))
    what = ", ".join(sorted(str(name) for name in named)) or "class not stated: the least distance applies"
    near = round(probability_within(incident.place, line, least * 1000.0), 6)
    return Factor("place", near, f"within {least:g} km of {line.name} ({what})")


def _interval(incident: Incident, clause: Clause) -> Factor:
    share = round(incident.when.share_within(clause.valid.interval), 6)
    return Factor("interval", share, "share of its interval in which the clause was in force")


def _exception(
    incident: Incident,
    agreement: Agreement,
    version: Version,
    clause: Clause,
    notices: Sequence[Notice],
) -> Factor:
    """Weigh what was notified; the ground gives away no party, time or place: they are confidential."""
    if not clause.exceptions:
        return Factor("exception", 1.0, "the clause has no exception")
    own = [notice for notice in notices if (notice.version, notice.clause) == (version.id, clause.id)]
    notice, covered = best_covering(incident, clause, agreement, own)
    if notice is None:
        names = "; ".join(exception.text for exception in clause.exceptions)
        return Factor(
            "exception", 1.0, f"no notice recorded that would cover it; for people to weigh: {names}"
        )
    said = f"{covered:.2f}" if covered >= 0.005 else "under 0.01"
    ground = (
        f"record {notice.leaf_index} notifies an exception that covers it with probability {said}; "
        "for people to weigh"
    )
    return Factor("exception", round(1.0 - covered, 6), ground)
