/* SPDX-License-Identifier: Apache-2.0 */
/* int8 SOFTMAX whose table of exponentials takes a byte an entry in flash, and is made in scratch.
 */
#ifndef EW_SOFTMAX_S8_STEPS_H
#define EW_SOFTMAX_S8_STEPS_H

#include "softmax_s8_ref.h"

typedef struct {
    ew_softmax_s8_shape of;
    int32_t heads; /* entries that stand as they are, 1..size */
} ew_softmax_s8_steps_shape;

/* As ew_softmax_s8_ref. Each entry behind the heads is the one before it times `ratio` (Q0.31), and
 * a step - 128. scratch: the table, size * 4 bytes. */
EW_INLINE void ew_softmax_s8_steps(const ew_softmax_s8_steps_shape *s, const int8_t *input,
                                   int8_t *output, const int32_t *heads, const uint8_t *steps,
                                   int32_t ratio, int8_t *scratch) {
    int32_t *const table = (int32_t *)(void *)scratch;
    memcpy(table, heads, 4U * (size_t)s->heads);
    for (int32_t i = s->heads; i < s->of.size; i++) {
        table[i] = ew_doubling_high_mul(table[i - 1], ratio) + *steps++ - 128;
    }
    ew_softmax_s8_ref(&s->of, input, output, table);
}

#endif
