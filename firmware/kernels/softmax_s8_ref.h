/* SPDX-License-Identifier: Apache-2.0 */
/*
 * int8 SOFTMAX in portable C. exp() of every possible difference to the row's maximum is a table
 * made at build time; what is left is the sum, its reciprocal by Newton's iteration in fixed point,
 * and a multiplication an element.
 */
#ifndef EW_SOFTMAX_S8_REF_H
#define EW_SOFTMAX_S8_REF_H

#include "ew_requant.h"

typedef struct {
    int32_t rows;
    int32_t depth; /* elements of a row, 1..4095 */
    int32_t size;  /* of the table; exp() of differences beyond it is 0 */
} ew_softmax_s8_shape;

EW_INLINE int32_t ew_softmax_s8_leading_zeros(uint32_t x) {
    int32_t n = 0;
    for (; x < 0x80000000U; x <<= 1) {
        n++;
    }
    return n;
}

/* x * 2^bits, saturated. */
EW_INLINE int32_t ew_softmax_s8_scale_up(int32_t x, int32_t bits) {
    const int32_t limit = INT32_MAX >> bits;
    return x > limit ? INT32_MAX : x < -limit - 1 ? INT32_MIN : x * (1 << bits);
}

/* 1 / (1 + x) in Q0.31 for x in [0, 1) in Q0.31: three steps of Newton's iteration, numbers in
 * Q2.29. */
EW_INLINE int32_t ew_softmax_s8_reciprocal(int32_t x) {
    const int32_t half = (int32_t)(((int64_t)x + INT32_MAX + 1) / 2); /* (1 + x) / 2 */
    int32_t y = 1515870810 + ew_doubling_high_mul(half, -1010580540); /* 48/17 - 32/17 half */
    for (int32_t i = 0; i < 3; i++) {
        const int32_t error = (1 << 29) - ew_doubling_high_mul(half, y);
        y += ew_softmax_s8_scale_up(ew_doubling_high_mul(y, error), 2);
    }
    return ew_softmax_s8_scale_up(y, 1);
}

EW_INLINE int32_t ew_softmax_s8_exp(const ew_softmax_s8_shape *s, const int32_t *table,
                                    int32_t difference) {
    return difference < s->size ? table[difference] : 0;
}

/*
 * input and output [rows][depth]; they may be the same. table[d] is exp(-d * scale * beta) in
 * Q0.31.
 */
EW_INLINE void ew_softmax_s8_ref(const ew_softmax_s8_shape *s, const int8_t *input, int8_t *output,
                                 const int32_t *table) {
    for (int32_t row = 0; row < s->rows; row++, input += s->depth, output += s->depth) {
        int32_t most = INT8_MIN;
        for (int32_t i = 0; i < s->depth; i++) {
            most = ew_max(most, input[i]);
        }
        int32_t sum = 0; /* Q12.19 */
        for (int32_t i = 0; i < s->depth; i++) {
            sum += ew_rounding_shift(ew_softmax_s8_exp(s, table, most - input[i]), 12);
        }
        const int32_t zeros = ew_softmax_s8_leading_zeros((uint32_t)sum);
        const int32_t scale =
            ew_softmax_s8_reciprocal((int32_t)(((uint32_t)sum << zeros) - 0x80000000U));
        for (int32_t i = 0; i < s->depth; i++) {
            const int32_t share =
                ew_doubling_high_mul(scale, ew_softmax_s8_exp(s, table, most - input[i]));
            output[i] =
                (int8_t)ew_clamp(ew_rounding_shift(share, 35 - zeros) - 128, INT8_MIN, INT8_MAX);
        }
    }
}

#endif
