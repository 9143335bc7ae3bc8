from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from edgewright.errors import UserError
from edgewright.sections.task import Learning
from edgewright.several import Several
from edgewright.training.objective import Aim, Teacher, objective
from edgewright.training.tensorflow import import_tensorflow

STUDENT = SimpleNamespace(output_shape=(None, 3))
TRUTH = np.array([2, 0], np.int64)
OUTPUTS = np.array([[0.2, 0.3, 0.5], [0.6, 0.3, 0.1]], np.float32)


@pytest.fixture(scope="module")
def tf() -> Any:
    return import_tensorflow()


def teacher(outputs: np.ndarray[Any, Any], **settings: float) -> Teacher:
    shape = (None, outputs.shape[1])
    model = SimpleNamespace(name="wise", output_shape=shape, predict=lambda x, **_: outputs[: len(x)])
    return Teacher(model, **settings)


def loss_of(tf: Any, guide: Teacher) -> np.ndarray[Any, Any]:
    aim = objective(tf, Aim(), guide, STUDENT)
    targets = aim.targets(np.zeros((2, 1), np.float32), TRUTH)
    return aim.compiled["loss"](tf.constant(targets), tf.constant(OUTPUTS)).numpy()


def softened(p: np.ndarray[Any, Any], temperature: float) -> np.ndarray[Any, Any]:
    q = p ** (1 / temperature)
    return q / q.sum(axis=1, keepdims=True)


def test_distance_to_the_teacher_is_the_softened_kl_divergence(tf: Any) -> None:
    wise = np.array([[0.1, 0.1, 0.8], [0.7, 0.2, 0.1]], np.float32)
    p, q = softened(wise, 3.0), softened(OUTPUTS, 3.0)
    kl = (p * np.log(p / q)).sum(axis=1)
    hard = -np.log(OUTPUTS[[0, 1], TRUTH])
    got = loss_of(tf, teacher(wise, temperature=3.0, share=0.7))
    np.testing.assert_allclose(got, 0.3 * hard + 0.7 * 9 * kl, rtol=1e-5)


def test_who_gives_the_teachers_answers_is_at_no_distance(tf: Any) -> None:
    np.testing.assert_allclose(loss_of(tf, teacher(OUTPUTS, temperature=2.0, share=1.0)), 0, atol=1e-6)


def test_a_sure_teacher_and_a_sure_student_give_finite_losses(tf: Any) -> None:
    sure = np.eye(3, dtype=np.float32)[[1, 2]]
    aim = objective(tf, Aim(), teacher(sure), STUDENT)
    targets = aim.targets(np.zeros((2, 1), np.float32), TRUTH)
    assert np.isfinite(aim.compiled["loss"](tf.constant(targets), tf.constant(sure)).numpy()).all()


def test_a_teacher_of_other_classes_is_refused(tf: Any) -> None:
    with pytest.raises(UserError, match=r"teacher wise: .*other classes.*got 'outputs \(None, 4\)'"):
        objective(tf, Aim(), teacher(np.zeros((1, 4), np.float32)), STUDENT)


def two_ends(tf: Any, seed: int, names: tuple[str, str] = ("kind", "angle")) -> Any:
    tf.keras.utils.set_random_seed(seed)
    layers, x = tf.keras.layers, tf.keras.Input((4,))
    ends = layers.Dense(3, "softmax", name=names[0])(x), layers.Dense(2, name=names[1])(x)
    return tf.keras.Model(x, ends, name="wise")


TWO = Learning.model_validate(
    {"outputs": [{"name": "angle", "kind": "regression", "weight": 0.5}, {"name": "kind", "weight": 2.0}]}
)


def test_each_of_several_outputs_has_its_own_distance(tf: Any) -> None:
    student, wise = two_ends(tf, 1), two_ends(tf, 2)
    aim = objective(tf, Aim(TWO), Teacher(wise, temperature=3.0, share=0.7), student)
    x = np.random.default_rng(3).normal(size=(8, 4)).astype(np.float32)
    y = Several({"kind": np.arange(8) % 3, "angle": x[:, :2]})
    student.compile("sgd", **aim.compiled)
    got = student.test_on_batch(x, aim.targets(x, y), return_dict=True)
    (kinds, angles), (wise_kinds, wise_angles) = (model.predict(x, verbose=0) for model in (student, wise))
    p, q = softened(wise_kinds, 3.0), softened(kinds, 3.0)
    kind = 0.3 * -np.log(kinds[np.arange(8), np.arange(8) % 3]) + 0.7 * 9 * (p * np.log(p / q)).sum(axis=1)
    angle = 0.3 * ((angles - x[:, :2]) ** 2).mean(axis=1) + 0.7 * ((angles - wise_angles) ** 2).mean(axis=1)
    np.testing.assert_allclose(got["loss"], 2.0 * kind.mean() + 0.5 * angle.mean(), rtol=1e-4)
    assert aim.shown == "angle_mae"
    assert {"angle_mae", "kind_accuracy"} <= set(got)


def test_a_teacher_of_other_outputs_is_refused(tf: Any) -> None:
    other = two_ends(tf, 1, ("kind", "speed"))
    with pytest.raises(UserError, match=r"other outputs than the student, got .*speed.*allowed: .*angle"):
        objective(tf, Aim(TWO), Teacher(other), two_ends(tf, 1))


def test_smoothed_labels_give_a_share_to_all_classes(tf: Any) -> None:
    aim = objective(tf, Aim(smoothing=0.3), None, STUDENT)
    truth = np.eye(3)[TRUTH] * 0.7 + 0.1
    expected = -(truth * np.log(OUTPUTS)).sum(axis=1)
    got = aim.compiled["loss"](tf.constant(TRUTH), tf.constant(OUTPUTS)).numpy()
    np.testing.assert_allclose(got, expected, rtol=1e-5)
