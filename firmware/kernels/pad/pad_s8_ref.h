/* SPDX-License-Identifier: Apache-2.0 */
/* int8 PAD in portable C: fill the output, then copy the input's rows into it. */
#ifndef EW_PAD_S8_REF_H
#define EW_PAD_S8_REF_H

#include "ew_kernel.h"

/* Elements of the input, and of padding before and after it, along four dimensions. */
typedef struct {
    int32_t n0, n1, n2, n3;
    int32_t before0, before1, before2, before3;
    int32_t after0, after1, after2, after3;
} ew_pad_s8_shape;

/* Input and output do not overlap. */
EW_INLINE void ew_pad_s8_ref(const ew_pad_s8_shape *s, const int8_t *input, int8_t *output,
                             int32_t value) {
    const int32_t out0 = s->before0 + s->n0 + s->after0, out1 = s->before1 + s->n1 + s->after1;
    const int32_t out2 = s->before2 + s->n2 + s->after2, out3 = s->before3 + s->n3 + s->after3;
    memset(output, value, (size_t)(out0 * out1 * out2 * out3));
    for (int32_t i0 = 0; i0 < s->n0; i0++) {
        for (int32_t i1 = 0; i1 < s->n1; i1++) {
            for (int32_t i2 = 0; i2 < s->n2; i2++, input += s->n3) {
                const int32_t row =
                    ((s->before0 + i0) * out1 + s->before1 + i1) * out2 + s->before2 + i2;
                memcpy(output + row * out3 + s->before3, input, (size_t)s->n3);
            }
        }
    }
}

#endif
