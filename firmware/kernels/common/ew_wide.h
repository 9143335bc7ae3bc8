/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Arithmetic of int16 operators: sums of 64 bits brought to the output's scale in one rounding, and
 * sigmoid and tanh by interpolation in one table.
 */
#ifndef EW_WIDE_H
#define EW_WIDE_H

#include "ew_requant.h"

/* acc * multiplier / 2^shift, halves rounded up: a factor of 15 bits, as TensorFlow Lite takes it
 * for sums of 64 bits. |acc| < 2^47, multiplier < 2^15, shift 1..47. */
EW_INLINE int32_t ew_requantize_wide(int64_t acc, int32_t multiplier, int32_t shift) {
    const int64_t rounded = acc * multiplier + ((int64_t)1 << (shift - 1));
    return (int32_t)(uint32_t)(uint64_t)(rounded >> shift);
}

/* x * multiplier / 2^shift, halves rounded up; |x * multiplier| < 2^30. */
EW_INLINE int32_t ew_wide_scale(int32_t x, int32_t multiplier, int32_t shift) {
    return (x * multiplier + (shift > 0 ? 1 << (shift - 1) : 0)) >> shift;
}

/* sigmoid(|x| / (24 * 2^bits)) * 2^(16 + bits) for a fraction of `bits` bits. table[i] is
 * sigmoid(i / 24) * 2^16; beyond the table it is `most`. */
EW_INLINE int32_t ew_wide_lookup(const uint16_t *table, int32_t x, int32_t bits, int32_t most) {
    const uint32_t place = x < 0 ? 0U - (uint32_t)x : (uint32_t)x;
    const uint32_t i = place >> bits, rest = place & ((1U << bits) - 1U);
    if (i >= 255U) {
        return most;
    }
    return (int32_t)(((uint32_t)table[i] << bits) + rest * (uint32_t)(table[i + 1U] - table[i]));
}

/* 1 / (1 + exp(-x)) in Q0.15 for x * multiplier / 2^shift in units of 1 / (3 * 2^12). */
EW_INLINE int32_t ew_logistic_s16(int32_t x, const uint16_t *table, int32_t multiplier,
                                  int32_t shift) {
    const int32_t scaled = ew_wide_scale(x, multiplier, shift);
    const int32_t value = ew_wide_lookup(table, scaled, 9, 0x7FFF << 10);
    return (scaled >= 0 ? value + (1 << 9) : (1 << 25) - value + (1 << 9) - 1) >> 10;
}

/* tanh(x) in Q0.15: 2 * sigmoid(2 * x) - 1. */
EW_INLINE int32_t ew_tanh_s16(int32_t x, const uint16_t *table, int32_t multiplier, int32_t shift) {
    const int32_t scaled = ew_wide_scale(x, multiplier, shift);
    const int32_t value = ew_wide_lookup(table, scaled, 8, 0xFFFF << 8);
    return (scaled >= 0 ? value - (1 << 23) + (1 << 7) : (1 << 23) - value + (1 << 7) - 1) >> 8;
}

#endif
