from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from pydantic import ValidationError

from edgewright.coding import encode_channels
from edgewright.kernels.quant import channel_multipliers
from edgewright.passes import latent
from edgewright.passes._latent import account
from edgewright.training import coarse, grid
from testbench.stages import held, wait_for
from tests.conftest import OWN_DATA
from tests.passes.fashion import DATA as FASHION
from tests.passes.fashion import TRAIN

if TYPE_CHECKING:
    from testbench.resident import Resident
    from testbench.stages import Stages

UPSAMPLE = {"decoder": "upsample", "rate": 1.5e-5, "epochs": 3, "learning_rate": 0.003}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"decoder": "magic"}, "upsample"),
        ({"rate": 0}, "greater than 0"),
        ({"step": -1.0}, "greater than 0"),
        ({"block": [2]}, "Field required"),
        ({"block": [0, 2]}, "greater than or equal to 1"),
        ({"layers": {"conv": {"epochs": 3}}}, "Extra inputs"),
        ({"share": 1.5}, "less than or equal to 1"),
        ({"decoder": "vae", "layers": {"conv": {"decoder": "mlp"}}}, "nothing is trained"),
    ],
)
def test_senseless_options_are_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        latent.Options.model_validate(options)


def test_a_layer_may_have_options_of_its_own() -> None:
    options = latent.Options.model_validate({"rate": 1e-6, "step": 0.25, "layers": {"conv": {"rate": 1e-7}}})
    assert (options.of("conv").rate, options.of("conv").step) == (1e-7, 0.25)
    assert options.of("classes").rate == 1e-6


def refused(options: dict[str, Any], *before: str) -> list[str]:
    entries = [(name, None) for name in before]
    return [
        str(error)
        for error in latent.check_order(latent.Options.model_validate(options), entries, "t.toml:9: compress[1]")
    ]


def test_what_it_would_undo_is_refused_before_it() -> None:
    assert refused({}, "prune", "prune_channels", "distill") == []
    [clusters] = refused({}, "cluster")
    assert clusters.startswith("t.toml:9: compress[1].pass: 'latent' may not come after 'cluster'")
    assert "the codes that the first latent stores are lost" in refused({}, "latent")[0]
    [zeros] = refused({"decoder": "upsample"}, "prune")
    assert "keeps none of the zeros of prune" in zeros


@pytest.fixture(scope="module")
def folder(stages: Stages, fashion_cnn: Callable[[str], Path]) -> Path:
    """A fashion_cnn trained on a slice of the data, and coded."""
    folder = fashion_cnn("latent")
    compress(stages, folder, UPSAMPLE)
    return folder


def compress(stages: Stages, folder: Path, options: dict[str, Any], name: str = "latent", code: int = 0) -> str:
    files = ("--model", folder / "float.h5", "--out", folder / f"{name}.h5", "--stats", folder / f"{name}.json")
    return stages.run("compress", "--pass", "latent", *files, code=code, compress=options, data=FASHION, train=TRAIN)


def kernels(path: Path) -> dict[str, np.ndarray]:
    return {name: kernel(path, name) for name in ("conv", "classes")}


def kernel(path: Path, layer: str) -> np.ndarray:
    import h5py

    with h5py.File(path) as file:
        found: np.ndarray = file[f"model_weights/{layer}/{layer}/kernel:0"][()]
        return found


def test_weights_are_few_integers_times_a_scale(folder: Path) -> None:
    for kernel in kernels(folder / "latent.h5").values():
        for channel in kernel.reshape(-1, kernel.shape[-1]).T:
            sizes = np.unique(np.abs(channel))
            steps = np.diff(np.append(0, sizes)) if sizes.any() else np.ones(1)
            step = min(steps[steps > 1e-7])
            assert np.abs(channel / step - np.round(channel / step)).max() < 1e-3
            assert len(np.unique(channel)) < 60


def test_dense_weights_are_constant_over_blocks(folder: Path) -> None:
    maps = kernels(folder / "latent.h5")["classes"].reshape(13, 2, 13, 2, 32, 10)
    assert np.array_equal(maps, np.broadcast_to(maps[:, :1, :, :1], maps.shape))


