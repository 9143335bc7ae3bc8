"""Faults of `[preprocess]`: keys that a kind does not have, and kinds that do not follow each other."""

from __future__ import annotations

from types import ModuleType

from edgewright import registry
from edgewright.errors import UserError
from edgewright.sections.preprocess import Chain
from edgewright.spec._validate import known_name, validate
from edgewright.spec.toml_text import TomlFile

_SECTION = "preprocess"


def preprocess_keys(file: TomlFile, chain: Chain) -> list[UserError]:
    """Faults of all entries; of their order where they are known."""
    found, errors = registry.preprocessing, list[UserError]()
    for number, step in enumerate(chain):
        unknown = known_name(file, (_SECTION, number, "kind"), step.kind, found.names(), found.kind)
        if not unknown:
            validate(found.load(step.kind).OPTIONS, step.more, file, (_SECTION, number), errors)
        errors += unknown
    return errors or _order(file, chain)


def _order(file: TomlFile, chain: Chain) -> list[UserError]:
    """What no entry can say alone."""
    modules = [registry.preprocessing.load(step.kind) for step in chain]
    errors: list[UserError] = []
    for number, module in enumerate(modules):
        problem = _place(chain, modules, number)
        if problem:
            text, allowed = problem
            where = file.where((_SECTION, number, "kind"))
            errors.append(UserError(where, text, got=chain[number].kind, allowed=allowed))
        else:
            errors += _keys(file, chain, number, module)
    return errors


def _place(chain: Chain, modules: list[ModuleType], number: int) -> tuple[str, str] | None:
    """What is wrong with the place of an entry, and what is allowed; None where it may stand there."""
    if number == 0:
        return None
    kind, before = chain[number].kind, [step.kind for step in chain[:number]]
    if kind in before:
        return "stands there twice", "each kind once"
    if not hasattr(modules[number], "then"):
        return f"stands behind {before[-1]}, but takes what the device reads", f"{kind} first, or alone"
    given = next((module.GIVES for module in modules[number - 1 :: -1] if hasattr(module, "GIVES")), None)
    takes = getattr(modules[number], "AFTER", None)
    if None not in (given, takes) and given != takes:
        return f"takes {takes}, but {', then '.join(before)} gives {given}", f"kinds that give {takes} before it"
    return None


def _keys(file: TomlFile, chain: Chain, number: int, module: ModuleType) -> list[UserError]:
    """Keys that an entry has alone, but not among several."""
    given = chain[number].more
    first = "says what the device reads", f"in the first [[preprocess]], of kind {chain[0].kind}"
    alone = "is normalise's where there are several kinds", "in a [[preprocess]] of kind normalise behind it"
    faults = {key: first for key in getattr(module, "READS", ()) if number > 0}
    faults |= {key: alone for key in getattr(module, "NORMALISES", ()) if len(chain) > 1}
    return [
        UserError(file.where((_SECTION, number, key)), problem, got=given[key], allowed=allowed)
        for key, (problem, allowed) in faults.items()
        if key in given
    ]
