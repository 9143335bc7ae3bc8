"""The graph as plain data."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from edgewright.home import home
from edgewright.pipeline import Stage, check_pair, stages_of, together_stages
from edgewright.spec import Measure, Project, ProjectModel, Source, boards_of, load_project
from edgewright.spec._stand_in import stand_in


@pytest.fixture(scope="module")
def project() -> Project:
    return load_project(home(), home())


def stages(project: Project, target: str, model: ProjectModel | None = None) -> list[Stage]:
    return stages_of(project.targets[target], model or project.models["fashion_cnn"])


def modules(found: list[Stage]) -> list[str]:
    return [stage.name for stage in found]


def test_every_input_is_a_source_or_made_before(project: Project) -> None:
    for target in project.targets:
        made: set[str] = set()
        for stage in stages(project, target):
            for path in stage.inputs:
                assert path in made or not path.startswith("build/"), f"{target}: {stage.title} reads {path}"
            made.update(stage.outputs)


def test_no_output_is_made_twice(project: Project) -> None:
    for target in project.targets:
        outputs = [path for stage in stages(project, target) for path in stage.outputs]
        assert len(outputs) == len(set(outputs))


def test_every_path_of_a_stage_is_on_its_command_line_or_beside_one_that_is(project: Project) -> None:
    for stage in stages(project, "rpi"):
        for path in stage.outputs:
            assert any(path in word for word in stage.arguments), f"{stage.title}: {path}"


def test_no_path_of_this_machine_is_in_a_command_line(project: Project) -> None:
    for target in project.targets:
        for stage in stages(project, target):
            assert not any(word.startswith("/") for word in stage.arguments)


def test_equal_chains_share_their_artifacts(project: Project) -> None:
    rpi = project.targets["rpi"]
    model = project.models["fashion_cnn"]
    other = replace(rpi, name="other", steps=(*rpi.steps, *rpi.steps))
    ours = {stage.outputs for stage in stages_of(rpi, model) if stage.name == "compress"}
    theirs = {stage.outputs for stage in stages_of(other, model) if stage.name == "compress"}
    assert len(ours) == 1
    assert len(theirs) == 2
    assert ours < theirs


def test_measure_options_reach_no_other_stage(project: Project) -> None:
    rpi = project.targets["rpi"]
    assert rpi.measure is not None
    other = replace(rpi, measure=replace(rpi.measure, options={**rpi.measure.options, "runs": 51}))
    model = project.models["fashion_cnn"]
    before, after = ({stage.outputs: stage.arguments for stage in stages_of(target, model)} for target in (rpi, other))
    changed = [outputs for outputs in before if before[outputs] != after[outputs]]
    assert changed
    names = {outputs[0].rpartition("/")[2].partition("-")[0] for outputs in changed}
    assert names <= {"latency", "latency.json", "history.json"}  # the record names what ran


def test_what_a_converter_made_depends_on_the_model_alone(project: Project) -> None:
    source = Source("net.onnx", "onnx", ("net.onnx",), keras=False)
    found = stages(project, "rpi", ProjectModel("net", source=source, calibration="x.npy"))
    by_name = {stage.name: stage for stage in found}
    assert by_name["convert"].inputs == ("net.onnx",)
    assert {"net.onnx", "x.npy", *by_name["convert"].outputs} <= set(by_name["bring"].inputs)
    assert "x.npy" in by_name["quantize"].inputs
    plain = {stage.name: stage for stage in stages(project, "rpi", ProjectModel("net", source=source))}
    assert plain["convert"] == by_name["convert"]


def test_somebody_elses_tflite_is_not_trained(project: Project) -> None:
    found = modules(stages(project, "rpi", ProjectModel("net", source=Source("net.tflite", "tflite", ("net.tflite",)))))
    assert found[0] == "adopt"
    assert not {"train", "compress", "quantize", "evaluate", "evaluate_tflite"} & set(found)
    assert {"headers", "measure", "report", "budget"} <= set(found)


def test_a_microcontroller_gets_firmware_and_no_system_root(project: Project) -> None:
    found = modules(stages(project, "mcu"))
    assert {"compile", "firmware", "bundle", "measure"} <= set(found)
    assert "sysroot" not in found


def test_a_board_without_emulator_is_built_and_its_code_is_counted_on_another(project: Project) -> None:
    pico = project.targets["pico"]
    found = stages(project, "pico")
    images = [stage for stage in found if stage.name == "firmware"]
    assert [stage.outputs[0].rpartition("fashion_cnn/")[2] for stage in images] == [
        "firmware.elf",
        "stand-in/firmware.elf",
    ]
    (measured,) = (stage for stage in found if stage.name == "measure")
    assert images[1].outputs[0] in measured.inputs
    assert pico.stand_in is not None
    assert (pico.stand_in.name, pico.stand_in.board.core) == ("mps2-an385-m0", pico.board.core)
    assert pico.stand_in.board.toolchain == pico.board.toolchain
    without = modules(stages_of(replace(pico, stand_in=None), project.models["fashion_cnn"]))
    assert "measure" not in without


def test_which_boards_stand_in_for_others(project: Project) -> None:
    boards = boards_of(home(), home())
    found = {name: other.name for name, board in boards.items() if (other := stand_in(board, boards))}
    assert found["nucleo-f411re"] == "mps2-an386"
    assert found["nucleo-h743zi2"] == "mps2-an500"
    assert found["pico-2"] == "mps2-an505"
    assert found["blue-pill"] == "mps2-an385"
    assert found["arduino-zero"] == "mps2-an385-m0"
    assert found["esp32-c3-devkitm-1"] == "qemu-virt-rv32imc"
    assert not {"mps2-an386", "raspberry-pi-4"} & set(found)


def test_measurements_are_not_cached_and_hold_their_device(project: Project) -> None:
    for stage in stages(project, "rpi"):
        if stage.name == "measure":
            assert not stage.cached
            assert stage.device


def test_what_starts_slowly_is_started_once_for_all_models(project: Project) -> None:
    rpi = project.targets["rpi"]
    assert rpi.measure is not None
    folder = "build/rpi/fashion_cnn"
    outputs = [f"{folder}/latency{which}.json" for which in ("", "-float", "-1-prune")]
    assert [stage.outputs for stage in stages(project, "rpi") if stage.name == "measure"] == [tuple(outputs)]
    here = replace(rpi, measure=replace(rpi.measure, transport="host", options={}))
    apart = [stage for stage in stages_of(here, project.models["fashion_cnn"]) if stage.name == "measure"]
    assert [stage.outputs for stage in apart] == [(path,) for path in outputs]


def test_a_schedule_is_held_against_the_training(project: Project) -> None:
    model = project.models["fashion_cnn"]
    rpi = project.targets["rpi"]
    assert check_pair(rpi, model) == []
    (step,) = rpi.steps
    schedule = {"final": 0.5, "end_step": 1000}
    short = replace(
        rpi, steps=(replace(step, options={**step.options, "epochs": 1, "min_steps": 0, "schedule": schedule}),)
    )
    (error,) = check_pair(short, model)
    assert "the training ends before the schedule does" in str(error)


def test_a_board_is_flashed_before_it_is_measured_over_its_serial_port(project: Project) -> None:
    nucleo = project.targets["nucleo-l4r5zi"]
    assert nucleo.flash is not None
    model = project.models["fashion_cnn"]
    alone = {stage.name: stage for stage in stages_of(nucleo, model)}
    assert alone["flash"].again
    assert alone["flash"].aliases == ("flash",)  # not of the default goal
    assert alone["measure"].outputs == ("build/nucleo-l4r5zi/fashion_cnn/latency.json",)  # on the emulated core
    serial = Measure("serial", {"port": "/dev/ttyACM0"})
    measured = {stage.name: stage for stage in stages_of(replace(nucleo, measure=serial), model)}
    assert measured["flash"].outputs[0] in measured["measure"].inputs
    assert measured["flash"].device == measured["measure"].device
    without = {stage.name: stage for stage in stages_of(replace(nucleo, flash=None, measure=serial), model)}
    assert "flash" not in without


def test_only_a_pico_takes_uf2(project: Project) -> None:
    made = {
        name: [
            Path(path).suffix for stage in stages(project, name) if stage.name == "firmware" for path in stage.outputs
        ]
        for name in ("pico", "nucleo-l4r5zi")
    }
    assert ".uf2" in made["pico"]
    assert ".uf2" not in made["nucleo-l4r5zi"]


def test_a_phone_is_measured_with_the_model_that_its_app_gets(project: Project) -> None:
    found = {stage.outputs[0].rpartition("/")[2]: stage for stage in stages(project, "phone")}
    written = next(stage for stage in stages(project, "phone") if stage.name == "app")
    assert written.outputs[0] == "build/phone/fashion_cnn/app/fashion_cnn.tflite"
    assert written.outputs[0] in found["latency.json"].inputs


def test_pictures_are_outputs_that_others_may_show(project: Project) -> None:
    found = {output for stage in stages(project, "mcu") for output in stage.outputs if output.endswith(".svg")}
    assert found >= {f"build/mcu/fashion_cnn/{name}.svg" for name in ("c/plan", "curves", "confusions")}
    brought = ProjectModel("net", source=Source("net.tflite", "tflite", ("net.tflite",)))
    assert [output for stage in stages(project, "rpi", brought) for output in stage.outputs if ".svg" in output] == []


def test_models_together_are_counted_on_the_board_that_stands_in(project: Project) -> None:
    pico = project.targets["pico"]
    models = [ProjectModel(name, source=Source(f"{name}.tflite", "tflite", (f"{name}.tflite",))) for name in ("a", "b")]
    found = together_stages(pico, models)
    measured = [stage for stage in found if stage.name == "measure"]
    assert [stage.outputs[0] for stage in measured] == [f"build/pico/a_and_b/latency-{name}.json" for name in "ab"]
    assert all("build/pico/a_and_b/stand-in/firmware.elf" in stage.inputs for stage in measured)
    made = {output for model in models for stage in stages_of(pico, model) for output in stage.outputs}
    for stage in found:
        assert {path for path in stage.inputs if path.startswith("build/")} <= made, stage.title
        made.update(stage.outputs)


def test_the_firmware_of_all_is_flashed_behind_those_of_each(project: Project) -> None:
    """So it is the one that stays on the board, in whatever order stages could run."""
    nucleo = project.targets["nucleo-l4r5zi"]
    models = [ProjectModel(name, source=Source(f"{name}.tflite", "tflite", (f"{name}.tflite",))) for name in ("a", "b")]
    alone = {stage.outputs[0] for model in models for stage in stages_of(nucleo, model) if stage.name == "flash"}
    (flash,) = (stage for stage in together_stages(nucleo, models) if stage.name == "flash")
    assert len(alone) == 2
    assert alone <= set(flash.inputs)
