/* SPDX-License-Identifier: Apache-2.0 */
/* int8 MUL in portable C. */
#ifndef EW_MUL_S8_REF_H
#define EW_MUL_S8_REF_H

#include "binary_s8.h"

/* Reads element i of each input before it writes element i of the output. */
EW_INLINE void ew_mul_s8_ref(const ew_binary_s8_shape *s, const int8_t *a, const int8_t *b,
                             int8_t *output, int32_t a_zp, int32_t b_zp, int32_t multiplier,
                             int32_t shift, int32_t out_zp, int32_t act_min, int32_t act_max) {
    EW_BINARY_S8_LOOPS(s) {
        const int32_t product = (a[EW_BINARY_S8_A(s)] - a_zp) * (b[EW_BINARY_S8_B(s)] - b_zp);
        *output++ = (int8_t)ew_clamp(ew_add_wrap(ew_requantize(product, multiplier, shift), out_zp),
                                     act_min, act_max);
    }
}

#endif
