/* SPDX-License-Identifier: Apache-2.0 */
/* Copies pieces of bytes: CONCATENATION, and RESHAPE from a model's input straight to its output.
 */
#ifndef EW_COPY_S8_REF_H
#define EW_COPY_S8_REF_H

#include "ew_copy.h"

typedef struct {
    int32_t rows;      /* pieces */
    int32_t row_bytes; /* bytes of a piece */
    int32_t from_step; /* bytes from one piece of the input to the next */
    int32_t to_step;   /* the same of the output */
} ew_copy_s8_shape;

/* Input and output do not overlap. */
EW_INLINE void ew_copy_s8_ref(const ew_copy_s8_shape *s, const int8_t *input, int8_t *output) {
    for (int32_t i = 0; i < s->rows; i++) {
        ew_copy_forward(output + i * s->to_step, input + i * s->from_step, s->row_bytes);
    }
}

#endif
