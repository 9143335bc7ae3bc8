/* SPDX-License-Identifier: Apache-2.0 */
/* SOFTMAX from int8 to int16 in portable C: that of int8 with 8 more bits of each share. */
#ifndef EW_SOFTMAX_S8_S16_REF_H
#define EW_SOFTMAX_S8_S16_REF_H

#include "softmax_s8_ref.h"

/* As ew_softmax_s8_ref; input and output do not overlap. */
EW_INLINE void ew_softmax_s8_s16_ref(const ew_softmax_s8_shape *s, const int8_t *input,
                                     int16_t *output, const int32_t *table) {
    for (int32_t row = 0; row < s->rows; row++, input += s->depth, output += s->depth) {
        const ew_softmax_s8_row sum = ew_softmax_s8_sum(s, input, table);
        for (int32_t i = 0; i < s->depth; i++) {
            const int32_t share = ew_softmax_s8_share(s, &sum, table, input[i], 16);
            output[i] = (int16_t)ew_clamp(share - 32768, INT16_MIN, INT16_MAX);
        }
    }
}

#endif
