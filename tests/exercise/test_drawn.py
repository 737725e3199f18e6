# SPDX-License-Identifier: Apache-2.0
"""What is drawn for an exercise, whatever its seed and its length."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from functools import cache
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.exercise.made import UNTIL
from tests.exercise.test_staging import staged

from truceline.agreement import Agreement, Gazetteer
from truceline.exercise.claiming import claims_of
from truceline.exercise.drawing import bytes_from, numbers
from truceline.exercise.ground import Ground, ground_of
from truceline.exercise.observers import Report, reports_of
from truceline.exercise.truth import TrueEvent, tempo_of, true_events
from truceline.exercise.watching import Shift, posts_of, shifts_of, watching
from truceline.geodesy import distance_m
from truceline.vocabulary import SourceKind, WatchState, falls_under

FEW = settings(max_examples=15)
PACKS = st.sampled_from(["lebanon-2024", "minsk", "paris-2026"])
SEEDS = st.integers(0, 2**32)


@cache
def agreement(pack: str) -> Agreement:
    return staged(pack)


@cache
def gazetteer(pack: str) -> Gazetteer:
    return Gazetteer.load(agreement(pack).places)


def drawn(pack: str, seed: int, days: int) -> tuple[Ground, tuple[TrueEvent, ...]]:
    begins = UNTIL - timedelta(days=days)
    ground = ground_of(agreement(pack), begins, numbers(seed, "ground"))
    parties = agreement(pack).party_ids()
    return ground, true_events(ground, parties, begins, days, numbers(seed, "truth"))


def watched(pack: str, seed: int, days: int, ground: Ground) -> tuple[Shift, ...]:
    posts = posts_of(agreement(pack).families, ground, gazetteer(pack), numbers(seed, "posts"))
    zone = ZoneInfo(agreement(pack).reporting.timezone)
    return shifts_of(posts, UNTIL - timedelta(days=days), UNTIL, zone, numbers(seed, "shifts"))


def reported(pack: str, seed: int, days: int) -> tuple[tuple[TrueEvent, ...], tuple[Report, ...]]:
    ground, events = drawn(pack, seed, days)
    reports = reports_of(
        events, agreement(pack).families, watched(pack, seed, days, ground), ground, gazetteer(pack),
        (UNTIL - timedelta(days=days), UNTIL), numbers(seed, "reports"),
    )  # fmt: skip
    return events, reports


@FEW
@given(PACKS, SEEDS, st.integers(1, 40))
def test_every_event_is_an_act_that_its_clause_speaks_of_by_a_party_that_it_binds(
    pack: str, seed: int, days: int
) -> None:
    _, events = drawn(pack, seed, days)
    assert [one.at for one in events] == sorted(one.at for one in events)
    assert len({one.event_id for one in events}) == len(events)
    for one in events:
        clause = agreement(pack).clause(one.version, one.clause)
        assert clause is not None
        assert one.by in clause.binds
        assert any(falls_under(one.kind, kind) for kind in clause.kinds)
        assert UNTIL - timedelta(days=days) <= one.at < UNTIL
        assert one.count >= 1


def test_both_sides_act_alike_and_there_are_bursts_and_a_quiet_spell() -> None:
    by: Counter[str] = Counter()
    quiet = busy = 0
    for seed in range(12):
        _, events = drawn("paris-2026", seed, 30)
        by.update(one.by for one in events)
        begins = UNTIL - timedelta(days=30)
        tempo = tempo_of(begins, 30, numbers(seed, "truth"))
        quiet += sum(tempo.quiet_from <= one.at < tempo.quiet_until and not one.exception for one in events)
        busy += max(
            sum(start <= one.at < start + timedelta(hours=3) for one in events) for start in tempo.bursts
        )
    assert 0.8 < by["RU"] / by["UA"] < 1.25
    assert quiet / 12 < 6, "three days at five a day would have fifteen"
    assert busy / 12 > 6


@FEW
@given(SEEDS)
def test_a_post_reports_only_while_it_watches_and_within_its_reach(seed: int) -> None:
    ground, events = drawn("minsk", seed, 10)
    shifts = watched("minsk", seed, 10, ground)
    posts = {one.post.source_id: one.post for one in shifts}
    _, reports = reported("minsk", seed, 10)
    by_id = {one.event_id: one for one in events}
    seen = [one for one in reports if one.source_id in posts and one.of]
    assert seen
    for one in seen:
        event = by_id[one.of]
        assert posts[one.source_id] in set(watching(shifts, event.at, event.position))
        assert distance_m(posts[one.source_id].position, event.position) <= posts[one.source_id].range_m


@FEW
@given(SEEDS)
def test_shifts_of_a_post_never_overlap_and_losses_say_why(seed: int) -> None:
    ground, _ = drawn("paris-2026", seed, 8)
    shifts = watched("paris-2026", seed, 8, ground)
    for one in shifts:
        assert one.begins < one.ends
        assert (one.state is WatchState.OK) == (one.note == "")
    for source in {one.post.source_id for one in shifts}:
        own = sorted((one for one in shifts if one.post.source_id == source), key=lambda one: one.begins)
        assert all(first.ends <= then.begins for first, then in pairwise(own))


@FEW
@given(PACKS, SEEDS)
def test_reports_arrive_after_the_event_in_order_and_copies_name_what_they_repeat(
    pack: str, seed: int
) -> None:
    events, reports = reported(pack, seed, 12)
    by_id = {one.event_id: one for one in events}
    ids = {one.observation_id: one for one in reports}
    assert len(ids) == len(reports)
    assert all(one.observation_id.startswith("EXERCISE-") for one in reports)
    for one in reports:
        assert one.event_from <= one.event_to <= one.received_at < UNTIL
        if one.of:
            assert one.received_at >= by_id[one.of].at
        if one.origin_id:
            assert one.kind_of_source is SourceKind.NEWS
            assert ids[one.origin_id].kind_of_source is SourceKind.PARTY
            assert one.received_at >= ids[one.origin_id].received_at


def test_some_are_missed_some_are_false_and_a_party_makes_more_of_the_other_side() -> None:
    events, reports = reported("paris-2026", 3, 30)
    told = {one.of for one in reports}
    assert any(one.event_id not in told for one in events)
    assert any(not one.of for one in reports)
    by_id = {one.event_id: one for one in events}
    ratios = [
        one.count[0] / by_id[one.of].count
        for one in reports
        if one.kind_of_source is SourceKind.PARTY and one.of and one.count[0] and one.count[0] == one.count[1]
        and not one.family.startswith(by_id[one.of].by) and by_id[one.of].count >= 5
    ]  # fmt: skip
    assert sum(ratios) / len(ratios) > 1.2


def test_claims_of_a_day_contradict_each_other() -> None:
    _, events = drawn("paris-2026", 1, 30)
    claims = claims_of(events, ("RU", "UA"), UNTIL - timedelta(days=30), 30, numbers(1, "claims"))
    of_day: dict[str, dict[tuple[str, str], int]] = {}
    for one in claims:
        of_day.setdefault(one.begins.isoformat(), {})[one.claimant, one.about] = one.count
    contradicted = [
        day
        for day in of_day.values()
        if day.get(("RU", "UA"), 0) != day.get(("UA", "UA"), day.get(("RU", "UA"), 0))
    ]
    assert len(contradicted) > 5


def test_the_parts_draw_apart_and_every_draw_of_bytes_is_new() -> None:
    assert numbers(1, "a").integers(2**60) == numbers(1, "a").integers(2**60)
    assert numbers(1, "a").integers(2**60) != numbers(1, "b").integers(2**60)
    draw, again = bytes_from(1, "keys"), bytes_from(1, "keys")
    first = [draw(32) for _ in range(50)]
    assert len(set(first)) == 50
    assert first == [again(32) for _ in range(50)]
