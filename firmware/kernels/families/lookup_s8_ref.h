/* SPDX-License-Identifier: Apache-2.0 */
/* Any function of one int8 as a table of 256: RELU and its kin, LOGISTIC, int8 to int8 QUANTIZE. */
#ifndef EW_LOOKUP_S8_REF_H
#define EW_LOOKUP_S8_REF_H

#include "ew_kernel.h"

typedef struct {
    int32_t count; /* elements */
} ew_lookup_s8_shape;

/* table[x + 128] is the value for x. Input and output may be the same. */
EW_INLINE void ew_lookup_s8_ref(const ew_lookup_s8_shape *s, const int8_t *input, int8_t *output,
                                const int8_t *table) {
    for (int32_t i = 0; i < s->count; i++) {
        output[i] = table[input[i] + 128];
    }
}

#endif
