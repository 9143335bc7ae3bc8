"""The folder src/ of a bundle: models for their core and, chosen by the preprocessor, in portable C for any other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from edgewright import __version__
from edgewright.c_text import comment
from edgewright.errors import UserError
from edgewright.images.model import GeneratedModel, Library
from edgewright.templates import render
from edgewright.text import Safe


def sources(library: Library, portable: Sequence[Library], templates: Sequence[Path]) -> Iterator[tuple[str, bytes]]:
    """(path in the bundle, content) of all sources but the self-tests.

    Args:
        library: for the core.
        portable: each of its models for any processor, alone, its .c file of another name.
        templates: folders that are searched before the project's own.

    Raises:
        UserError: the two were made of different files.
    """
    _check(library, portable)
    own = {f"{model.name}{part}" for model in library.models for part in ("_layers.h", "_memory.h")}
    for name in library.files:
        if name not in own:  # layers are of use to the harness alone, what memory is needed is written below
            yield f"src/{name}", _for_core(library, name, templates)
    for each in portable if library.needs else ():
        (model,) = each.models
        for name in each.files:
            if name not in {*own, f"{model.name}.h", *library.files}:
                yield f"src/{name}", _for_any(library, each, name, templates)
    for model, each in zip(library.models, portable, strict=True):
        yield f"src/{model.name}_memory.h", _memory(library, model, each.models[0], templates).encode()


def _check(library: Library, portable: Sequence[Library]) -> None:
    made = [model.facts["source_sha256"] for model in library.models]
    for index, each in enumerate(portable):
        if index >= len(made) or each.models[0].facts["source_sha256"] != made[index]:
            where, hint = str(each.folder), "make both anew, of one .tflite file"
            raise UserError(where, f"is not of the model in {library.folder}", hint=hint)
        if each.models[0].takes_rows != library.models[index].takes_rows:
            where, problem = str(each.folder), f"is not given its input as the model in {library.folder} is"
            raise UserError(where, problem, hint='make both anew, with the same "input" in [compile]')
    if len(portable) < len(made):
        raise UserError(str(library.folder), "there is no portable C for each model of it", hint="give its folder")


def _for_core(library: Library, name: str, templates: Sequence[Path]) -> bytes:
    """A file as it is; code is compiled only where it is meant to run, where there is a choice."""
    content = (library.folder / name).read_bytes()
    if not library.needs or not name.endswith(".c"):
        return content
    names = [model.name for model in library.models]
    others = [f"{each}_portable.c" for each in names]
    return _guarded(library, content, templates, names=" and ".join(names), other=" and ".join(others), model=None)


def _for_any(library: Library, portable: Library, name: str, templates: Sequence[Path]) -> bytes:
    content, model = (portable.folder / name).read_bytes(), portable.models[0]
    if not name.endswith(".c"):
        return content
    known = next(each for each in library.models if each.name == model.name)  # it says what is unpacked
    return _guarded(library, content, templates, names=model.name, other=f"{library.name}.c", model=known)


def _guarded(
    library: Library, content: bytes, templates: Sequence[Path], *, names: str, other: str, model: GeneratedModel | None
) -> bytes:
    decides = model or library.models[0]
    values = {"names": names, "other": other, "model": model, "decides": decides, "core": decides.facts["core"]}
    one = model is not None or not library.has_several
    text = Safe(content.decode())
    return render("bundle/guarded.c.j2", templates, **values, one_other=one, text=text).encode()


def _memory(library: Library, model: GeneratedModel, portable: GeneratedModel, templates: Sequence[Path]) -> str:
    unpacked = {"weights_bytes": model.plan["weights_bytes"]}  # portable weights are raw: room for the others is left
    values = {
        "name": model.name,
        "macro": model.macro,
        "core": comment(model.facts["core"]),
        "version": __version__,
        "condition": " && ".join(library.needs),
        "plans": [model.plan, {**portable.plan, **unpacked}] if library.needs else [model.plan],
    }
    return render("model_memory.h.j2", templates, **values)
