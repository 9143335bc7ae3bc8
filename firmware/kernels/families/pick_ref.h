/* SPDX-License-Identifier: Apache-2.0 */
/* Moves data whose places follow no rule: RESIZE_NEAREST_NEIGHBOR, MIRROR_PAD, GATHER with constant
 * indices. */
#ifndef EW_PICK_REF_H
#define EW_PICK_REF_H

#include "ew_kernel.h"

typedef struct {
    int32_t n0, n1, n2, n3; /* pieces of the output along four dimensions, outermost first */
    int32_t bytes;          /* of a piece */
} ew_pick_shape;

/* Piece (i0, i1, i2, i3) of the output comes from the sum of four bytes' distances in `places`:
 * n0 distances for i0, n1 for i1, ... See pick_distance for how input and output may overlap. */
EW_INLINE void ew_pick_ref(const ew_pick_shape *s, const int8_t *input, int8_t *output,
                           const int32_t *places) {
    const int32_t *const p1 = places + s->n0, *const p2 = p1 + s->n1, *const p3 = p2 + s->n2;
    for (int32_t i0 = 0; i0 < s->n0; i0++) {
        for (int32_t i1 = 0; i1 < s->n1; i1++) {
            for (int32_t i2 = 0; i2 < s->n2; i2++) {
                const int8_t *row = input + places[i0] + p1[i1] + p2[i2];
                for (int32_t i3 = 0; i3 < s->n3; i3++, output += s->bytes) {
                    memmove(output, row + p3[i3], (size_t)s->bytes);
                }
            }
        }
    }
}

#endif
