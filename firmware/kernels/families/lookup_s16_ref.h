/* SPDX-License-Identifier: Apache-2.0 */
/* Any function of one int16 by interpolation in a table of 513 entries. */
#ifndef EW_LOOKUP_S16_REF_H
#define EW_LOOKUP_S16_REF_H

#include "ew_kernel.h"

typedef struct {
    int32_t count; /* elements */
} ew_lookup_s16_shape;

/* The table at x = -32768..32767, 128 steps from one entry to the next. */
EW_INLINE int32_t ew_lookup_s16(const int16_t *table, int32_t x) {
    const int16_t *entry = table + 256 + (x >> 7);
    return entry[0] + (((int16_t)(entry[1] - entry[0]) * (x & 127) + 64) >> 7);
}

/* Input and output may be the same. */
EW_INLINE void ew_lookup_s16_ref(const ew_lookup_s16_shape *s, const int16_t *input,
                                 int16_t *output, const int16_t *table) {
    for (int32_t i = 0; i < s->count; i++) {
        output[i] = (int16_t)ew_lookup_s16(table, input[i]);
    }
}

#endif
