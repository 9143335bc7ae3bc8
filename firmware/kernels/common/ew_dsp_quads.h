/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Four rows of int8 weights times one of int8 values, for DSP cores: what recurrent layers do. The
 * values are widened first, see ew_dsp_widen_row; for each four of them come four weights of each
 * row. 20 instructions for 16 multiplications. All of these are aligned to words.
 */
#ifndef EW_DSP_QUADS_H
#define EW_DSP_QUADS_H

#include "fully_connected_s8_dsp.h"

/* Adds the products of 4 * `quads` (>= 1) values to the sums; returns where the weights go on. */
EW_ASM const int32_t *ew_dsp_quads(const int8_t *row EW_UNUSED, const int32_t *weights EW_UNUSED,
                                   int32_t quads EW_UNUSED, int32_t sum[4] EW_UNUSED) {
    /* clang-format off */
#define EW_DSP_QUADS_ROW(w, acc)                  \
    "sxtb16 r3, " w "                 \n\t"       \
    "sxtb16 " w ", " w ", ror #8      \n\t"       \
    "smlad  " acc ", r3, r8, " acc "  \n\t"       \
    "smlad  " acc ", " w ", r9, " acc " \n\t"
    EW_ASM_BODY(
        "push   {r3-r11, lr}              \n\t"
        "ldm    r3, {r4-r7}               \n"
        "1:                               \n\t"
        "ldrd   r8, r9, [r0], #8          \n\t"
        "ldm    r1!, {r10, r11, r12, lr}  \n\t"
        EW_DSP_QUADS_ROW("r10", "r4")
        EW_DSP_QUADS_ROW("r11", "r5")
        EW_DSP_QUADS_ROW("r12", "r6")
        EW_DSP_QUADS_ROW("lr", "r7")
        "subs   r2, r2, #1                \n\t"
        "bne    1b                        \n\t"
        "pop    {r3}                      \n\t"
        "stm    r3, {r4-r7}               \n\t"
        "mov    r0, r1                    \n\t"
        "pop    {r4-r11, pc}              \n\t");
#undef EW_DSP_QUADS_ROW
    /* clang-format on */
}

#endif
