/* SPDX-License-Identifier: Apache-2.0 */
/* EMBEDDING_LOOKUP of int8 rows as float32 in portable C. */
#ifndef EW_EMBEDDING_LOOKUP_REF_H
#define EW_EMBEDDING_LOOKUP_REF_H

#include "ew_kernel.h"

typedef struct {
    int32_t count; /* indices */
    int32_t rows, depth;
} ew_embedding_lookup_shape;

/* Indices that are outside are taken for the nearest inside. The output overlaps no input. */
EW_INLINE void ew_embedding_lookup_ref(const ew_embedding_lookup_shape *s, const int32_t *indices,
                                       const int8_t *table, float *output, float scale) {
    for (int32_t i = 0; i < s->count; i++) {
        const int8_t *row = table + ew_clamp(indices[i], 0, s->rows - 1) * s->depth;
        for (int32_t d = 0; d < s->depth; d++) {
            *output++ = (float)row[d] * scale;
        }
    }
}

#endif
