/* SPDX-License-Identifier: Apache-2.0 */
/* 1 / sqrt of a whole number in fixed point, as TensorFlow Lite computes it: five steps of Newton's
 * iteration. */
#ifndef EW_INVERSE_ROOT_H
#define EW_INVERSE_ROOT_H

#include "ew_reciprocal.h"

/* multiplier / 2^31 / 2^shift. */
typedef struct {
    int32_t multiplier, shift;
} ew_inverse_root_factor;

/* 1 / sqrt(x) for 0 <= x < 2^29; that of 0 is taken for 1. */
EW_INLINE ew_inverse_root_factor ew_inverse_root(int32_t x) {
    ew_inverse_root_factor factor = {INT32_MAX, 0};
    if (x <= 1) {
        return factor;
    }
    int32_t shift = 11;
    for (; x < 1 << 27; x *= 4) {
        shift--;
    }
    const int32_t half = ew_rounding_shift(x >> 1, 1); /* of x in Q3.28 */
    int32_t y = 1 << 28;
    for (int32_t i = 0; i < 5; i++) {
        const int32_t cube = ew_scale_up(ew_doubling_high_mul(ew_doubling_high_mul(y, y), y), 6);
        y = ew_scale_up(ew_doubling_high_mul(3 << 27, y) - ew_doubling_high_mul(half, cube), 3);
    }
    factor.multiplier = ew_doubling_high_mul(y, 1518500250); /* sqrt(1/2) in Q0.31 */
    factor.shift = ew_max(shift, 0);
    factor.multiplier *= 1 << ew_max(-shift, 0);
    return factor;
}

#endif
