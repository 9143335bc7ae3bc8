/* SPDX-License-Identifier: Apache-2.0 */
/* int8 L2_NORMALIZATION in portable C. */
#ifndef EW_L2_NORMALIZATION_S8_REF_H
#define EW_L2_NORMALIZATION_S8_REF_H

#include "ew_inverse_root.h"

typedef struct {
    int32_t rows;
    int32_t depth; /* elements of a row: so many that their squares add up to less than 2^29 */
} ew_l2_normalization_s8_shape;

/* input and output [rows][depth]; they may be the same. The output is in units of 1/128. */
EW_INLINE void ew_l2_normalization_s8_ref(const ew_l2_normalization_s8_shape *s,
                                          const int8_t *input, int8_t *output, int32_t in_zp) {
    for (int32_t row = 0; row < s->rows; row++, input += s->depth, output += s->depth) {
        int32_t sum = 0;
        for (int32_t i = 0; i < s->depth; i++) {
            sum += (input[i] - in_zp) * (input[i] - in_zp);
        }
        const ew_inverse_root_factor root = ew_inverse_root(sum);
        for (int32_t i = 0; i < s->depth; i++) {
            const int32_t y = ew_requantize(input[i] - in_zp, root.multiplier, root.shift - 7);
            output[i] = (int8_t)ew_clamp(y, INT8_MIN, INT8_MAX);
        }
    }
}

#endif
