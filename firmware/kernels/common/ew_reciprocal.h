/* SPDX-License-Identifier: Apache-2.0 */
/* One over a number in fixed point, as gemmlowp computes it: three steps of Newton's iteration. */
#ifndef EW_RECIPROCAL_H
#define EW_RECIPROCAL_H

#include "ew_requant.h"

/* Of x != 0. */
EW_INLINE int32_t ew_leading_zeros(uint32_t x) {
    int32_t n = 0;
    for (; x < 0x80000000U; x <<= 1) {
        n++;
    }
    return n;
}

/* x * 2^bits, saturated; 1 <= bits <= 30. */
EW_INLINE int32_t ew_scale_up(int32_t x, int32_t bits) {
    const int32_t limit = INT32_MAX >> bits;
    return x > limit ? INT32_MAX : x < -limit - 1 ? INT32_MIN : x * (1 << bits);
}

/* 1 / (1 + x) in Q0.31 for x in [0, 1] in Q0.31; numbers within are in Q2.29. */
EW_INLINE int32_t ew_one_over_one_plus(int32_t x) {
    const int32_t half = (int32_t)(((int64_t)x + INT32_MAX + 1) / 2); /* (1 + x) / 2 */
    int32_t y = 1515870810 + ew_doubling_high_mul(half, -1010580540); /* 48/17 - 32/17 half */
    for (int32_t i = 0; i < 3; i++) {
        const int32_t error = (1 << 29) - ew_doubling_high_mul(half, y);
        y += ew_scale_up(ew_doubling_high_mul(y, error), 2);
    }
    return ew_scale_up(y, 1);
}

/* 2^31 / x in Q0.31 for x >= 2^31. */
EW_INLINE int32_t ew_reciprocal(uint32_t x) {
    return ew_one_over_one_plus((int32_t)(x - 0x80000000U));
}

#endif
