# SPDX-License-Identifier: Apache-2.0
"""A running mechanism under one agreement: the one place that wires the other rooms.

Invariants: every change is a record; read models are folds over records; nothing is
acknowledged before it is committed; what is shown names the tree it was derived from.
"""

from truceline.mission.ingest import ImportSummary, ingest
from truceline.mission.mission import Mission, init_mission, open_mission
from truceline.mission.proving import disclose_item, is_mission, prove_record, verify_mission
from truceline.mission.reading import recorded_observations
from truceline.mission.reporting import make_daily_report, write_report
from truceline.mission.run import RunSummary, run
from truceline.mission.upkeep import MissionStatus, RebuildSummary, mission_status, rebuild

__all__ = [
    "ImportSummary",
    "Mission",
    "MissionStatus",
    "RebuildSummary",
    "RunSummary",
    "disclose_item",
    "ingest",
    "init_mission",
    "is_mission",
    "make_daily_report",
    "mission_status",
    "open_mission",
    "prove_record",
    "rebuild",
    "recorded_observations",
    "run",
    "verify_mission",
    "write_report",
]
