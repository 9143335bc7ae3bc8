/* SPDX-License-Identifier: Apache-2.0 */
/* The inputs of a hybrid layer as int8, in portable C. */
#ifndef EW_HYBRID_QUANTIZE_REF_H
#define EW_HYBRID_QUANTIZE_REF_H

#include "ew_hybrid.h"

typedef struct {
    int32_t batches, count; /* values of a batch, which have a factor of their own */
    int32_t asymmetric;
} ew_hybrid_quantize_shape;

EW_INLINE void ew_hybrid_quantize_ref(const ew_hybrid_quantize_shape *s, const float *input,
                                      int8_t *values, ew_hybrid_factor *factors) {
    for (int32_t b = 0; b < s->batches; b++, input += s->count, values += s->count) {
        factors[b] = ew_hybrid_quantize(input, s->count, s->asymmetric, values);
    }
}

#endif
