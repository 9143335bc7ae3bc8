/* SPDX-License-Identifier: Apache-2.0 */
/* int16 SQUARED_DIFFERENCE in portable C. */
#ifndef EW_SQUARED_DIFFERENCE_S16_REF_H
#define EW_SQUARED_DIFFERENCE_S16_REF_H

#include "binary_s8.h"

/* Inputs are brought to twice the larger scale, by shifts of 0..31 to the right. Reads element i
 * of each input before it writes element i of the output. */
EW_INLINE void ew_squared_difference_s16_ref(const ew_binary_s8_shape *s, const int16_t *a,
                                             const int16_t *b, int16_t *output,
                                             int32_t a_multiplier, int32_t a_shift,
                                             int32_t b_multiplier, int32_t b_shift,
                                             int32_t multiplier, int32_t shift) {
    EW_BINARY_S8_LOOPS(s) {
        const int32_t x = ew_requantize(a[EW_BINARY_S8_A(s)], a_multiplier, a_shift);
        const int32_t y = ew_requantize(b[EW_BINARY_S8_B(s)], b_multiplier, b_shift);
        const int32_t square = ew_requantize((x - y) * (x - y), multiplier, shift);
        *output++ = (int16_t)ew_clamp(square, INT16_MIN, INT16_MAX);
    }
}

#endif
