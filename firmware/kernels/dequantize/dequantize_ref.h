/* SPDX-License-Identifier: Apache-2.0 */
/* DEQUANTIZE to float32 in portable C, for models whose outputs are float32. */
#ifndef EW_DEQUANTIZE_REF_H
#define EW_DEQUANTIZE_REF_H

#include "ew_element.h"

typedef struct {
    int32_t count; /* elements */
    int32_t from;  /* type of the input, see ew_element.h */
} ew_dequantize_shape;

/* Input i is read before output i is written; see Dequantize.overlap. */
EW_INLINE void ew_dequantize_ref(const ew_dequantize_shape *s, const void *input, float *output,
                                 float scale, int32_t zero_point) {
    for (int32_t i = 0; i < s->count; i++) {
        output[i] = scale * (float)(ew_load_element(input, i, s->from) - zero_point);
    }
}

#endif
