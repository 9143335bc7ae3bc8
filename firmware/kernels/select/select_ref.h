/* SPDX-License-Identifier: Apache-2.0 */
/* SELECT and SELECT_V2 in portable C, for data of any type. */
#ifndef EW_SELECT_REF_H
#define EW_SELECT_REF_H

#include "ew_kernel.h"

typedef struct {
    int32_t n0, n1, n2, n3, n4; /* pieces of the output, outermost first */
    int32_t c0, c1, c2, c3, c4; /* step of the condition along each dimension, in elements */
    int32_t a0, a1, a2, a3, a4; /* step of what is taken where it holds, in bytes */
    int32_t b0, b1, b2, b3, b4; /* step of what is taken elsewhere, in bytes */
    int32_t bytes;              /* of a piece */
} ew_select_shape;

/* Piece i of the inputs is read before piece i of the output is written. */
EW_INLINE void ew_select_ref(const ew_select_shape *s, const int8_t *condition, const int8_t *a,
                             const int8_t *b, int8_t *output) {
    for (int32_t i0 = 0; i0 < s->n0; i0++) {
        for (int32_t i1 = 0; i1 < s->n1; i1++) {
            for (int32_t i2 = 0; i2 < s->n2; i2++) {
                for (int32_t i3 = 0; i3 < s->n3; i3++) {
                    const int32_t c = i0 * s->c0 + i1 * s->c1 + i2 * s->c2 + i3 * s->c3;
                    const int8_t *x = a + (i0 * s->a0 + i1 * s->a1 + i2 * s->a2 + i3 * s->a3);
                    const int8_t *y = b + (i0 * s->b0 + i1 * s->b1 + i2 * s->b2 + i3 * s->b3);
                    for (int32_t i4 = 0; i4 < s->n4; i4++, output += s->bytes) {
                        memmove(output, condition[c + i4 * s->c4] ? x + i4 * s->a4 : y + i4 * s->b4,
                                (size_t)s->bytes);
                    }
                }
            }
        }
    }
}

#endif