def test_everything_is_counted(folder: Path) -> None:
    notes = json.loads((folder / "latent.json").read_text())["notes"]
    conv, classes = notes["layers"]
    assert (conv["name"], conv["int8_bytes"]) == ("conv", 288 + 32 * 8)
    assert (classes["latents"], classes["weights"]) == (54_080, 216_320)
    assert classes["parts"]["codes"] < 216_320 / 10
    assert classes["parts"] == {"codes": classes["parts"]["codes"], "scales": 40, "biases": 40, "decoder": 0}
    assert notes["bytes"] == conv["bytes"] + classes["bytes"] < notes["int8_bytes"] / 10


@pytest.fixture(scope="module")
def tflite(folder: Path, stages: Stages) -> Path:
    """The coded model as int8."""
    files = ("--model", folder / "latent.h5", "--out", folder / "m.tflite", "--stats", folder / "quantize.json")
    stages.run("quantize", *files, data=FASHION, quantize={"calibration_samples": 20, "qat": "never"})
    return folder / "m.tflite"


def test_coded_model_still_classifies_as_int8(folder: Path, tflite: Path, stages: Stages) -> None:
    options = {"runtime": "litert", "data": FASHION}
    stages.run("evaluate_tflite", "--model", tflite, "--out", folder / "accuracy.json", **options)
    assert json.loads((folder / "accuracy.json").read_text())["value"] > 0.6


def test_int8_weights_are_the_latents(folder: Path, tflite: Path) -> None:
    layers = json.loads((folder / "latent.json").read_text())["notes"]["layers"]
    weights = {len(bias.values): kernel for _, kernel, bias in grid.layers(bytearray(tflite.read_bytes())) if bias}
    for layer, channels in zip(layers, (32, 10), strict=True):
        assert np.abs(weights[channels].values).max() <= layer["largest"]
        assert np.mean(weights[channels].values == 0) == pytest.approx(layer["zeros"], abs=1e-3)
    code = account.code(weights[10].values.reshape(10, 26, 26, 32)[:, ::2, ::2].copy())
    assert len(code) <= layers[1]["parts"]["codes"]


def test_a_grid_is_found_once(tflite: Path) -> None:
    data = tflite.read_bytes()
    assert grid.regrid(data) == data


def coarsest(row: np.ndarray) -> int:
    return int(grid._coarsest(grid._there(row[None]))[0])


def layers_of(file: bytes) -> list[tuple[Any, grid.Constant, grid.Constant]]:
    return [(view, weights, bias) for view, weights, bias in grid.layers(bytearray(file)) if bias is not None]


def test_coarse_factors_are_few_numbers_and_nearly_what_they_were(tflite: Path) -> None:
    exact = tflite.read_bytes()
    found, count = coarse.coarse(exact)
    assert (count, coarse.coarse(found)) == (2, (found, 2))
    for (before, old, _), (view, weights, bias) in zip(layers_of(exact), layers_of(found), strict=True):
        assert np.array_equal(old.values, weights.values)
        assert np.abs(weights.scales / old.scales - 1).max() < 2**-coarse.FACTOR_BITS + 2**-coarse.SCALE_BITS
        scales = view.input(0).quantization.scale * weights.scales.astype(np.float64)
        assert np.array_equal(bias.scales, scales.astype(np.float32))
        factors = channel_multipliers(scales / view.output().quantization.scale)
        assert len(np.unique(factors[0])) <= 1 << (coarse.FACTOR_BITS - 1)
        folded = bias.values[:, 0] - view.input(0).quantization.zero_point * weights.values.astype(int).sum(axis=1)
        assert not (folded % 2 ** np.maximum(factors[1].astype(int) - coarse.FINE, 0)).any()
        code = encode_channels(folded.astype(np.int32), *factors)
        assert code is not None
        assert len(code.data) < 4 * len(folded)
        assert before.input(0).quantization.zero_point == view.input(0).quantization.zero_point


def test_weights_on_no_grid_keep_their_factors(tflite: Path) -> None:
    file = bytearray(tflite.read_bytes())
    for _, weights, _ in grid.layers(file):
        weights.values[:, 0] = 127
    assert coarse.coarse(bytes(file)) == (bytes(file), 0)


