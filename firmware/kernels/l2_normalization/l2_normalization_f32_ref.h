/* SPDX-License-Identifier: Apache-2.0 */
/* float32 L2_NORMALIZATION in portable C. */
#ifndef EW_L2_NORMALIZATION_F32_REF_H
#define EW_L2_NORMALIZATION_F32_REF_H

#include "ew_float.h"

typedef struct {
    int32_t rows;
    int32_t depth; /* elements of a row */
} ew_l2_normalization_f32_shape;

/* input and output [rows][depth]; they may be the same. A length is taken for 1e-6 at least. */
EW_INLINE void ew_l2_normalization_f32_ref(const ew_l2_normalization_f32_shape *s,
                                           const float *input, float *output) {
    for (int32_t row = 0; row < s->rows; row++, input += s->depth, output += s->depth) {
        float sum = 0.0F;
        for (int32_t i = 0; i < s->depth; i++) {
            sum += input[i] * input[i];
        }
        const float length = sqrtf(sum);
        for (int32_t i = 0; i < s->depth; i++) {
            output[i] = input[i] / (length < 1e-6F ? 1e-6F : length);
        }
    }
}

#endif
