# SPDX-License-Identifier: Apache-2.0
"""Puts a report's four files into a folder; each appears whole or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from truceline.errors import StorageFailure
from truceline.reports.geojson import report_geojson
from truceline.reports.html import LISTED, report_html
from truceline.reports.machine import report_json
from truceline.reports.model import DailyReport
from truceline.reports.table import report_csv


def report_files(report: DailyReport) -> dict[str, bytes]:
    """Return a report's four files by name, the page first."""
    stem = f"daily-{report.report_date.isoformat()}"
    texts = {
        f"{stem}.html": report_html(report),
        f"{stem}.json": report_json(report, LISTED),
        f"{stem}.geojson": report_geojson(report),
        f"{stem}.csv": report_csv(report),
    }
    # A lone surrogate, from a source's broken text, has no UTF-8 form; it becomes "?".
    return {name: text.encode("utf-8", errors="replace") for name, text in texts.items()}


def _write(path: Path, content: bytes) -> None:
    """Write beside the target, flush to the disk, then take the target's name."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise


def write_daily_report(report: DailyReport, folder: Path) -> tuple[Path, ...]:
    """Write the report as HTML, JSON, GeoJSON and CSV.

    All four are made before the first is written, so that a fault leaves no part.

    Args:
        report: What to write.
        folder: Where; it is made if it does not exist.  Files of the same date are replaced.

    Returns:
        The four paths, the page first.

    Raises:
        StorageFailure: The folder or a file cannot be written.
    """
    files = {folder / name: content for name, content in report_files(report).items()}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path, content in files.items():
            _write(path, content)
    except OSError as error:
        raise StorageFailure(
            f"The report of {report.report_date.isoformat()} could not be written to {folder}:"
            f" {error.strerror or error}. Choose a folder that can be written and run it again."
        ) from error
    return tuple(files)
