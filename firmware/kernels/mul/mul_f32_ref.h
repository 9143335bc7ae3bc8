/* SPDX-License-Identifier: Apache-2.0 */
/* float32 MUL in portable C. */
#ifndef EW_MUL_F32_REF_H
#define EW_MUL_F32_REF_H

#include "binary_s8.h"
#include "ew_float.h"

/* Reads element i of each input before it writes element i of the output. */
EW_INLINE void ew_mul_f32_ref(const ew_binary_s8_shape *s, const float *a, const float *b,
                              float *output, float act_min, float act_max) {
    EW_BINARY_S8_LOOPS(s) {
        *output++ = ew_clamp_f32(a[EW_BINARY_S8_A(s)] * b[EW_BINARY_S8_B(s)], act_min, act_max);
    }
}

#endif
