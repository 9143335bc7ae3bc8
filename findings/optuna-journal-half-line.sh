#!/usr/bin/env bash
# What becomes of a study in a journal file, when the process that wrote its last line was killed in the middle of it?
#
# One would guess: the half line is passed over or cut off, and the study goes on: a journal is there for this.
# What happens: it is passed over as long as it is the last line. What is written next stands behind it on the same line.
#   From then on nobody can open the study: each reader raises JSONDecodeError, and all trials are out of reach.
# Versions: optuna 5.0.0, Python 3.11, Linux x86-64. Seen on 2026-11-30.
# For a user: before a journal is opened again after a crash or a full disk, cut off what stands behind its last newline.
set -euo pipefail

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
"${PYTHON:-python3.11}" -m venv "$dir/venv"
"$dir/venv/bin/pip" install --quiet optuna==5.0.0

"$dir/venv/bin/python" - "$dir" <<'PYTHON'
import json
import sys
from importlib.metadata import version
from pathlib import Path

import optuna

optuna.logging.set_verbosity(optuna.logging.ERROR)
JOURNAL = Path(sys.argv[1]) / "trials.journal"


def study():
    backend = optuna.storages.journal.JournalFileBackend(str(JOURNAL))
    storage = optuna.storages.JournalStorage(backend)
    return optuna.create_study(storage=storage, study_name="s", load_if_exists=True)


def outcome(do):
    try:
        return f"{len(do().trials)} trials"
    except json.JSONDecodeError as error:
        return type(error).__name__


def another():
    opened = study()
    opened.optimize(lambda trial: trial.suggest_float("x", 0, 1), n_trials=1)
    return opened


print(f"optuna {version('optuna')}")
another()
with JOURNAL.open("a") as file:
    file.write('{"op_code": 4, "wor')  # as far as the killed process came
seen = [outcome(study), outcome(another), outcome(study)]
print(f"opened with half a line at its end: {seen[0]}\none more trial: {seen[1]}\nopened again: {seen[2]}")
if seen[0] != "1 trials" or seen[2] != "JSONDecodeError":
    sys.exit("changed: this is no longer what was seen")
PYTHON
# Seen:
#   optuna 5.0.0
#   opened with half a line at its end: 1 trials
#   one more trial: JSONDecodeError
#   opened again: JSONDecodeError
