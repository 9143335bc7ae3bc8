/* SPDX-License-Identifier: Apache-2.0 */
/* int8 MINIMUM in portable C. */
#ifndef EW_MINIMUM_S8_REF_H
#define EW_MINIMUM_S8_REF_H

#include "binary_s8.h"

/* Reads element i of each input before it writes element i of the output. */
EW_INLINE void ew_minimum_s8_ref(const ew_binary_s8_shape *s, const int8_t *a, const int8_t *b,
                                 int8_t *output) {
    EW_BINARY_S8_LOOPS(s) {
        *output++ = (int8_t)ew_min(a[EW_BINARY_S8_A(s)], b[EW_BINARY_S8_B(s)]);
    }
}

#endif
