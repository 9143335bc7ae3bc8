/* SPDX-License-Identifier: Apache-2.0 */
/* int16 SUB in portable C: as int8 SUB, with 15 more bits for the common scale and no zero points.
 */
#ifndef EW_SUB_S16_REF_H
#define EW_SUB_S16_REF_H

#include "binary_s8.h"

/* Shifts are 0..31 to the right. Reads element i of each input before it writes element i of the
 * output. */
EW_INLINE void ew_sub_s16_ref(const ew_binary_s8_shape *s, const int16_t *a, const int16_t *b,
                              int16_t *output, int32_t a_multiplier, int32_t a_shift,
                              int32_t b_multiplier, int32_t b_shift, int32_t multiplier,
                              int32_t shift, int32_t act_min, int32_t act_max) {
    EW_BINARY_S8_LOOPS(s) {
        const int32_t x = a[EW_BINARY_S8_A(s)] * (1 << 15);
        const int32_t y = b[EW_BINARY_S8_B(s)] * (1 << 15);
        const int32_t both =
            ew_requantize(x, a_multiplier, a_shift) - ew_requantize(y, b_multiplier, b_shift);
        *output++ = (int16_t)ew_clamp(ew_requantize(both, multiplier, shift), act_min, act_max);
    }
}

#endif
