# SPDX-License-Identifier: Apache-2.0
"""The daily report: one self-contained page, with JSON, GeoJSON and CSV beside it.

Invariants:

* The same inputs give the same bytes, whatever their order, the machine or its locale.
* Numbers of incidents are intervals and stand beside the coverage that they rest on.
* Parties' claims are shown as stated, never merged, averaged or counted as incidents.
* The report says of no incident that it is verified, and attributes none, of itself.
* The page needs no network and no script, and links to nothing outside itself.
"""

from truceline.reports.daily import daily_report
from truceline.reports.model import (
    DailyReport,
    Derivation,
    NamedPlace,
    PlaceNames,
    ReportInputs,
    Tally,
)
from truceline.reports.period import previous_period, report_period
from truceline.reports.summary import headline, in_force
from truceline.reports.write import report_files, write_daily_report

__all__ = [
    "DailyReport",
    "Derivation",
    "NamedPlace",
    "PlaceNames",
    "ReportInputs",
    "Tally",
    "daily_report",
    "headline",
    "in_force",
    "previous_period",
    "report_files",
    "report_period",
    "write_daily_report",
]
