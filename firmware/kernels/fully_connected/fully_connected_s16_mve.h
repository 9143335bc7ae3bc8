/* SPDX-License-Identifier: Apache-2.0 */
/*
 * int16 FULLY_CONNECTED with int8 weights for Helium: four output channels at a time, 8 products of
 * each in one instruction; a vector of the row serves all four. Sums and requantisation as in
 * conv_2d_s16_mve.h.
 */
#ifndef EW_FULLY_CONNECTED_S16_MVE_H
#define EW_FULLY_CONNECTED_S16_MVE_H

#include "ew_mve.h"

typedef struct {
    int32_t rows;
    int32_t depth;
    int32_t out_c;
    int32_t act_min, act_max;
} ew_fully_connected_s16_mve_shape;

/* Sums of four channels over `steps` vectors of x; w moves on. In assembly, for a compiler computes
 * each address. */
EW_INLINE const int8_t *ew_fully_connected_s16_mve_run(const int16_t *x, const int8_t *w,
                                                       int32_t steps, int32_t sum[4]) {
#if defined(__OPTIMIZE__)
#define EW_FULLY_CONNECTED_S16_MVE_STEP                                                            \
    "vldrh.16 q0, [%[x]], #16\n\tvldrb.s16 q1, [%[w]], #8\n\tvmladava.s16 %[s0], q0, q1\n\t"       \
    "vldrb.s16 q1, [%[w]], #8\n\tvmladava.s16 %[s1], q0, q1\n\tvldrb.s16 q1, [%[w]], #8\n\t"       \
    "vmladava.s16 %[s2], q0, q1\n\tvldrb.s16 q1, [%[w]], #8\n\tvmladava.s16 %[s3], q0, q1\n\t"
    const int32_t twos = steps / 2;
    __asm__ volatile("wls lr, %[twos], 2f\n1:\n\t" EW_FULLY_CONNECTED_S16_MVE_STEP
                         EW_FULLY_CONNECTED_S16_MVE_STEP "le lr, 1b\n2:\n\t"
                     : [x] "+&r"(x), [w] "+&l"(w), [s0] "+&Te"(sum[0]), [s1] "+&Te"(sum[1]),
                       [s2] "+&Te"(sum[2]), [s3] "+&Te"(sum[3])
                     : [twos] "r"(twos)
                     : "q0", "q1", "lr", "memory");
#undef EW_FULLY_CONNECTED_S16_MVE_STEP
    steps &= 1;
#endif
    for (; steps > 0; steps--, x += 8) {
        const int16x8_t row = vldrhq_s16(x);
        for (int32_t c = 0; c < 4; c++, w += 8) {
            sum[c] = vmladavaq_s16(sum[c], row, vldrbq_s16(w));
        }
    }
    return w;
}

/*
 * input [rows][depth], output [rows][out_c]; they do not overlap. For each four channels: weights
 * [depth up to a multiple of 8 / 8][4][8], filled up with zeros, and factors [bias, multiplier][4].
 */
EW_INLINE void ew_fully_connected_s16_mve(const ew_fully_connected_s16_mve_shape *s,
                                          const int16_t *input, int16_t *output,
                                          const int8_t *weights, const int32_t *factors) {
    const int32_t whole = s->depth & ~7;
    for (int32_t row = 0; row < s->rows; row++, input += s->depth, output += s->out_c) {
        const int8_t *w = weights;
        const int32_t *f = factors;
        for (int32_t c = 0; c < s->out_c; c += 4, f += 8) {
            int32_t sum[4] = {f[0], f[1], f[2], f[3]};
            w = ew_fully_connected_s16_mve_run(input, w, whole / 8, sum);
            if (whole < s->depth) {
                const int16x8_t rest =
                    vldrhq_z_s16(input + whole, vctp16q((uint32_t)(s->depth - whole)));
                for (int32_t i = 0; i < 4; i++, w += 8) {
                    sum[i] = vmladavaq_s16(sum[i], rest, vldrbq_s16(w));
                }
            }
            int32x4_t all = vdupq_n_s32(sum[0]);
            all = vsetq_lane_s32(sum[1], all, 1);
            all = vsetq_lane_s32(sum[2], all, 2);
            all = vrmulhq_s32(vsetq_lane_s32(sum[3], all, 3), vldrwq_s32(f + 4));
            all = vminq_s32(vmaxq_s32(all, vdupq_n_s32(s->act_min)), vdupq_n_s32(s->act_max));
            if (c + 4 <= s->out_c) {
                vstrhq_s32(output + c, all);
            } else {
                vstrhq_p_s32(output + c, all, vctp32q((uint32_t)(s->out_c - c)));
            }
        }
    }
}

#endif
