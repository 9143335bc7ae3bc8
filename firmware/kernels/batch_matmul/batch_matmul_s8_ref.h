/* SPDX-License-Identifier: Apache-2.0 */
/* int8 BATCH_MATMUL in portable C: products of matrices, either of which may lie transposed. */
#ifndef EW_BATCH_MATMUL_S8_REF_H
#define EW_BATCH_MATMUL_S8_REF_H

#include "ew_matmul.h"
#include "ew_requant.h"

/* One element of a product: a row times a column. */
EW_INLINE int32_t ew_batch_matmul_s8_dot(const ew_batch_matmul_s8_shape *s, const int8_t *a,
                                         const int8_t *b, int32_t a_zp, int32_t b_zp) {
    int32_t acc = 0;
    EW_UNROLL(4)
    for (int32_t k = 0; k < s->depth; k++) {
        acc = ew_mla(acc, a[k * s->a_depth] - a_zp, b[k * s->b_depth] - b_zp);
    }
    return acc;
}

/* Output [n0][n1][n2][rows][columns] overlaps neither input. */
EW_INLINE void ew_batch_matmul_s8_ref(const ew_batch_matmul_s8_shape *s, const int8_t *a,
                                      const int8_t *b, int8_t *output, int32_t a_zp, int32_t b_zp,
                                      int32_t multiplier, int32_t shift, int32_t out_zp) {
    for (int32_t i = 0; i < s->n0 * s->n1 * s->n2; i++) {
        const int32_t i0 = i / s->n2 / s->n1, i1 = i / s->n2 % s->n1, i2 = i % s->n2;
        const int8_t *left = a + i0 * s->a0 + i1 * s->a1 + i2 * s->a2;
        const int8_t *right = b + i0 * s->b0 + i1 * s->b1 + i2 * s->b2;
        for (int32_t row = 0; row < s->rows; row++) {
            for (int32_t column = 0; column < s->columns; column++) {
                const int32_t acc = ew_batch_matmul_s8_dot(
                    s, left + row * s->a_row, right + column * s->b_column, a_zp, b_zp);
                const int32_t y = ew_add_wrap(ew_requantize(acc, multiplier, shift), out_zp);
                *output++ = (int8_t)ew_clamp(y, INT8_MIN, INT8_MAX);
            }
        }
    }
}

#endif
