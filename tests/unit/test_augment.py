from __future__ import annotations

import numpy as np
import pytest

from edgewright.errors import UserError
from edgewright.sections.train import Augment
from edgewright.training.augment import augmented

IMAGES = np.arange(1, 200 * 8 * 6 + 1, dtype=np.float32).reshape(200, 8, 6, 1)


def test_nothing_wanted_gives_the_very_array() -> None:
    assert augmented(IMAGES, Augment(), [1, 0]) is IMAGES
    assert augmented(IMAGES, Augment(flip=False, shift=0, erase=0), [1, 0]) is IMAGES


def test_one_seed_gives_one_result_and_the_data_stay() -> None:
    section = Augment(flip=True, shift=2, erase=3)
    before = IMAGES.copy()
    first, second = (augmented(IMAGES, section, [1, 0]) for _ in range(2))
    np.testing.assert_array_equal(first, second)
    np.testing.assert_array_equal(IMAGES, before)
    assert not np.array_equal(first, augmented(IMAGES, section, [1, 1]))


def test_about_half_of_the_images_are_mirrored_and_the_others_are_as_they_were() -> None:
    flipped = augmented(IMAGES, Augment(flip=True), [1, 0])
    mirrored = [np.array_equal(after, before[:, ::-1]) for after, before in zip(flipped, IMAGES, strict=True)]
    same = [np.array_equal(after, before) for after, before in zip(flipped, IMAGES, strict=True)]
    assert all(a != b for a, b in zip(mirrored, same, strict=True))
    assert 70 < sum(mirrored) < 130


def test_shifted_images_keep_their_inside_and_take_zeros_in() -> None:
    shifted = augmented(IMAGES, Augment(shift=2), [1, 0])
    moves = set()
    for after, before in zip(shifted, IMAGES, strict=True):
        down, right = (int(np.argwhere(after[..., 0] == before[3, 3, 0])[0][axis]) - 3 for axis in (0, 1))
        padded = np.pad(before, ((2, 2), (2, 2), (0, 0)))
        np.testing.assert_array_equal(after, padded[2 - down : 10 - down, 2 - right : 8 - right])
        moves.add((down, right))
    assert moves == {(down, right) for down in range(-2, 3) for right in range(-2, 3)}


def test_one_square_of_each_image_is_erased() -> None:
    for after, before in zip(augmented(IMAGES, Augment(erase=3), [1, 0]), IMAGES, strict=True):
        rows, columns = np.nonzero(after[..., 0] == 0)
        assert (np.ptp(rows), np.ptp(columns), len(rows)) == (2, 2, 9)
        np.testing.assert_array_equal(after[after != 0], before[after != 0])


def test_what_leaves_nothing_of_an_image_is_refused() -> None:
    with pytest.raises(UserError, match=r"augment\.shift.*got 6, allowed: less than 6"):
        augmented(IMAGES, Augment(shift=6), [1, 0])
    with pytest.raises(UserError, match="the examples are no images"):
        augmented(IMAGES.reshape(200, 48), Augment(flip=True), [1, 0])
