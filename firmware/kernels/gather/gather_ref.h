/* SPDX-License-Identifier: Apache-2.0 */
/* GATHER by computed indices in portable C, for data of any type. */
#ifndef EW_GATHER_REF_H
#define EW_GATHER_REF_H

#include "ew_kernel.h"

/* The input is [batches][outer][size] pieces, the indices [batches][count], the output
 * [batches][outer][count] pieces. */
typedef struct {
    int32_t batches, outer, count, size;
    int32_t bytes; /* of a piece */
} ew_gather_shape;

/* Indices outside 0..size-1 are taken for the nearest inside. The output overlaps no input. */
EW_INLINE void ew_gather_ref(const ew_gather_shape *s, const int8_t *input, const int32_t *indices,
                             int8_t *output) {
    for (int32_t b = 0; b < s->batches; b++, indices += s->count) {
        for (int32_t o = 0; o < s->outer; o++, input += s->size * s->bytes) {
            for (int32_t i = 0; i < s->count; i++, output += s->bytes) {
                const int32_t index = ew_clamp(indices[i], 0, s->size - 1);
                memcpy(output, input + index * s->bytes, (size_t)s->bytes);
            }
        }
    }
}

#endif
