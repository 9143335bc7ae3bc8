/* SPDX-License-Identifier: Apache-2.0 */
/* int8 PRELU in portable C. */
#ifndef EW_PRELU_S8_REF_H
#define EW_PRELU_S8_REF_H

#include "binary_s8.h"

/* Reads element i of input and alpha before it writes element i of the output. */
EW_INLINE void ew_prelu_s8_ref(const ew_binary_s8_shape *s, const int8_t *input,
                               const int8_t *alpha, int8_t *output, int32_t in_zp, int32_t alpha_zp,
                               int32_t multiplier, int32_t shift, int32_t alpha_multiplier,
                               int32_t alpha_shift, int32_t out_zp) {
    EW_BINARY_S8_LOOPS(s) {
        const int32_t x = input[EW_BINARY_S8_A(s)] - in_zp;
        const int32_t slope = alpha[EW_BINARY_S8_B(s)] - alpha_zp;
        const int32_t y = x >= 0 ? ew_requantize(x, multiplier, shift)
                                 : ew_requantize(x * slope, alpha_multiplier, alpha_shift);
        *output++ = (int8_t)ew_clamp(ew_add_wrap(y, out_zp), INT8_MIN, INT8_MAX);
    }
}

#endif
