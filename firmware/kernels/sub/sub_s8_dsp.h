/* SPDX-License-Identifier: Apache-2.0 */
/* int8 SUB for DSP cores: ADD with the sign of one input turned, which its shape says. */
#ifndef EW_SUB_S8_DSP_H
#define EW_SUB_S8_DSP_H

#include "add_s8_dsp.h"

/* Reads elements i..i+3 of both inputs before it writes them. */
EW_INLINE void ew_sub_s8_dsp(const ew_add_s8_dsp_shape *s, const int8_t *a, const int8_t *b,
                             int8_t *output, int32_t a_zp, int32_t b_zp, int32_t b_multiplier,
                             int32_t multiplier, int32_t constant) {
    ew_add_s8_dsp(s, a, b, output, a_zp, b_zp, b_multiplier, multiplier, constant);
}

#endif
