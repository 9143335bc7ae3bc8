/* SPDX-License-Identifier: Apache-2.0 */
/* QUANTIZE of float32 in portable C, for models whose inputs are float32. */
#ifndef EW_QUANTIZE_F32_REF_H
#define EW_QUANTIZE_F32_REF_H

#include "ew_element.h"

typedef struct {
    int32_t count;     /* elements */
    int32_t to;        /* type of the output, see ew_element.h */
    int32_t low, high; /* what it holds */
} ew_quantize_f32_shape;

#define EW_QUANTIZE_F32_REACH 131072.0F /* beyond every sum of a value and a zero point */

/* Nearest integer, halves away from zero, for |x| < 2^31; no libm needed. */
EW_INLINE int32_t ew_quantize_f32_round(float x) {
    const int32_t whole = (int32_t)x;
    const float rest = x - (float)whole;
    return whole + (rest >= 0.5F) - (rest <= -0.5F);
}

/* Input and output may begin at the same place. Values beyond the output's type, infinities too,
 * are clamped; NaN gives the lowest value. */
EW_INLINE void ew_quantize_f32_ref(const ew_quantize_f32_shape *s, const float *input, void *output,
                                   float scale, int32_t zero_point) {
    const float reach = EW_QUANTIZE_F32_REACH;
    for (int32_t i = 0; i < s->count; i++) {
        const float x = input[i] / scale;
        const float clamped = x > -reach ? (x < reach ? x : reach) : -reach;
        ew_store_element(output, i, s->to,
                         ew_clamp(ew_quantize_f32_round(clamped) + zero_point, s->low, s->high));
    }
}

#endif
