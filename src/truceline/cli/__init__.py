# SPDX-License-Identifier: Apache-2.0
"""The command line: verbs over the mission, and nothing of its own.

Exit code 0 means that all went well; 1 that something was refused, differs or fails
to verify; 2 that the call itself was wrong.
"""

from truceline.cli.app import main

__all__ = ["main"]
