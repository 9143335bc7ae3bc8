/* SPDX-License-Identifier: Apache-2.0 */
/* int16 BATCH_MATMUL in portable C, sums of 64 bits. */
#ifndef EW_BATCH_MATMUL_S16_REF_H
#define EW_BATCH_MATMUL_S16_REF_H

#include "ew_matmul.h"
#include "ew_wide.h"

/* Output [n0][n1][n2][rows][columns] overlaps neither input. */
EW_INLINE void ew_batch_matmul_s16_ref(const ew_batch_matmul_s8_shape *s, const int16_t *a,
                                       const int16_t *b, int16_t *output, int32_t multiplier,
                                       int32_t shift) {
    EW_MATMUL_LOOPS(s) {
        const int16_t *left = a + EW_MATMUL_A(s), *right = b + EW_MATMUL_B(s);
        int64_t sum = 0;
        for (int32_t k = 0; k < s->depth; k++) {
            sum += (int32_t)left[k * s->a_depth] * right[k * s->b_depth];
        }
        const int32_t y = ew_requantize_wide(sum, multiplier, shift);
        *output++ = (int16_t)ew_clamp(y, INT16_MIN, INT16_MAX);
    }
}

#endif
