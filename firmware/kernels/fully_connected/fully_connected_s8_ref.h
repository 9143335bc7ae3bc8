/* SPDX-License-Identifier: Apache-2.0 */
/*
 * int8 FULLY_CONNECTED in portable C: four output channels at a time.
 *
 * `bias` holds bias - zero_point * sum(weights) of each channel. At the end of a row whose channels
 * are no multiple of four, the last channel is computed again in place of those that are missing.
 */
#ifndef EW_FULLY_CONNECTED_S8_REF_H
#define EW_FULLY_CONNECTED_S8_REF_H

#include "fully_connected_s8.h"

/* Four sums over a row: acc[i] += x . (row c[i] of weights). */
EW_INLINE void ew_fully_connected_s8_ref_sums(const int8_t *x, const int8_t *weights, int32_t depth,
                                              const int32_t c[4], int32_t acc[4]) {
    const int8_t *w0 = weights + c[0] * depth, *w1 = weights + c[1] * depth;
    const int8_t *w2 = weights + c[2] * depth, *w3 = weights + c[3] * depth;
    int32_t a0 = acc[0], a1 = acc[1], a2 = acc[2], a3 = acc[3];
    EW_UNROLL(4)
    for (int32_t k = 0; k < depth; k++) {
        const int32_t p = x[k];
        a0 = ew_mla(a0, p, w0[k]);
        a1 = ew_mla(a1, p, w1[k]);
        a2 = ew_mla(a2, p, w2[k]);
        a3 = ew_mla(a3, p, w3[k]);
    }
    acc[0] = a0;
    acc[1] = a1;
    acc[2] = a2;
    acc[3] = a3;
}

/* input [rows][depth], output [rows][out_c], weights [out_c][depth]; multiplier and shift [out_c]
 * or [1]. */
EW_INLINE void ew_fully_connected_s8_ref(const ew_fully_connected_s8_shape *s, const int8_t *input,
                                         int8_t *output, const int8_t *weights, const int32_t *bias,
                                         const int32_t *multiplier, const int8_t *shift,
                                         int32_t out_zp, int32_t act_min, int32_t act_max) {
    for (int32_t row = 0; row < s->rows; row++, input += s->depth, output += s->out_c) {
        for (int32_t first = 0; first < s->out_c; first += 4) {
            int32_t c[4], acc[4];
            for (int32_t i = 0; i < 4; i++) {
                c[i] = ew_min(first + i, s->out_c - 1);
                acc[i] = bias[c[i]];
            }
            ew_fully_connected_s8_ref_sums(input, weights, s->depth, c, acc);
            for (int32_t i = 0; i < 4; i++) {
                output[c[i]] = ew_fully_connected_s8_output(s, acc[i], multiplier, shift, c[i],
                                                            out_zp, act_min, act_max);
            }
        }
    }
}

#endif
