/* SPDX-License-Identifier: Apache-2.0 */
/* float32 MEAN, SUM, REDUCE_MAX and REDUCE_MIN in portable C. */
#ifndef EW_REDUCE_F32_REF_H
#define EW_REDUCE_F32_REF_H

#include <float.h>

#include "ew_float.h"
#include "reduce_s8.h"

enum { EW_MEAN_F32, EW_SUM_F32, EW_REDUCE_MAX_F32, EW_REDUCE_MIN_F32 };

typedef struct {
    ew_reduce_s8_shape of;
    int32_t function;
} ew_reduce_f32_shape;

EW_INLINE float ew_reduce_f32_start(int32_t function) {
    return function == EW_REDUCE_MAX_F32 ? -FLT_MAX : function == EW_REDUCE_MIN_F32 ? FLT_MAX : 0;
}

EW_INLINE float ew_reduce_f32_step(int32_t function, float so_far, float x) {
    switch (function) {
    case EW_REDUCE_MAX_F32:
        return x > so_far ? x : so_far;
    case EW_REDUCE_MIN_F32:
        return x < so_far ? x : so_far;
    default:
        return so_far + x;
    }
}

/* Sums go in the order of the input. Input and output do not overlap. */
EW_INLINE void ew_reduce_f32_ref(const ew_reduce_f32_shape *s, const float *input, float *output) {
    const ew_reduce_s8_shape *of = &s->of;
    const float divisor = s->function == EW_MEAN_F32 ? (float)(of->reduced0 * of->reduced1) : 1.0F;
    EW_REDUCE_S8_KEPT(of) {
        float value = ew_reduce_f32_start(s->function);
        EW_REDUCE_S8_REDUCED(of) {
            value = ew_reduce_f32_step(s->function, value, input[EW_REDUCE_S8_PLACE(of)]);
        }
        *output++ = value / divisor;
    }
}

#endif
