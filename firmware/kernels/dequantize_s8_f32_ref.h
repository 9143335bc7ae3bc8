/* SPDX-License-Identifier: Apache-2.0 */
/* DEQUANTIZE of int8 to float32 in portable C, for models whose outputs are float32. */
#ifndef EW_DEQUANTIZE_S8_F32_REF_H
#define EW_DEQUANTIZE_S8_F32_REF_H

#include "ew_kernel.h"

typedef struct {
    int32_t count; /* elements */
} ew_dequantize_s8_f32_shape;

/* Input i is read before output i is written; see Dequantize.overlap. */
EW_INLINE void ew_dequantize_s8_f32_ref(const ew_dequantize_s8_f32_shape *s, const int8_t *input,
                                        float *output, float scale, int32_t zero_point) {
    for (int32_t i = 0; i < s->count; i++) {
        output[i] = scale * (float)(input[i] - zero_point);
    }
}

#endif