def test_coarse_factors_are_asked_for(folder: Path, tflite: Path, stages: Stages) -> None:
    files = ("--model", folder / "latent.h5", "--out", folder / "coarse.tflite", "--stats", folder / "coarse.json")
    stages.run("quantize", *files, data=FASHION, quantize={"calibration_samples": 20, "qat": "never", **COARSE})
    assert (folder / "coarse.tflite").read_bytes() == coarse.coarse(tflite.read_bytes())[0]
    assert json.loads((folder / "coarse.json").read_text())["coarse_layers"] == 2


COARSE = {"factors": "coarse"}


@pytest.mark.parametrize("steps", [1, 2, 7, 40, 63])
def test_the_coarsest_grid_is_found(steps: int) -> None:
    random = np.random.default_rng(steps)
    integers = np.append(random.integers(-steps, steps + 1, 200), [steps, 1])
    stored = np.trunc(integers * 127 / steps + np.copysign(0.5, integers)).astype(np.int64)
    assert coarsest(stored) == steps
    assert np.array_equal(grid._nearest(stored, steps), integers)


@pytest.mark.parametrize("kept", [1, 2, 3, 4, 9])
def test_a_few_weights_that_fit_a_grid_by_chance_stay(kept: int) -> None:
    random = np.random.default_rng(kept)
    rows = random.integers(-127, 128, (32, 9)).astype(np.int8)
    rows[:, kept:] = 0
    rows[:, 0] = 127  # what the converter makes of the largest
    assert grid._steps(grid.Constant(rows, np.ones(32, np.float32))) is None


@pytest.mark.parametrize(("channels", "weights"), [(32, 9), (10, 500), (1, 5000)])
@pytest.mark.parametrize("steps", [1, 3, 12])
def test_layers_on_a_grid_are_told_from_chance(channels: int, weights: int, steps: int) -> None:
    integers = np.random.default_rng(steps).integers(-steps, steps + 1, (channels, weights))
    integers[:, 0] = steps
    stored = np.rint(integers * 127 / steps).astype(np.int8)
    found = grid._steps(grid.Constant(stored, np.ones(channels, np.float32)))
    assert found is not None
    assert (found == steps).mean() > 0.9


def test_weights_on_no_grid_stay() -> None:
    assert coarsest(np.random.default_rng(1).integers(-127, 128, 200)) == 127
    assert coarsest(np.zeros(200, np.int64)) == 127


@pytest.mark.parametrize("decoder", [pytest.param("linear", marks=pytest.mark.slow), "mlp"])  # mlp has all its parts
def test_a_network_as_decoder_is_counted(folder: Path, stages: Stages, decoder: str) -> None:
    compress(stages, folder, {"decoder": decoder, "latents": 4, "epochs": 1}, decoder)
    conv, classes = json.loads((folder / f"{decoder}.json").read_text())["notes"]["layers"]
    assert conv["parts"]["decoder"] == 0  # too small for one
    assert classes["latents"] == 216_320 / 8
    hidden = 16 * (4 + 1 + 32) if decoder == "mlp" else 0
    assert classes["parts"]["decoder"] == 2 * (4 * 32 + hidden)
    assert sum(classes["parts"].values()) == classes["bytes"]


WIDE = """
def build():
    layers = [keras.layers.Flatten(input_shape=(6, 6, 1)), keras.layers.Dense(640, activation="relu", name="hidden")]
    return keras.Sequential([*layers, keras.layers.Dense(2, activation="softmax", name="classes")])
"""


@pytest.fixture(scope="module")
def wide(tmp_path_factory: pytest.TempPathFactory, stages: Stages) -> Path:
    """The model.py of a network with one large layer, which is hardly trained: float.h5 beside it."""
    return stages.trained(tmp_path_factory.mktemp("wide"), OWN_DATA + WIDE)


@pytest.mark.parametrize(  # the vae stands for both
    "decoder", [pytest.param("autoencoder", marks=pytest.mark.slow), "vae"]
)
def test_an_autoencoder_finds_some_of_the_weights(wide: Path, stages: Stages, decoder: str) -> None:
    start, out = wide.with_name("float.h5"), wide.with_name(f"{decoder}.h5")
    files = ("--model", start, "--source", wide, "--out", out, "--stats", out.with_suffix(".json"))
    entry = {"decoder": decoder, "latents": 16}
    stages.run("compress", "--pass", "latent", *files, compress=entry, data={"validation": 50}, train={})
    before, after = (kernel(path, "hidden") for path in (start, out))
    left = np.mean(np.square(before - after)) / np.mean(np.square(before))
    assert 0.02 < left < 0.6  # half the latents, and the weights of a random start are white
    stats = json.loads(out.with_suffix(".json").read_text())
    assert stats["trainings"] == []
    assert [row["coded"] for row in stats["notes"]["layers"]] == [True, False]


