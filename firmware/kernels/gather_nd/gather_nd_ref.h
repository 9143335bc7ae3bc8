/* SPDX-License-Identifier: Apache-2.0 */
/* GATHER_ND in portable C, for data of any type. */
#ifndef EW_GATHER_ND_REF_H
#define EW_GATHER_ND_REF_H

#include "ew_kernel.h"

/* The first `depth` dimensions of the input are n0, n1, ...; the indices are [count][depth]. */
typedef struct {
    int32_t count, depth;
    int32_t n0, n1, n2, n3, n4;
    int32_t bytes; /* of a piece: all that lies behind a place of the first dimensions */
} ew_gather_nd_shape;

/* Indices that are outside are taken for the nearest inside. The output overlaps no input. */
EW_INLINE void ew_gather_nd_ref(const ew_gather_nd_shape *s, const int8_t *input,
                                const int32_t *indices, int8_t *output) {
    const int32_t sizes[5] = {s->n0, s->n1, s->n2, s->n3, s->n4};
    for (int32_t i = 0; i < s->count; i++, output += s->bytes) {
        int32_t place = 0;
        for (int32_t d = 0; d < s->depth; d++) {
            place = place * sizes[d] + ew_clamp(*indices++, 0, sizes[d] - 1);
        }
        memcpy(output, input + place * s->bytes, (size_t)s->bytes);
    }
}

#endif
