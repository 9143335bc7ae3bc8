/* SPDX-License-Identifier: Apache-2.0 */
/*
 * int8 SOFTMAX in portable C. exp() of every possible difference to the row's maximum is a table
 * made at build time; what is left is the sum, its reciprocal by Newton's iteration in fixed point,
 * and a multiplication an element.
 */
#ifndef EW_SOFTMAX_S8_REF_H
#define EW_SOFTMAX_S8_REF_H

#include "ew_reciprocal.h"

typedef struct {
    int32_t rows;
    int32_t depth; /* elements of a row, 1..4095 */
    int32_t size;  /* of the table; exp() of differences beyond it is 0 */
} ew_softmax_s8_shape;

EW_INLINE int32_t ew_softmax_s8_exp(const ew_softmax_s8_shape *s, const int32_t *table,
                                    int32_t difference) {
    return difference < s->size ? table[difference] : 0;
}

/* What makes shares of a row's exps: scale / 2^(12 - zeros) is one over their sum. */
typedef struct {
    int32_t most, scale, zeros;
} ew_softmax_s8_row;

EW_INLINE ew_softmax_s8_row ew_softmax_s8_sum(const ew_softmax_s8_shape *s, const int8_t *input,
                                              const int32_t *table) {
    ew_softmax_s8_row row = {INT8_MIN, 0, 0};
    for (int32_t i = 0; i < s->depth; i++) {
        row.most = ew_max(row.most, input[i]);
    }
    int32_t sum = 0; /* Q12.19 */
    for (int32_t i = 0; i < s->depth; i++) {
        sum += ew_rounding_shift(ew_softmax_s8_exp(s, table, row.most - input[i]), 12);
    }
    row.zeros = ew_leading_zeros((uint32_t)sum);
    row.scale = ew_reciprocal((uint32_t)sum << row.zeros);
    return row;
}

/* An element's share of its row, from 0 to 2^bits. */
EW_INLINE int32_t ew_softmax_s8_share(const ew_softmax_s8_shape *s, const ew_softmax_s8_row *row,
                                      const int32_t *table, int32_t x, int32_t bits) {
    const int32_t share =
        ew_doubling_high_mul(row->scale, ew_softmax_s8_exp(s, table, row->most - x));
    return ew_rounding_shift(share, 43 - bits - row->zeros);
}

/*
 * input and output [rows][depth]; they may be the same. table[d] is exp(-d * scale * beta) in
 * Q0.31.
 */
EW_INLINE void ew_softmax_s8_ref(const ew_softmax_s8_shape *s, const int8_t *input, int8_t *output,
                                 const int32_t *table) {
    for (int32_t row = 0; row < s->rows; row++, input += s->depth, output += s->depth) {
        const ew_softmax_s8_row sum = ew_softmax_s8_sum(s, input, table);
        for (int32_t i = 0; i < s->depth; i++) {
            const int32_t share = ew_softmax_s8_share(s, &sum, table, input[i], 8);
            output[i] = (int8_t)ew_clamp(share - 128, INT8_MIN, INT8_MAX);
        }
    }
}

#endif
