# SPDX-License-Identifier: Apache-2.0
"""Runs a command and says how long it took and how much memory it had."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Measured:
    """Wall seconds, peak resident megabytes, and what was printed."""

    seconds: float
    peak_mb: float
    output: str


def truceline(*arguments: str, accept: tuple[int, ...] = (0,)) -> Measured:
    """Run the ``truceline`` of this environment as a whole process.

    Args:
        arguments: The verb and its arguments.
        accept: Exit codes that count as having worked.
    """
    program = Path(sys.executable).with_name("truceline")
    started = time.perf_counter()
    with subprocess.Popen([program, *arguments], stdout=subprocess.PIPE, text=True) as process:
        output = process.stdout.read() if process.stdout is not None else ""
        # wait4 gives the peak of this one child, where getrusage would mix all children.
        _, code, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(code)
    if process.returncode not in accept:
        raise SystemExit(f"truceline {' '.join(arguments)} failed:\n{output}")
    return Measured(time.perf_counter() - started, usage.ru_maxrss / 1024, output)
