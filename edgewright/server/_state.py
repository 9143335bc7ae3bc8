"""What the build of a project does now, from the lines that it writes (`edgewright.live`)."""

from __future__ import annotations

import fcntl
import json
from collections.abc import Iterator, Mapping, Sequence
from math import isfinite
from pathlib import Path
from typing import Any

Json = dict[str, Any]

_MOST_BYTES = 16 << 20


def state(path: Path) -> Json:
    """The state of the last build, as JSON values.

    Returns:
        "state": "none" before the first build, "runs", "done", "failed", or "stopped" for one that was killed.
        "command", "began", "ended": how it was started; seconds of the clock, "ended" of its last event.
        "stages": all that it may run, each with "title", "state" ("waiting", "runs", "done", "failed", or "kept" for
        one whose files were as they should be), "began" and "ended".
        "trainings": each with "title", "epochs" (in all), "rows" (an epoch each: "epoch" and its logs), and "step" and
        "steps" of the epoch that runs.
    """
    events = list(_events(path))
    begun = next((event for event in events if event["event"] == "build"), None)
    if begun is None:
        return {"state": "none", "stages": [], "trainings": []}
    stages = _stages(begun, events)
    return {
        "state": _whole(stages, events, path),
        "command": str(begun.get("command", "")),
        "began": begun["time"],
        "ended": events[-1]["time"],
        "stages": stages,
        "trainings": _trainings(events),
    }


def _events(path: Path) -> Iterator[Json]:
    """The lines that can be read: another process may be in the middle of one."""
    try:
        with path.open("rb") as file:
            text = file.read(_MOST_BYTES)
    except OSError:
        return
    for line in text.split(b"\n"):
        try:
            event = json.loads(line, parse_float=_finite, parse_constant=_finite)
        except (ValueError, RecursionError):
            continue
        if (
            isinstance(event, dict)
            and isinstance(event.get("event"), str)
            and isinstance(event.get("time"), int | float)
        ):
            yield event


def _finite(text: str) -> float:
    """A number that JSON can say again; ValueError for the others."""
    value = float(text)
    if not isfinite(value):
        raise ValueError(text)
    return value


def _list(value: Any) -> Sequence[Any]:
    """What stands where a list should: nothing, where it is none."""
    return value if isinstance(value, list) else []


def _stages(begun: Json, events: Sequence[Json]) -> list[Json]:
    declared = [row for row in _list(begun.get("stages")) if isinstance(row, dict)]
    found: list[Json] = [{"title": str(row.get("title", "")), "state": "waiting"} for row in declared]
    for event in events:
        number = event.get("stage")
        if not isinstance(number, int) or not 0 <= number < len(found):
            continue
        if event["event"] == "begin":
            found[number] |= {"state": "runs", "began": event["time"]}
            _keep(found, declared, number)
        elif event["event"] == "end":
            found[number] |= {"state": "failed" if event.get("status") else "done", "ended": event["time"]}
    return found


def _keep(found: list[Json], declared: Sequence[Json], number: int) -> None:
    """What a stage that runs needs is there: those before it that did not run had nothing to do."""
    todo = [number]
    while todo:
        for before in _list(declared[todo.pop()].get("needs")):
            if isinstance(before, int) and 0 <= before < len(found) and found[before]["state"] == "waiting":
                found[before]["state"] = "kept"
                todo.append(before)


def _whole(stages: Sequence[Json], events: Sequence[Json], path: Path) -> str:
    if any(event["event"] == "over" for event in events):
        return "failed" if any(stage["state"] == "failed" for stage in stages) else "done"
    return "runs" if _is_held(path) else "stopped"


def _is_held(path: Path) -> bool:
    """Whether a build that lives holds the file."""
    try:
        with path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def _trainings(events: Sequence[Json]) -> list[Json]:
    """In the order in which they began; a process that begins with the first epoch again trains anew."""
    found: list[Json] = []
    last: dict[tuple[str, str], Json] = {}
    for event in events:
        if event["event"] not in ("epoch", "step") or not isinstance(event.get("epoch"), int):
            continue
        title = str(event.get("title", ""))
        process = str(event.get("process"))
        training = last.get((title, process))
        if training is None or (training["rows"] and event["epoch"] <= training["rows"][-1]["epoch"]):
            training = {"title": title, "epochs": event.get("epochs"), "rows": []}
            last[title, process] = training
            found.append(training)
        _advance(training, event)
    return found


def _advance(training: Json, event: Json) -> None:
    if event["event"] == "epoch":
        training["rows"].append({"epoch": event["epoch"], **_numbers(event.get("logs"))})
        training["step"] = None
    else:
        training |= {"step": event.get("step"), "steps": event.get("steps")}


def _numbers(logs: object) -> dict[str, float]:
    if not isinstance(logs, Mapping):
        return {}
    return {str(key): value for key, value in logs.items() if isinstance(value, int | float)}
