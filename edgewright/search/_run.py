"""The search itself: trial after trial is chosen, built, judged and kept, until there are enough."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from edgewright.errors import UserError
from edgewright.files import canonical_json, write_text
from edgewright.search import _space, _study
from edgewright.search._advised import Advised, first_trials
from edgewright.search._figures import NoSuchFigureError
from edgewright.search._front import ranks, spearman
from edgewright.search._judge import Made, Refused, costs_of, judged, refuse_unknown
from edgewright.search._plan import Plan
from edgewright.search._record import Found, keep, with_front
from edgewright.search._wanted import Objective
from edgewright.search._words import words
from edgewright.sections.search import Quick

if TYPE_CHECKING:
    import optuna

_MOST_AGAIN = 30
"""Trials in a row that were there before, after which nothing new is expected."""

_FOUND = "found"


class Builder(Protocol):
    """What builds a trial."""

    def __call__(self, files: Sequence[str], log: Path) -> Sequence[Mapping[str, Any] | Refused]:
        """The reports of the target files, in their order, or why one has none; Refused where none has."""


@dataclass
class Progress:
    """What is known in the middle of a search.

    Attributes:
        plan: what is searched.
        trials: those that have ended.
        elapsed_s: seconds that this process has searched.
        built: trials that it has built.
        advised: with which trials it began.
        cut_off: trials that this folder began and did not end before: each is chosen again, with another number.
        ended: why it ended before there were enough trials; empty while it runs.
    """

    plan: Plan
    trials: list[Found] = field(default_factory=list)
    elapsed_s: float = 0.0
    built: int = 0
    advised: Sequence[Advised] = ()
    cut_off: int = 0
    ended: str = ""

    @property
    def new(self) -> int:
        """Trials that are no repetition of others."""
        return sum(trial.again is None for trial in self.trials)

    @property
    def left_s(self) -> float | None:
        """Seconds until it has ended, by the mean of the trials so far; None where nobody knows."""
        if not self.built:
            return None
        by_trials = (self.plan.search.trials - self.new) * self.elapsed_s / self.built
        limit = self.plan.search.time
        return by_trials if limit is None else max(0.0, min(by_trials, limit - self.elapsed_s))

    @property
    def front(self) -> list[Found]:
        """The best trials, in the order of the first objective."""
        return sorted((trial for trial in with_front(self.trials) if trial.on_front), key=lambda each: each.costs)

    @property
    def fronts(self) -> dict[str, list[Found]]:
        """Of each target, where several are searched, the best trials of those that hold there, in the same order."""
        found = with_front(self.trials)
        return {
            name: sorted(
                (trial for trial in found if name in trial.targets and trial.targets[name].on_front),
                key=lambda each: each.targets[name].costs,
            )
            for name, objectives in self.plan.own.items()
            if objectives
        }

    def worth(self) -> list[tuple[str, float | None, int]]:
        """Of each objective, how far a cheap look orders trials as the whole training does, and of how many trials."""
        both = [trial for trial in self.trials if trial.quick and trial.costs and trial.again is None]
        if self.plan.search.quick is None:
            return []
        return [
            (each.title, spearman([t.quick[n] for t in both], [t.costs[n] for t in both]), len(both))
            for n, each in enumerate(self.plan.objectives)
        ]

    def as_json(self, command: str) -> dict[str, Any]:
        """For pages and programs."""
        plan = self.plan
        return {
            "name": plan.name,
            "command": command,
            "folder": plan.folder,
            "model": plan.model.name,
            "targets": {target.name: target.wanted for target in plan.targets},
            "sampler": plan.search.sampler,
            "seed": plan.search.seed,
            "objectives": list(map(_objective, plan.objectives)),
            "fronts": [{"target": name, "objectives": list(map(_objective, plan.own[name]))} for name in self.fronts],
            "advised": [{"what": each.what, "values": dict(each.values)} for each in self.advised],
            "quick_worth": [{"title": t, "spearman": rho, "trials": n} for t, rho, n in self.worth()],
            "asked": plan.search.trials,
            "trials": [trial.as_json() for trial in with_front(self.trials)],
        }


def _objective(each: Objective) -> dict[str, Any]:
    return {"title": each.title, "more": each.figure.more, "unit": each.figure.unit, "share": each.is_share}


def search(
    plan: Plan,
    root: Path,
    build: Builder,
    *,
    command: str,
    storage: str | None = None,
    advise: Callable[[], Sequence[Advised]] | None = None,
    say: Callable[[Progress, Found | None], None] = lambda *_: None,
) -> Progress:
    """Search until there are enough trials, or the time is over; a search that was there before goes on.

    Args:
        plan: what is searched.
        root: the project's folder, which is the working folder too.
        build: what builds a trial.
        command: how it was started, for people.
        storage: URL of Optuna's storage; None: a file in the folder of the search.
        advise: what tells with which trials a new search begins.
        say: is told of each trial that has ended, and at first of those that were there.

    Raises:
        KeyboardInterrupt: it was interrupted; all trials that have ended are kept.
        NoSuchFigureError: the report of a trial has not what is asked of it.
        ToolError: the storage went away, or the machine refused to build a trial; the same holds.
    """
    command = _study.without_password(command)
    folder = root / plan.folder
    study = _study.opened(storage, folder, Path(plan.folder).name, [each.figure.more for each in plan.objectives])
    mine = _study.owner(folder)
    cut_off = _study.give_up_left(study, mine)
    progress = Progress(plan, _known(study, plan, root), cut_off=cut_off)
    progress.advised = first_trials(folder, advise if not progress.trials else None)
    todo = [each for each in progress.advised if not any(each.is_in(trial.values) for trial in progress.trials)]
    keep(root, plan.folder, progress.as_json(command))
    say(progress, None)
    begun, again = time.monotonic(), 0
    while _goes_on(progress, again):
        with _study.answering():
            found = _one(plan, root, build, study, (mine, todo.pop(0) if todo else None), progress)
            known = _known(study, plan, root)
        again = again + 1 if found.again is not None else 0
        progress.trials = known
        progress.built += found.again is None
        progress.elapsed_s = time.monotonic() - begun
        keep(root, plan.folder, progress.as_json(command))
        say(progress, found)
    progress.ended = _why(progress, again)
    return replace(progress, trials=with_front(progress.trials))


def _why(progress: Progress, again: int) -> str:
    if progress.new >= progress.plan.search.trials:
        return ""
    few = f"nothing new in {again} trials one after the other: what may vary leaves no others"
    return few if again >= _MOST_AGAIN else "the time is over: the same command goes on"


def _goes_on(progress: Progress, again: int) -> bool:
    search = progress.plan.search
    in_time = search.time is None or progress.elapsed_s < search.time
    return progress.new < search.trials and in_time and again < _MOST_AGAIN


def _known(study: optuna.Study, plan: Plan, root: Path) -> list[Found]:
    """Trials that have ended. Those of other folders with the same storage have their target files here, too."""
    attributes = (trial.user_attrs for trial in study.get_trials(deepcopy=False))
    found = [Found.read(each[_FOUND]) for each in attributes if _FOUND in each]
    for trial in found:
        files = plan.files(f"trial-{trial.number}", trial.values) if trial.is_built and trial.again is None else {}
        for path, text in files.items():
            if not (root / path).exists():
                write_text(root / path, text)
    return found


def _one(
    plan: Plan,
    root: Path,
    build: Builder,
    study: optuna.Study,
    begun: tuple[str, Advised | None],
    progress: Progress,
) -> Found:
    """Choose, build, judge and tell one trial; `begun`: who does it, and what is chosen already."""
    mine, advised = begun
    given = advised.parameters(plan.dimensions) if advised else None
    trial, values = _chosen(plan, study, mine, given)
    before = next((t for t in progress.trials if t.again is None and _same(t.values, values)), None)
    if before is not None:
        found, broken = replace(before, number=trial.number, again=before.number), None
    else:
        found, broken = _Trial(plan, root, build, progress, trial.number, values).ended()
    _tell(study, trial, found, broken if broken is not None else _excess_of(study, before))
    return found


def _chosen(
    plan: Plan, study: optuna.Study, mine: str, given: Mapping[str, Any] | None
) -> tuple[optuna.Trial, dict[str, Any]]:
    """A trial, and its values; of what other folders are building another one, if there soon is any."""
    for attempt in range(_MOST_AGAIN + 1):
        trial = _study.next_trial(study, plan.search.sampler, plan.search.seed, mine, given, attempt)
        values = _space.choose(plan.dimensions, trial)
        if attempt == _MOST_AGAIN or not _study.given_back(study, trial, mine):
            break
        given = None
    return trial, values


def _same(ones: Mapping[str, Any], others: Mapping[str, Any]) -> bool:
    return canonical_json(dict(ones)) == canonical_json(dict(others))


def _excess_of(study: optuna.Study, before: Found | None) -> dict[str, float]:
    return {} if before is None else dict(study.get_trials(deepcopy=False)[before.number].constraints)


def _tell(study: optuna.Study, trial: optuna.Trial, found: Found, over: Mapping[str, float]) -> None:
    """Optuna is told; what could not be built, or did not look good, is pruned: a sampler keeps away from it."""
    states = _study.imported().trial.TrialState
    for name, value in over.items():
        trial.set_constraint(name, value)
    trial.set_user_attr(_FOUND, found.as_json())
    trial.set_user_attr(_study.OUTCOME, found.outcome)
    if found.costs:
        directions = study.directions
        signs = [-1 if direction.name == "MAXIMIZE" else 1 for direction in directions]
        study.tell(trial, [sign * cost for sign, cost in zip(signs, found.costs, strict=True)])
    else:
        study.tell(trial, state=states.FAIL if found.outcome == "failed" else states.PRUNED)


@dataclass(frozen=True)
class _Trial:
    """A trial that is built."""

    plan: Plan
    root: Path
    build: Builder
    progress: Progress
    number: int
    values: Mapping[str, Any]

    def ended(self) -> tuple[Found, dict[str, float]]:
        """What came of it, and by how much it is over each of its limits."""
        found = Found(self.number, "failed", self.values, words(self.plan, self.values))
        try:
            if (quick := self.plan.search.quick) is not None:
                found = replace(found, quick=costs_of(self.plan.objectives, self._reports("-quick", quick)) or ())
                if found.quick and not _looks_good(found.quick, self.progress, quick):
                    return replace(found, outcome="dropped", message="does not look good enough"), {}
            return judged(self.plan, found, self._reports("", None))
        except Refused as error:
            return replace(found, outcome="refused" if error.is_choice else "failed", message=str(error)), {}
        except LookupError as error:
            return replace(found, outcome="refused", message=f"there is no such place: {error}"), {}
        except NoSuchFigureError:
            raise  # it would be the same of each further trial
        except UserError as error:
            return replace(found, message=str(error)), {}

    def _reports(self, what: str, quick: Quick | None) -> Made:
        stem = f"trial-{self.number}{what}"
        files = self.plan.files(stem, self.values, quick)
        for path, text in files.items():
            write_text(self.root / path, text)
        reports = self.build(list(files), self.root / self.plan.folder / f"{stem}.log")
        made = {target.name: report for target, report in zip(self.plan.targets, reports, strict=True)}
        if not any(trial.costs for trial in self.progress.trials):  # one that had all figures proves their paths
            refuse_unknown(self.plan, made)
        return made


def _looks_good(costs: Sequence[float], progress: Progress, quick: Quick) -> bool:
    """Whether a trial is among the best of those that were looked at, or one of the first."""
    looked = [trial for trial in progress.trials if trial.quick and trial.again is None]
    if sum(bool(trial.costs) for trial in looked) < quick.first:
        return True
    found = ranks([*(trial.quick for trial in looked), costs])
    better = sum(rank < found[-1] for rank in found)
    return better < quick.share * len(found)
