/* SPDX-License-Identifier: Apache-2.0 */
/* int16 SUB for Helium: ADD with the sign of one input turned, which its shape says. */
#ifndef EW_SUB_S16_MVE_H
#define EW_SUB_S16_MVE_H

#include "add_s16_mve.h"

/* Reads four elements of both inputs before it writes them. */
EW_INLINE void ew_sub_s16_mve(const ew_add_s16_mve_shape *s, const int16_t *a, const int16_t *b,
                              int16_t *output, int32_t b_multiplier, int32_t multiplier) {
    ew_add_s16_mve(s, a, b, output, b_multiplier, multiplier);
}

#endif
