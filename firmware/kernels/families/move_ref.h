/* SPDX-License-Identifier: Apache-2.0 */
/* Moves data of any type whose places follow steps: TRANSPOSE, SLICE, STRIDED_SLICE, SPLIT, UNPACK,
 * DEPTH_TO_SPACE and SPACE_TO_DEPTH. */
#ifndef EW_MOVE_REF_H
#define EW_MOVE_REF_H

#include "ew_copy.h"

typedef struct {
    int32_t n0, n1, n2, n3, n4;                /* pieces of the output, outermost first */
    int32_t step0, step1, step2, step3, step4; /* bytes from one piece of the input to the next */
    int32_t bytes;                             /* of a piece */
} ew_move_shape;

/* One piece. An element is read whole before it is written; more are copied from front to back. */
EW_INLINE void ew_move_piece(int8_t *to, const int8_t *from, int32_t bytes) {
    if (bytes == 1 || bytes == 2 || bytes == 4) {
        ew_copy_element(to, from, bytes);
    } else {
        ew_copy_forward(to, from, bytes);
    }
}

/* The output is written from front to back. See move_distance for how input and output may overlap.
 */
EW_INLINE void ew_move_ref(const ew_move_shape *s, const int8_t *input, int8_t *output) {
    for (int32_t i0 = 0; i0 < s->n0; i0++) {
        for (int32_t i1 = 0; i1 < s->n1; i1++) {
            for (int32_t i2 = 0; i2 < s->n2; i2++) {
                for (int32_t i3 = 0; i3 < s->n3; i3++) {
                    const int8_t *row =
                        input + (i0 * s->step0 + i1 * s->step1 + i2 * s->step2 + i3 * s->step3);
                    for (int32_t i4 = 0; i4 < s->n4; i4++, output += s->bytes) {
                        ew_move_piece(output, row + i4 * s->step4, s->bytes);
                    }
                }
            }
        }
    }
}

#endif