def test_a_decoder_that_costs_more_than_it_saves_is_named(folder: Path, stages: Stages) -> None:
    options = {"decoder": "channel_scale", "layers": {"conv": {"decoder": "mlp"}}, "epochs": 1}
    printed = compress(stages, folder, options, "dear")
    assert "conv: more than as int8" in printed


def test_zeros_stay_zero(folder: Path, stages: Stages) -> None:
    files = ("--model", folder / "float.h5", "--out", folder / "pruned.h5", "--stats", folder / "pruned.json")
    schedule = {"final": 0.75, "end_step": 10}
    stages.run("compress", "--pass", "prune", *files, compress={"schedule": schedule}, data=FASHION, train=TRAIN)
    files = ("--model", folder / "pruned.h5", "--out", folder / "both.h5", "--stats", folder / "both.json")
    stages.run("compress", "--pass", "latent", *files, compress={"rate": 1e-7}, data=FASHION, train=TRAIN)
    before, after = (kernels(folder / name)["classes"] for name in ("pruned.h5", "both.h5"))
    assert np.mean(before == 0) == pytest.approx(0.75, abs=0.01)
    assert not after[before == 0].any()
    assert np.mean(after == 0) < 0.99


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"skip": ["klasses"]}, "pass latent: skip: no layer of this name"),
        ({"layers": {"klasses": {"rate": 1e-5}}}, "did you mean 'classes'?"),
        ({"layers": {"conv": {"decoder": "upsample"}}}, "layers.conv.decoder: the layer is no dense one behind"),
        ({"step": 0.001}, "its latents overflow int8"),
        ({"rate": 1.0, "step": 2.0, "learning_rate": 0.05}, "the rate leaves nothing: all latents have become zero"),
    ],
)
def test_what_cannot_be_coded_is_named(folder: Path, stages: Stages, options: dict[str, Any], message: str) -> None:
    printed = compress(stages, folder, options, "refused", code=2)
    assert message in printed
    assert not (folder / "refused.h5").exists()


MIXED = """
def build():
    layers = keras.layers
    inner = keras.Sequential([
        layers.InputLayer((6, 6, 4)),
        layers.DepthwiseConv2D(3, padding="same", use_bias=False, name="each"),
        layers.BatchNormalization(name="each_norm"),
    ], name="inner")
    image = layers.Input((6, 6, 1))
    x = layers.Conv2D(4, 3, padding="same", use_bias=False, name="stem")(image)
    x = layers.ReLU()(layers.BatchNormalization(name="stem_norm")(x))
    x = layers.Flatten()(layers.Dropout(0.1)(layers.ReLU()(inner(x))))
    return keras.Model(image, layers.Dense(2, activation="softmax", name="classes")(x))
"""


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory, stages: Stages) -> tuple[Any, ...]:
    """Arguments of a stage that compresses a model with all sorts of layers."""
    source = tmp_path_factory.mktemp("mixed") / "tiny" / "model.py"
    source.parent.mkdir()
    source.write_text(OWN_DATA + MIXED)
    model = source.parent.with_name("float.h5")
    stages.train(source, model, epochs=1)
    return ("compress", "--pass", "latent", "--model", model, "--source", source)


OWN: dict[str, Any] = {"data": {"validation": 50}, "train": {"epochs": 2, "batch_size": 16, "learning_rate": 0.003}}


