/* SPDX-License-Identifier: Apache-2.0 */
/* int8 SUB in portable C: as ADD, with a difference in the place of the sum. */
#ifndef EW_SUB_S8_REF_H
#define EW_SUB_S8_REF_H

#include "binary_s8.h"

/* Shifts are 0..31 to the right. Reads element i of each input before it writes element i of the
 * output. */
EW_INLINE void ew_sub_s8_ref(const ew_binary_s8_shape *s, const int8_t *a, const int8_t *b,
                             int8_t *output, int32_t a_zp, int32_t a_multiplier, int32_t a_shift,
                             int32_t b_zp, int32_t b_multiplier, int32_t b_shift,
                             int32_t multiplier, int32_t shift, int32_t out_zp, int32_t act_min,
                             int32_t act_max) {
    EW_BINARY_S8_LOOPS(s) {
        const int32_t x = (a[EW_BINARY_S8_A(s)] - a_zp) * (1 << 20);
        const int32_t y = (b[EW_BINARY_S8_B(s)] - b_zp) * (1 << 20);
        const int32_t difference =
            ew_requantize(x, a_multiplier, a_shift) - ew_requantize(y, b_multiplier, b_shift);
        *output++ = (int8_t)ew_clamp(ew_requantize(difference, multiplier, shift) + out_zp, act_min,
                                     act_max);
    }
}

#endif
