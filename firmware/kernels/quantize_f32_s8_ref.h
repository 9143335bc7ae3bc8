/* SPDX-License-Identifier: Apache-2.0 */
/* QUANTIZE of float32 to int8 in portable C, for models whose inputs are float32. */
#ifndef EW_QUANTIZE_F32_S8_REF_H
#define EW_QUANTIZE_F32_S8_REF_H

#include "ew_kernel.h"

typedef struct {
    int32_t count; /* elements */
} ew_quantize_f32_s8_shape;

/* Nearest integer, halves away from zero, for |x| < 2^31; no libm needed. */
EW_INLINE int32_t ew_quantize_f32_s8_round(float x) {
    const int32_t whole = (int32_t)x;
    const float rest = x - (float)whole;
    return whole + (rest >= 0.5F) - (rest <= -0.5F);
}

/* Input and output may begin at the same place. Values beyond int8, infinities too, are clamped;
 * NaN gives -128. */
EW_INLINE void ew_quantize_f32_s8_ref(const ew_quantize_f32_s8_shape *s, const float *input,
                                      int8_t *output, float scale, int32_t zero_point) {
    for (int32_t i = 0; i < s->count; i++) {
        const float x = input[i] / scale;
        const float clamped = x > -512.0F ? (x < 512.0F ? x : 512.0F) : -512.0F;
        output[i] =
            (int8_t)ew_clamp(ew_quantize_f32_s8_round(clamped) + zero_point, INT8_MIN, INT8_MAX);
    }
}

#endif
