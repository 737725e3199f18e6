# SPDX-License-Identifier: Apache-2.0
"""The agreement that an exercise is held under: a pack, marked EXERCISE and made to hold in its days.

Three things happen to a pack, in this order, and nothing else:

1. what its folder ``exercise`` states is laid over it: mappings key by key, lists by the ``id``
   of their elements; a list without ids takes the other's place.  ``$begin`` stands for the
   exercise's first moment;
2. where it came to an end before the exercise does, that end is lifted, and with it every
   ``until`` that is as late: the exercise goes on under the agreement as it last stood;
3. where it forbids nothing, one clause is made up: no fire, by any party, anywhere.

Its title, summary and caveats say EXERCISE.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime

from truceline.agreement.reading import Value, read_json, read_yaml
from truceline.errors import Fault, RejectedInput
from truceline.interval import iso

MARK = "EXERCISE"
"""What every page, report and record of an exercise says."""

BEGIN = "$begin"
"""Stands for the exercise's first moment, in a pack's folder ``exercise``."""

CAVEAT = f"{MARK}. Every event, person, report and decision in this mission is made up for training."

_NAME = "agreement.yaml"
_READERS = {_NAME: read_yaml, "sources.yaml": read_yaml, "places.yaml": read_yaml, "zones.geojson": read_json}


def exercise_files(
    files: Mapping[str, bytes], overlay: Mapping[str, bytes], begins: datetime, until: datetime
) -> dict[str, bytes]:
    """Return the files of the pack that an exercise is held under.

    Args:
        files: The pack's, by name.
        overlay: Those of its folder ``exercise``, by name; empty: it has none.
        begins: The exercise's first moment.
        until: Its last.

    Raises:
        RejectedInput: One of the overlay's files cannot be read, or is none of a pack's.
    """
    documents = {name: _read(name, content) for name, content in files.items()}
    for name, content in overlay.items():
        if name not in documents:
            raise RejectedInput(
                "The pack's exercise cannot be used.",
                [Fault(f"exercise/{name}", "file", "a pack has no file of this name")],
            )
        documents[name] = laid_over(documents[name], _filled(_read(f"exercise/{name}", content), iso(begins)))
    ended = _ended(documents[_NAME], until)
    if ended is not None:
        documents = {name: _gone_on(document, ended) for name, document in documents.items()}
    documents[_NAME] = _marked(_with_a_clause(documents[_NAME], iso(begins)))
    return {name: _written(document) for name, document in documents.items()}


def laid_over(below: Value, above: Value) -> Value:
    """Return a value with another laid over it; see the module."""
    if isinstance(below, dict) and isinstance(above, dict):
        return {
            **below,
            **{key: laid_over(below[key], value) if key in below else value for key, value in above.items()},
        }
    if isinstance(below, list) and isinstance(above, list):
        named = {name: one for one in above if (name := _name_of(one)) is not None}
        if len(named) == len(above) and all(_name_of(one) is not None for one in below):
            known = [_name_of(one) for one in below]
            kept = [laid_over(one, named.get(_name_of(one) or "", one)) for one in below]
            return kept + [one for name, one in named.items() if name not in known]
    return above


def _name_of(value: Value) -> str | None:
    """Return the id of a list's element; of a map's feature it stands among its properties."""
    if not isinstance(value, dict):
        return None
    found = value.get("id")
    if found is None and isinstance(value.get("properties"), dict):
        return _name_of(value["properties"])
    return found if isinstance(found, str) else None


def _read(name: str, content: bytes) -> Value:
    document, faults = _READERS.get(name.rpartition("/")[2], read_yaml)(name, content)
    if faults:
        raise RejectedInput("The pack's exercise cannot be read.", faults)
    return document


def _filled(value: Value, begins: str) -> Value:
    if isinstance(value, dict):
        return {key: _filled(one, begins) for key, one in value.items()}
    if isinstance(value, list):
        return [_filled(one, begins) for one in value]
    return begins if value == BEGIN else value


def _ended(agreement: Value, until: datetime) -> datetime | None:
    """Return when the agreement came to an end before the exercise does; None: it did not."""
    intervals = agreement.get("in_force") if isinstance(agreement, dict) else None
    ends = [
        one.get("until")
        for one in (intervals if isinstance(intervals, list) else [])
        if isinstance(one, dict)
    ]
    moments = [datetime.fromisoformat(end) for end in ends if isinstance(end, str)]
    if not moments or len(moments) < len(ends):
        return None
    return max(moments) if max(moments) < until else None


def _gone_on(value: Value, ended: datetime) -> Value:
    """Return a value in which nothing ends at the agreement's end, or after it."""
    if isinstance(value, list):
        return [_gone_on(one, ended) for one in value]
    if not isinstance(value, dict):
        return value
    end = value.get("until")
    lifted = "from" in value and isinstance(end, str) and datetime.fromisoformat(end) >= ended
    return {key: _gone_on(one, ended) for key, one in value.items() if not (lifted and key == "until")}


def _with_a_clause(agreement: Value, begins: str) -> Value:
    """Return an agreement that forbids something and is in force at some time."""
    if not isinstance(agreement, dict):
        return agreement
    held: dict[str, Value] = {**agreement, "in_force": agreement.get("in_force") or [{"from": begins}]}
    versions = held.get("versions")
    listed = versions if isinstance(versions, list) else []
    if any(isinstance(one, dict) and one.get("clauses") for one in listed):
        return held
    parties = held.get("parties")
    bound = [name for one in (parties if isinstance(parties, list) else []) if (name := _name_of(one))]
    clause: Value = {
        "id": "fire",
        "title": f"{MARK} - no fire",
        "text": "All sides cease fire.",
        "source": "Made up for training",
        "binds": [*bound],
        "kinds": ["attack_unspecified"],
        "valid": {"from": begins},
    }
    version: Value = {
        "id": "exercise-ceasefire",
        "title": f"{MARK} - a ceasefire",
        "source": "Made up for training",
        "authoritative_language": "en",
        "signed_on": begins[:10],
        "valid": {"from": begins},
        "clauses": [clause],
    }
    return {**held, "versions": [*listed, version]}


def _marked(agreement: Value) -> Value:
    if not isinstance(agreement, dict):
        return agreement
    title, caveats, summary = agreement.get("title"), agreement.get("caveats"), agreement.get("summary")
    return {
        **agreement,
        "title": {key: _said(text) for key, text in (title if isinstance(title, dict) else {}).items()},
        "summary": _said(summary),
        "caveats": [CAVEAT, *(caveats if isinstance(caveats, list) else [])],
    }


def _said(text: Value) -> str:
    return str(text) if str(text).startswith(MARK) else f"{MARK} - {text}"


def _written(document: Value) -> bytes:
    # JSON is YAML too, and leaves no doubt about what is text.
    return json.dumps(document, ensure_ascii=False, indent=1).encode() + b"\n"
