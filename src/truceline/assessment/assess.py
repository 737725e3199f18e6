# SPDX-License-Identifier: Apache-2.0
"""Incident x clause: the probability of a breach as a product of stated factors.

The factors are: the incident is real; its kind falls under the clause; it lies in
the place (its ellipse integrated over the zone then in force); in the interval; no
exception covers it.  Who did it is never computed, and no product makes a violation:
the status is ``alleged``, or ``corroborated`` when observations that go back to
origins of two independence groups agree.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from truceline.agreement.model import Agreement, Clause, Version
from truceline.agreement.zones import probability_inside, probability_within
from truceline.assessment.model import Assessment, Factor
from truceline.fusion.model import Incident
from truceline.observation.model import Observation
from truceline.vocabulary import Status, falls_under


def assess(
    incident: Incident, members: Sequence[Observation], agreement: Agreement
) -> tuple[Assessment, ...]:
    """Assess one incident against every clause that was in force when it began.

    Args:
        incident: What fusion made of the members.
        members: The incident's observations, in any order.
        agreement: The pack, with every version and zone.
    """
    status = status_of(members, agreement)
    return tuple(
        _against(incident, members, agreement, version, clause, status)
        for version, clause in agreement.clauses_on(incident.when)
    )


def status_of(members: Sequence[Observation], agreement: Agreement) -> Status:
    """Return ``corroborated`` if two independent groups of sources report it, else ``alleged``.

    Relays of one origin count once, for the group of whoever reported it first.
    """
    groups: dict[str, str] = {}
    for member in sorted(members, key=lambda one: (one.received_at, one.observation_id)):
        family = agreement.family(member.family)
        group = member.family if family is None else family.independence_group
        groups.setdefault(member.origin_id or member.observation_id, group)
    return Status.CORROBORATED if len(set(groups.values())) >= 2 else Status.ALLEGED


def _against(
    incident: Incident,
    members: Sequence[Observation],
    agreement: Agreement,
    version: Version,
    clause: Clause,
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
        _exception(clause),
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


def _exception(clause: Clause) -> Factor:
    if not clause.exceptions:
        return Factor("exception", 1.0, "the clause has no exception")
    names = "; ".join(exception.text for exception in clause.exceptions)
    return Factor("exception", 1.0, f"no notice recorded that would cover it; for people to weigh: {names}")
