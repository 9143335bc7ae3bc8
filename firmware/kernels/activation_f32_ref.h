/* SPDX-License-Identifier: Apache-2.0 */
/* float32 functions of single elements in portable C. */
#ifndef EW_ACTIVATION_F32_REF_H
#define EW_ACTIVATION_F32_REF_H

#include "ew_float.h"

enum { EW_CLAMP_F32 = 0, EW_LEAKY_F32 = 1, EW_LOGISTIC_F32 = 2, EW_TANH_F32 = 3 };

typedef struct {
    int32_t count; /* elements */
    int32_t kind;
} ew_activation_f32_shape;

/* 1 / (1 + exp(-x)); far from 0 it is 1, or exp(x). */
EW_INLINE float ew_logistic_f32(float x) {
    if (x > 16.619047164916992F) {
        return 1.0F;
    }
    return x < -9.0F ? expf(x) : 1.0F / (1.0F + expf(-x));
}

/* a and b: ends of the clamp, or the slope of LEAKY_RELU below 0. Input and output may be the same.
 */
EW_INLINE void ew_activation_f32_ref(const ew_activation_f32_shape *s, const float *input,
                                     float *output, float a, float b) {
    for (int32_t i = 0; i < s->count; i++) {
        const float x = input[i];
        switch (s->kind) {
        case EW_LEAKY_F32:
            output[i] = x > 0.0F ? x : x * a;
            break;
        case EW_LOGISTIC_F32:
            output[i] = ew_logistic_f32(x);
            break;
        case EW_TANH_F32:
            output[i] = tanhf(x);
            break;
        default:
            output[i] = ew_clamp_f32(x, a, b);
            break;
        }
    }
}

#endif
