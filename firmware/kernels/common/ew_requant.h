/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From an accumulator to the scale of the output: acc * multiplier / 2^31 / 2^shift, rounded twice,
 * as gemmlowp and TensorFlow Lite Micro do it. Multipliers are in [0, 2^31); shift > 0 is to the
 * right, -30..31.
 */
#ifndef EW_REQUANT_H
#define EW_REQUANT_H

#include "ew_kernel.h"

/* a * b / 2^31, halves rounded up. Not for a = b = -2^31. */
EW_INLINE int32_t ew_doubling_high_mul(int32_t a, int32_t b) {
    return (int32_t)(((int64_t)a * b + (1 << 30)) >> 31);
}

/* x / 2^shift, halves rounded away from zero; shift 0..31. */
EW_INLINE int32_t ew_rounding_shift(int32_t x, int32_t shift) {
    const int32_t mask = (int32_t)((1U << shift) - 1U);
    const int32_t threshold = (mask >> 1) + (x < 0);
    return (x >> shift) + ((x & mask) > threshold);
}

/* Any multiplier, shift and accumulator; a shift to the left wraps around. */
EW_INLINE int32_t ew_requantize(int32_t acc, int32_t multiplier, int32_t shift) {
    const int32_t left = shift < 0 ? -shift : 0;
    const int32_t right = shift < 0 ? 0 : shift;
    return ew_rounding_shift(ew_doubling_high_mul((int32_t)((uint32_t)acc << left), multiplier),
                             right);
}

/* acc * multiplier / 2^(31 + shift), rounded once, halves away from zero, and saturated: LiteRT's;
 * shift -30..31. */
EW_INLINE int32_t ew_requantize_once(int32_t acc, int32_t multiplier, int32_t shift) {
    const int64_t product = (int64_t)acc * multiplier;
    const int64_t half = INT64_C(1) << (30 + shift);
    const int64_t scaled =
        product < 0 ? -((half - product) >> (31 + shift)) : (product + half) >> (31 + shift);
    return scaled > INT32_MAX ? INT32_MAX : scaled < INT32_MIN ? INT32_MIN : (int32_t)scaled;
}

/* The same as ew_requantize in fewer instructions, for |acc| < 2^30 and shift 1..30: what the
 * compiler proves of most layers. */
EW_INLINE int32_t ew_requantize_short(int32_t acc, int32_t multiplier, int32_t shift) {
    const int32_t high = (int32_t)(((int64_t)(acc * 2) * multiplier + INT64_C(0x80000000)) >> 32);
    return (high + (high >> 31) + (1 << (shift - 1))) >> shift;
}

#endif
