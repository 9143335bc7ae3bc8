/* SPDX-License-Identifier: Apache-2.0 */
/* int8 DIV in portable C. A divisor of 0 is taken for the smallest one above it. */
#ifndef EW_DIV_S8_REF_H
#define EW_DIV_S8_REF_H

#include "binary_s8.h"
#include "ew_reciprocal.h"

/* x / y * multiplier / 2^31 / 2^shift for |x|, |y| < 2^9. */
EW_INLINE int32_t ew_div_s8(int32_t x, int32_t y, int32_t multiplier, int32_t shift) {
    const uint32_t divisor = (uint32_t)ew_max(y < 0 ? -y : y, 1);
    const int32_t dividend = y < 0 ? -x : x;
    if (dividend == 0) {
        return 0;
    }
    const int32_t zeros = ew_leading_zeros(divisor);
    const uint32_t size = (uint32_t)(dividend < 0 ? -dividend : dividend);
    const int32_t room = ew_leading_zeros(dividend < 0 ? 2 * size - 1 : size * 2);
    const int32_t raised = (int32_t)((uint32_t)dividend << room);
    const int32_t quotient = ew_doubling_high_mul(raised, ew_reciprocal(divisor << zeros));
    const int32_t right = shift + 31 - zeros + room;
    return right > 31 ? 0 : ew_rounding_shift(ew_doubling_high_mul(quotient, multiplier), right);
}

/* Shifts are -22 and more. Reads element i of each input before it writes element i of the
 * output. */
EW_INLINE void ew_div_s8_ref(const ew_binary_s8_shape *s, const int8_t *a, const int8_t *b,
                             int8_t *output, int32_t a_zp, int32_t b_zp, int32_t multiplier,
                             int32_t shift, int32_t out_zp, int32_t act_min, int32_t act_max) {
    EW_BINARY_S8_LOOPS(s) {
        const int32_t x = a[EW_BINARY_S8_A(s)] - a_zp, y = b[EW_BINARY_S8_B(s)] - b_zp;
        const int32_t quotient = ew_div_s8(x, y, multiplier, shift);
        *output++ = (int8_t)ew_clamp(ew_add_wrap(quotient, out_zp), act_min, act_max);
    }
}

#endif
