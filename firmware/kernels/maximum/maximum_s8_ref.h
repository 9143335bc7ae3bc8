/* SPDX-License-Identifier: Apache-2.0 */
/* int8 MAXIMUM in portable C. */
#ifndef EW_MAXIMUM_S8_REF_H
#define EW_MAXIMUM_S8_REF_H

#include "binary_s8.h"

/* Reads element i of each input before it writes element i of the output. */
EW_INLINE void ew_maximum_s8_ref(const ew_binary_s8_shape *s, const int8_t *a, const int8_t *b,
                                 int8_t *output) {
    EW_BINARY_S8_LOOPS(s) {
        *output++ = (int8_t)ew_max(a[EW_BINARY_S8_A(s)], b[EW_BINARY_S8_B(s)]);
    }
}

#endif
