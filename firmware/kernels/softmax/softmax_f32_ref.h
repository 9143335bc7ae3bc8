/* SPDX-License-Identifier: Apache-2.0 */
/* float32 SOFTMAX in portable C. */
#ifndef EW_SOFTMAX_F32_REF_H
#define EW_SOFTMAX_F32_REF_H

#include "ew_float.h"

typedef struct {
    int32_t rows;
    int32_t depth; /* elements of a row */
} ew_softmax_f32_shape;

/* input and output [rows][depth]; they may be the same. */
EW_INLINE void ew_softmax_f32_ref(const ew_softmax_f32_shape *s, const float *input, float *output,
                                  float beta) {
    for (int32_t row = 0; row < s->rows; row++, input += s->depth, output += s->depth) {
        float most = input[0], sum = 0.0F;
        for (int32_t i = 1; i < s->depth; i++) {
            most = most < input[i] ? input[i] : most;
        }
        for (int32_t i = 0; i < s->depth; i++) {
            output[i] = expf((input[i] - most) * beta);
            sum += output[i];
        }
        for (int32_t i = 0; i < s->depth; i++) {
            output[i] /= sum;
        }
    }
}

#endif
