/* SPDX-License-Identifier: Apache-2.0 */
/* LOGICAL_AND of bool bytes in portable C. */
#ifndef EW_LOGICAL_AND_REF_H
#define EW_LOGICAL_AND_REF_H

#include "binary_s8.h"

/* Reads element i of each input before it writes element i of the output, which is 0 or 1. */
EW_INLINE void ew_logical_and_ref(const ew_binary_s8_shape *s, const int8_t *a, const int8_t *b,
                                  int8_t *output) {
    EW_BINARY_S8_LOOPS(s) {
        *output++ = a[EW_BINARY_S8_A(s)] && b[EW_BINARY_S8_B(s)];
    }
}

#endif
