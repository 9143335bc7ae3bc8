/* SPDX-License-Identifier: Apache-2.0 */
/* float32 LOG_SOFTMAX in portable C. */
#ifndef EW_LOG_SOFTMAX_F32_REF_H
#define EW_LOG_SOFTMAX_F32_REF_H

#include "ew_float.h"

typedef struct {
    int32_t rows;
    int32_t depth; /* elements of a row */
} ew_log_softmax_f32_shape;

/* input and output [rows][depth]; they may be the same. */
EW_INLINE void ew_log_softmax_f32_ref(const ew_log_softmax_f32_shape *s, const float *input,
                                      float *output) {
    for (int32_t row = 0; row < s->rows; row++, input += s->depth, output += s->depth) {
        float most = input[0], sum = 0.0F;
        for (int32_t i = 1; i < s->depth; i++) {
            most = most < input[i] ? input[i] : most;
        }
        for (int32_t i = 0; i < s->depth; i++) {
            sum += expf(input[i] - most);
        }
        const float logarithm = logf(sum);
        for (int32_t i = 0; i < s->depth; i++) {
            output[i] = input[i] - most - logarithm;
        }
    }
}

#endif
