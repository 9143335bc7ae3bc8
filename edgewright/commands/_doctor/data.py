"""The data that the models of the project learn from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from edgewright import registry
from edgewright.commands._doctor.finding import MISSING, OK, Finding
from edgewright.datasets import declared_files, is_declared
from edgewright.errors import UserError
from edgewright.spec import ProjectModel

GROUP = "data"


def findings(models: Iterable[ProjectModel]) -> Iterator[Finding]:
    """A line for each data set that has a name, and for each model whose files are declared."""
    named: dict[str, list[str]] = {}
    for model in models:
        data = model.spec.data if model.spec else None
        if data is None or data.dataset is None:
            continue
        if is_declared(data):
            yield _declared(model)
        else:
            named.setdefault(data.dataset, []).append(model.name)
    yield from (_named(name, ", ".join(users)) for name, users in named.items())


def _declared(model: ProjectModel) -> Finding:
    folder = model.folder
    if model.spec is None or folder is None:
        raise TypeError(model)
    purpose = model.name
    try:
        found = declared_files(model.spec.data, folder)
    except UserError as error:
        return Finding(GROUP, f"{model.name} [data]", MISSING, error.problem, purpose, error.hint or "put them there")
    missing = [path for path in found if not path.exists()]
    if missing:
        return Finding(GROUP, f"{model.name} [data]", MISSING, str(missing[0]), purpose, "put it there, or mend [data]")
    return Finding(GROUP, f"{model.name} [data]", OK, ", ".join(map(str, found)), purpose)


def _named(name: str, purpose: str) -> Finding:
    module = registry.datasets.load(name)
    if not hasattr(module, "found"):
        return Finding(GROUP, name, OK, "", purpose)
    where = module.found()
    if where is not None:
        return Finding(GROUP, name, OK, str(where), purpose)
    return Finding(GROUP, name, MISSING, "not on this machine yet", purpose, module.HINT, needed=False)
