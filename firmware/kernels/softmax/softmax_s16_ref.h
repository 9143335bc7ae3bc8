/* SPDX-License-Identifier: Apache-2.0 */
/* int16 SOFTMAX in portable C: exp and the reciprocal by interpolation in tables of 513 entries. */
#ifndef EW_SOFTMAX_S16_REF_H
#define EW_SOFTMAX_S16_REF_H

#include "ew_requant.h"
#include "lookup_s16_ref.h"

typedef struct {
    int32_t rows;
    int32_t depth; /* elements of a row, 1..65535 */
} ew_softmax_s16_shape;

/* exp of a difference to the row's maximum, Q0.15; it is 0 from 10 on. */
EW_INLINE int32_t ew_softmax_s16_exp(const int16_t *table, int32_t difference, int32_t multiplier,
                                     int32_t shift) {
    const int32_t scaled = ew_add_wrap(ew_requantize(difference, multiplier, shift), INT16_MAX);
    return ew_lookup_s16(table, ew_clamp(scaled, INT16_MIN, INT16_MAX));
}

/* 1 / sum as (a factor, Q0.15), and the shift to the right that makes up for it in *shift. */
EW_INLINE int32_t ew_softmax_s16_reciprocal(const int16_t *table, int32_t sum, int32_t *shift) {
    int32_t zeros = 0;
    for (uint32_t x = (uint32_t)sum; x < 0x80000000U; x <<= 1) {
        zeros++;
    }
    const int64_t raised = ((int64_t)sum << (zeros - 1)) + (1 << 13);
    const int32_t place = (int32_t)(raised >> 14) - (1 << 15) - (1 << 16);
    *shift = 31 - zeros;
    return ew_lookup_s16(table, ew_clamp(place, INT16_MIN, INT16_MAX));
}

/* input and output [rows][depth]; they may be the same. */
EW_INLINE void ew_softmax_s16_ref(const ew_softmax_s16_shape *s, const int16_t *input,
                                  int16_t *output, const int16_t *exps, const int16_t *reciprocals,
                                  int32_t multiplier, int32_t shift) {
    for (int32_t row = 0; row < s->rows; row++, input += s->depth, output += s->depth) {
        int32_t most = INT16_MIN, sum = 0, right;
        for (int32_t i = 0; i < s->depth; i++) {
            most = ew_max(most, input[i]);
        }
        for (int32_t i = 0; i < s->depth; i++) {
            output[i] = (int16_t)ew_softmax_s16_exp(exps, input[i] - most, multiplier, shift);
            sum += output[i];
        }
        const int32_t factor = ew_softmax_s16_reciprocal(reciprocals, sum, &right);
        for (int32_t i = 0; i < s->depth; i++) {
            const int64_t product = (int64_t)output[i] * factor + ((int64_t)1 << (right - 1));
            output[i] = (int16_t)ew_clamp((int32_t)(product >> right), 0, INT16_MAX);
        }
    }
}

#endif
