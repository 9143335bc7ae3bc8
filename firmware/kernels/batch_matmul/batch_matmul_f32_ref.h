/* SPDX-License-Identifier: Apache-2.0 */
/* float32 BATCH_MATMUL in portable C. */
#ifndef EW_BATCH_MATMUL_F32_REF_H
#define EW_BATCH_MATMUL_F32_REF_H

#include "ew_matmul.h"

/* Output [n0][n1][n2][rows][columns] overlaps neither input. */
EW_INLINE void ew_batch_matmul_f32_ref(const ew_batch_matmul_s8_shape *s, const float *a,
                                       const float *b, float *output) {
    EW_MATMUL_LOOPS(s) {
        const float *left = a + EW_MATMUL_A(s), *right = b + EW_MATMUL_B(s);
        float sum = 0.0F;
        for (int32_t k = 0; k < s->depth; k++) {
            sum += left[k * s->a_depth] * right[k * s->b_depth];
        }
        *output++ = sum;
    }
}

#endif
