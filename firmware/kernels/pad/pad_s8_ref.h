/* SPDX-License-Identifier: Apache-2.0 */
/* int8 PAD in portable C: rows of the input, and what is between them. */
#ifndef EW_PAD_S8_REF_H
#define EW_PAD_S8_REF_H

#include "ew_copy.h"

/* Elements of the input, and of padding before and after it, along four dimensions. */
typedef struct {
    int32_t n0, n1, n2, n3;
    int32_t before0, before1, before2, before3;
    int32_t after0, after1, after2, after3;
} ew_pad_s8_shape;

/* Fills `bytes` bytes where there are any; returns their end. */
EW_INLINE int8_t *ew_pad_s8_gap(int8_t *to, int32_t value, int32_t bytes) {
    if (bytes > 0) {
        ew_fill(to, value, bytes);
    }
    return to + bytes;
}

/* Input and output do not overlap. */
EW_INLINE void ew_pad_s8_ref(const ew_pad_s8_shape *s, const int8_t *input, int8_t *output,
                             int32_t value) {
    const int32_t row = s->before3 + s->n3 + s->after3;
    const int32_t plane = (s->before2 + s->n2 + s->after2) * row;
    const int32_t block = (s->before1 + s->n1 + s->after1) * plane;
    output = ew_pad_s8_gap(output, value, s->before0 * block);
    for (int32_t i0 = 0; i0 < s->n0; i0++) {
        output = ew_pad_s8_gap(output, value, s->before1 * plane);
        for (int32_t i1 = 0; i1 < s->n1; i1++) {
            output = ew_pad_s8_gap(output, value, s->before2 * row + s->before3);
            for (int32_t i2 = 0; i2 < s->n2; i2++, input += s->n3) {
                ew_copy_forward(output, input, s->n3);
                output += s->n3;
                /* what is behind a row and before the next */
                output =
                    ew_pad_s8_gap(output, value, s->after3 + (i2 + 1 < s->n2 ? s->before3 : 0));
            }
            output = ew_pad_s8_gap(output, value, s->after2 * row);
        }
        output = ew_pad_s8_gap(output, value, s->after1 * plane);
    }
    (void)ew_pad_s8_gap(output, value, s->after0 * block);
}

#endif
