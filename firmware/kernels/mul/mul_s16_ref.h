/* SPDX-License-Identifier: Apache-2.0 */
/* int16 MUL in portable C. */
#ifndef EW_MUL_S16_REF_H
#define EW_MUL_S16_REF_H

#include "binary_s8.h"

/* Reads element i of each input before it writes element i of the output. */
EW_INLINE void ew_mul_s16_ref(const ew_binary_s8_shape *s, const int16_t *a, const int16_t *b,
                              int16_t *output, int32_t multiplier, int32_t shift, int32_t act_min,
                              int32_t act_max) {
    EW_BINARY_S8_LOOPS(s) {
        const int32_t product = a[EW_BINARY_S8_A(s)] * b[EW_BINARY_S8_B(s)];
        *output++ = (int16_t)ew_clamp(ew_requantize(product, multiplier, shift), act_min, act_max);
    }
}

#endif