def test_depthwise_and_inner_layers_are_coded(tmp_path: Path, stages: Stages, mixed: tuple[Any, ...]) -> None:
    out = ("--out", tmp_path / "m.h5", "--stats", tmp_path / "m.json")
    stages.run(*mixed, *out, compress={"decoder": "upsample", "block": [4, 3], "skip": ["stem"]}, **OWN)
    rows = {row["name"]: row for row in json.loads((tmp_path / "m.json").read_text())["notes"]["layers"]}
    assert (rows["stem"]["coded"], rows["stem"]["bytes"]) == (False, 36 + 4 * 8)
    assert (rows["each"]["latents"], rows["each"]["int8_bytes"]) == (36, 36 + 4 * 8)
    assert rows["classes"]["latents"] == 2 * 2 * 4 * 2
    arguments = ("--model", tmp_path / "m.h5", "--out", tmp_path / "m.tflite", "--stats", tmp_path / "q.json")
    stages.run(
        "quantize", *arguments, "--source", mixed[-1], quantize={"calibration_samples": 20, "qat": "never"}, **OWN
    )
    found = [weights for _, weights, _ in grid.layers(bytearray((tmp_path / "m.tflite").read_bytes()))]
    each, stem = sorted(np.abs(weights.values).max() for weights in found if weights.values.shape == (4, 9))
    assert each <= rows["each"]["largest"] < 40
    assert stem == 127


AVERAGES = """
import sys
from pathlib import Path
import numpy as np
from edgewright.datasets import load_data, split
from edgewright.sections.data import Data
from edgewright.training.tensorflow import start

tf = start(1)
model = tf.keras.models.load_model(sys.argv[1], compile=False)
x = split(load_data(Data(), Path(sys.argv[2])), Data(validation=50)).train_x
seen = tf.keras.Model(model.input, model.get_layer("stem").output)(x, training=False).numpy()
kept, true = model.get_layer("stem_norm").moving_mean.numpy(), seen.mean(axis=(0, 1, 2))
print(np.abs(kept - true).max() / seen.std())
"""


def test_averages_belong_to_the_weights_that_are_stored(
    tmp_path: Path, resident: Resident, mixed: tuple[Any, ...]
) -> None:
    out = ("--out", tmp_path / "m.h5", "--stats", tmp_path / "m.json")
    resident.run(*mixed, *out, compress={}, **OWN)
    assert float(resident.script(AVERAGES, tmp_path / "m.h5", mixed[-1])) < 0.01


def test_killed_it_resumes_to_the_same_bytes(tmp_path: Path, stages: Stages, mixed: tuple[Any, ...]) -> None:
    def arguments(name: str) -> tuple[Any, ...]:
        return (*mixed, "--out", tmp_path / f"{name}.h5", "--stats", tmp_path / f"{name}.json")

    options = {**OWN, "train": {**OWN["train"], "callbacks": ["model:held"]}, "compress": {"epochs": 3}}
    stages.run(*arguments("whole"), **options)
    with held(mixed[-1]):
        process = stages.start(*arguments("killed"), **options)
        wait_for(tmp_path / ".killed.h5.checkpoint0.npz", process)
        stages.kill(process)
    assert "goes on after epoch " in stages.run(*arguments("killed"), **options)
    assert (tmp_path / "killed.h5").read_bytes() == (tmp_path / "whole.h5").read_bytes()
    assert (tmp_path / "killed.json").read_text() == (tmp_path / "whole.json").read_text()


BOUNDARIES = """
import numpy as np
from edgewright.passes import latent
from edgewright.passes._latent import choose
from edgewright.passes._latent.swap import Swapped
from edgewright.training.tensorflow import start

tf = start(1)
model = tf.keras.Sequential([tf.keras.layers.InputLayer((64,)), tf.keras.layers.Dense(48, name="dense")])
swapped = Swapped(tf, model, choose.plans(tf, model, latent.Options(), 1))
latents = swapped.coded["dense"]._latent_kernel
unit = float(latents.numpy().flat[0] / swapped.coded["dense"]._latents().numpy().flat[0])
halves = np.float32((np.arange(64 * 48) % 9 - 4.5) * unit)
beside = halves.view(np.int32) + np.random.default_rng(1).integers(-1, 2, halves.size, dtype=np.int32)
latents.assign(beside.view(np.float32).reshape(latents.shape))
trained = tf.function(lambda: swapped.coded["dense"].decoded())().numpy()
swapped.write_back()
print(np.abs(trained - model.get_layer("dense").kernel.numpy()).max() / np.abs(trained).max())
"""


def test_what_is_stored_is_what_was_trained_where_latents_are_about_to_round_up(resident: Resident) -> None:
    assert float(resident.script(BOUNDARIES)) < 1e-5
