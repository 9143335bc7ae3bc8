/* SPDX-License-Identifier: Apache-2.0 */
/* int16 MINIMUM in portable C: of the numbers as they are. */
#ifndef EW_MINIMUM_S16_REF_H
#define EW_MINIMUM_S16_REF_H

#include "binary_s8.h"

/* Reads element i of each input before it writes element i of the output. */
EW_INLINE void ew_minimum_s16_ref(const ew_binary_s8_shape *s, const int16_t *a, const int16_t *b,
                                  int16_t *output) {
    EW_BINARY_S8_LOOPS(s) {
        *output++ = (int16_t)ew_min(a[EW_BINARY_S8_A(s)], b[EW_BINARY_S8_B(s)]);
    }
}

#endif
