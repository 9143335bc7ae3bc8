"""What a stage depends on when it reads a model's data, and the stage that loads what a person brings, once for all."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from edgewright import registry
from edgewright.datasets import declared_classes, declared_files, expanded, is_declared
from edgewright.options import features, words
from edgewright.options.data import Options
from edgewright.pipeline._compiler import compiler_files, compiler_modules
from edgewright.pipeline._stage import Job, Stage
from edgewright.sections.data import Data
from edgewright.sections.preprocess import Chain
from edgewright.source import constant_texts
from edgewright.spec import Model, ProjectModel


@dataclass(frozen=True)
class DataInputs:
    """The data of a model, as the stages read them that need them.

    Attributes:
        section: `[data]`, as far as it is not done yet.
        prepared: the arrays that the data stage wrote; None for a data set that each stage loads itself.
        facts: what the data stage found, names of classes among it.
        files: inputs of the stages.
        modules: modules that they load by name.
    """

    section: Data
    prepared: Path | None = None
    facts: Path | None = None
    files: tuple[str, ...] = ()
    modules: tuple[str, ...] = ()


def data_inputs(job: Job, spec: Model) -> DataInputs:
    """What stages read that need the model's data."""
    loaded = _loaded(job, spec)
    if not spec.preprocess:
        return loaded
    features = f"{job.model_folder}/features.npz"
    return DataInputs(Data(), Path(features), loaded.facts, (features,))


def _loaded(job: Job, spec: Model) -> DataInputs:
    """The same, before anything is done to it."""
    if spec.data.dataset is None or is_declared(spec.data):
        prepared = f"{job.model_folder}/data.npz"
        return DataInputs(Data(), Path(prepared), Path(job.model_folder, "data.json"), (prepared,))
    module = registry.datasets.load(spec.data.dataset)
    files = tuple(str(path) for path in expanded(module.sources(), f"data set {spec.data.dataset}: sources()"))
    return DataInputs(spec.data, files=files, modules=(registry.datasets.module_name(spec.data.dataset),))


def data_stage(job: Job, spec: Model) -> DataInputs:
    """Add the stage that loads the data, where they are a person's own; gives what the other stages read."""
    found = _loaded(job, spec)
    if found.prepared is not None and found.facts is not None:
        options = Options(out=found.prepared, facts=found.facts, data=spec.data, task=spec.task)
        job.add(_declared_stage(job, options) if is_declared(spec.data) else _own_stage(job, options))
    if spec.preprocess:
        job.add(_features_stage(job, spec, spec.preprocess, found))
    return data_inputs(job, spec)


def _features_stage(job: Job, spec: Model, preprocess: Chain, found: DataInputs) -> Stage:
    """What [preprocess] declares, done to all examples by the C that a device runs."""
    out, facts = f"{job.model_folder}/features.npz", features_facts(job)
    options = features.Options(
        prepared=found.prepared,
        out=Path(out),
        facts=Path(facts),
        data=found.section,
        task=spec.task,
        preprocess=preprocess,
    )
    return Stage(
        "training.features",
        f"preprocess the data of {job.model.name}",
        words(options),
        found.files,
        (out, facts),
        resources=compiler_files(),
        modules=(*found.modules, *kind_modules(preprocess), *compiler_modules()),
        packages=("jinja2", "numpy"),
        programs=("cc",),
        aliases=("train",),
    )


def kind_modules(preprocess: Chain) -> tuple[str, ...]:
    """The modules of the kinds, which stages load by name."""
    return tuple(registry.preprocessing.module_name(step.kind) for step in preprocess)


def features_facts(job: Job) -> str:
    """Path of what was computed of the training examples."""
    return f"{job.model_folder}/features.json"


def _own_stage(job: Job, options: Options) -> Stage:
    """Of a model whose model.py brings load()."""
    source = f"{model_folder(job)}/model.py"
    return Stage(
        "training.data",
        f"load the data of {job.model.name}",
        words(options.model_copy(update={"source": Path(source)})),
        (source,),
        (str(options.out), str(options.facts)),
        data=model_folder(job),
        packages=("numpy",),
        aliases=("train",),
    )


def _declared_stage(job: Job, options: Options) -> Stage:
    """Of files whose form model.toml declares."""
    folder, form = Path(model_folder(job)), str(options.data.dataset)
    return Stage(
        "training.data",
        f"load the data of {job.model.name}",
        words(options.model_copy(update={"folder": folder})),
        (),
        (str(options.out), str(options.facts)),
        content=tuple(str(path) for path in declared_files(options.data, folder)),
        modules=(registry.datasets.module_name(form),),
        packages=registry.datasets.load(form).PACKAGES,
        aliases=("train",),
    )


def labels_of(model: ProjectModel) -> tuple[str, ...]:
    """Names of the classes, where somebody gave them: model.toml, the data set, or LABELS of model.py."""
    spec = model.spec
    if spec is None or spec.labels is not None:
        return tuple(spec.labels or ()) if spec else ()
    folder = Path("models") / model.name
    if spec.data.dataset is None:
        return constant_texts(folder / "model.py", "LABELS")
    if is_declared(spec.data):
        return declared_classes(spec.data, folder) if spec.task.kind in ("classification", "sequence") else ()
    return tuple(registry.datasets.load(spec.data.dataset).LABELS)


def model_folder(job: Job) -> str:
    """The folder of the model's own files."""
    return f"models/{job.model.name}"


def model_source(job: Job) -> tuple[str, ...]:
    """The model's own Python file, where it has one."""
    return (f"{model_folder(job)}/model.py",) if job.model.code else ()
