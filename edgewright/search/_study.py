"""Optuna's study: where trials are kept, what chooses the next one, and which of them were left behind."""

from __future__ import annotations

import hashlib
import os
import re
import socket
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from edgewright.errors import ToolError, UserError

if TYPE_CHECKING:
    from optuna import Study, Trial
    from optuna.trial import FrozenTrial

STARTUP = 10
"""Random trials before a sampler learns."""

_TRIES = 5
_PAUSE_S = 0.5
_MADE = re.compile("exists|unique|duplicate", re.IGNORECASE)
"""What databases say of tables that another process has just made."""

FILE = "trials.journal"
_JOURNAL = "journal:"
_OWNER = "owner"
OUTCOME = "outcome"


def imported() -> Any:
    """Optuna, without its own lines on the terminal; ToolError where it is not installed."""
    try:
        import optuna
    except ImportError as error:
        raise ToolError(f"edgewright search: {error}; hint: pip install 'edgewright[search]'") from error
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    return optuna


def opened(url: str | None, folder: Path, name: str, more: Sequence[bool]) -> Study:
    """The study of a search, made where there is none.

    Args:
        url: of the storage: as SQLAlchemy takes it, or journal:PATH; None: a journal in the folder.
        folder: of the search.
        name: of the study.
        more: of each objective whether more is better.

    Raises:
        UserError: the storage cannot be opened.
    """
    imported()
    folder.mkdir(parents=True, exist_ok=True)
    try:
        study = _created(url or f"{_JOURNAL}{_own(folder / FILE)}", name, more)
    except Exception as error:  # whatever drivers of databases raise
        hint = "sqlite:///file.db, journal:file, postgresql://user@host/name (pip install 'psycopg[binary]')"
        told = str(error).partition("\n(Background")[0]
        where = f"--storage {without_password(url or str(folder))}"
        raise UserError(where, f"cannot be opened: {told}", hint=hint) from error
    return study


def _created(url: str, name: str, more: Sequence[bool]) -> Study:
    """The study; two that begin at once would both make the tables of a new database, and one finds them there."""
    optuna = imported()
    directions = ["maximize" if each else "minimize" for each in more]
    for left in reversed(range(_TRIES)):
        try:
            study: Study = optuna.create_study(
                storage=_storage(optuna, url), study_name=name, directions=directions, load_if_exists=True
            )
        except Exception as error:
            if not left or not _MADE.search(str(error)):
                raise
            time.sleep(_PAUSE_S)
            continue
        break
    return study


@contextmanager
def answering() -> Iterator[None]:
    """A server that goes away ends the search; ToolError."""
    try:
        yield
    except imported().exceptions.StorageInternalError as error:
        told = str(error.__cause__ or error).partition("\n")[0]
        hint = "trials that have ended are kept: the same command goes on"
        raise ToolError(f"the storage of the trials answers no more: {told}; hint: {hint}") from error


def without_password(url: str) -> str:
    """A URL, or a command with one, that may be shown and kept."""
    return re.sub(r"(://[^:/@\s]*):[^@/\s]*@", r"\1:***@", url)


def _storage(optuna: Any, url: str) -> Any:
    if not url.startswith(_JOURNAL):
        return url
    journal = optuna.storages.journal
    path = url.removeprefix(_JOURNAL)
    lock = _MendingLock(journal.JournalFileSymlinkLock(path), Path(path))
    return optuna.storages.JournalStorage(journal.JournalFileBackend(path, lock))


def _own(path: Path) -> Path:
    """A journal that nobody else writes to: a lock that was left would be waited for."""
    path.with_name(f"{path.name}.lock").unlink(missing_ok=True)
    return path


@dataclass(frozen=True)
class _MendingLock:
    """The lock of a journal; who has it finds no half line, as a killed process or a full disk may have left it.

    What is added behind one could never be read again.
    """

    lock: Any
    path: Path

    def acquire(self) -> bool:
        """As the lock itself does, and cut half a line off."""
        got = bool(self.lock.acquire())
        with self.path.open("r+b") as file:
            if file.seek(0, os.SEEK_END) and (file.seek(-1, os.SEEK_END), file.read(1))[1] != b"\n":
                file.seek(0)
                file.truncate(file.read().rfind(b"\n") + 1)
        return got

    def release(self) -> None:
        """As the lock itself does."""
        self.lock.release()


def owner(folder: Path) -> str:
    """Who runs trials here: the machine and the folder."""
    return f"{socket.gethostname()}:{os.path.realpath(folder)}"


def give_up_left(study: Study, mine: str) -> int:
    """Trials that a process of this folder began and did not end are failed; how many there were."""
    optuna = imported()
    running = optuna.trial.TrialState.RUNNING
    left = [
        trial for trial in study.get_trials(deepcopy=False, states=[running]) if trial.user_attrs.get(_OWNER) == mine
    ]
    for trial in left:
        study.tell(trial.number, state=optuna.trial.TrialState.FAIL)
    return len(left)


def next_trial(
    study: Study, sampler: str, seed: int, mine: str, given: Mapping[str, Any] | None = None, attempt: int = 0
) -> Trial:
    """Begin a trial; `given`: parameters that are not chosen; `attempt`: how many were begun that others are building.

    Its random numbers follow from the seed and how many trials have ended by themselves, so that a search which was
    killed goes on as if it had not been; and from how many others are running, so that they are no copies of it.
    """
    trials = study.get_trials(deepcopy=False)
    ended = [trial for trial in trials if trial.user_attrs.get(OUTCOME, "interrupted") != "interrupted"]
    others = len(_others(study, mine))
    text = " ".join(map(str, [seed, len(ended), *([others, attempt] if others else [])]))
    number = int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big")
    study.sampler = _sampler(sampler, number, is_alone=not others)
    if given is not None:
        study.enqueue_trial(dict(given))
    trial = study.ask()
    trial.set_user_attr(_OWNER, mine)
    return trial


def _others(study: Study, mine: str) -> list[FrozenTrial]:
    """Trials that other folders are building."""
    running = imported().trial.TrialState.RUNNING
    found = study.get_trials(deepcopy=False, states=[running])
    return [trial for trial in found if trial.user_attrs.get(_OWNER) != mine]


def given_back(study: Study, trial: Trial, mine: str) -> bool:
    """Whether another folder is building what was chosen, so that this trial was ended at once."""
    if not any(other.params == trial.params for other in _others(study, mine)):
        return False
    study.tell(trial, state=imported().trial.TrialState.FAIL)
    return True


def _sampler(name: str, seed: int, *, is_alone: bool) -> Any:
    samplers = imported().samplers
    if name == "random":
        return samplers.RandomSampler(seed=seed)
    if name == "nsga2":
        return samplers.NSGAIISampler(seed=seed, population_size=STARTUP)
    return samplers.TPESampler(seed=seed, n_startup_trials=STARTUP, constant_liar=not is_alone)
