/* SPDX-License-Identifier: Apache-2.0 */
/*
 * int8 FULLY_CONNECTED for Helium: four output channels at a time, 16 products of each in one
 * instruction; a vector of the row serves all four.
 */
#ifndef EW_FULLY_CONNECTED_S8_MVE_H
#define EW_FULLY_CONNECTED_S8_MVE_H

#include "ew_mve.h"

typedef struct {
    int32_t rows;     /* of the input: a batch */
    int32_t depth;    /* elements of a row */
    int32_t out_c;    /* elements of a row of the output */
    int32_t rounding; /* EW_MVE_RELU, _SHORT or _ANY */
    int32_t whole;    /* see ew_mve_place */
} ew_fully_connected_s8_mve_shape;

/* Products of 16 bytes of x and of four rows of w, side by side. */
EW_INLINE void ew_fully_connected_s8_mve_step(int8x16_t x, const int8_t *w, int32_t sum[4]) {
    sum[0] = vmladavaq_s8(sum[0], x, vldrbq_s8(w));
    sum[1] = vmladavaq_s8(sum[1], x, vldrbq_s8(w + 16));
    sum[2] = vmladavaq_s8(sum[2], x, vldrbq_s8(w + 32));
    sum[3] = vmladavaq_s8(sum[3], x, vldrbq_s8(w + 48));
}

/* `steps` whole vectors of x; returns where w goes on. In assembly, for a compiler computes each
 * address. */
EW_INLINE const int8_t *ew_fully_connected_s8_mve_run(const int8_t *x, const int8_t *w,
                                                      int32_t steps, int32_t sum[4]) {
#if defined(__OPTIMIZE__)
#define EW_FULLY_CONNECTED_S8_MVE_STEP                                                             \
    "vldrb.8 q0, [%[x]], #16\n\tvldrb.8 q1, [%[w]], #16\n\tvmladava.s8 %[s0], q0, q1\n\t"          \
    "vldrb.8 q1, [%[w]], #16\n\tvmladava.s8 %[s1], q0, q1\n\tvldrb.8 q1, [%[w]], "                 \
    "#16\n\tvmladava.s8 %[s2], q0, q1\n\t"                                                         \
    "vldrb.8 q1, [%[w]], #16\n\tvmladava.s8 %[s3], q0, q1\n\t"
    const int32_t twos = steps / 2;
    __asm__ volatile(
        "wls lr, %[twos], 2f\n1:\n\t" EW_FULLY_CONNECTED_S8_MVE_STEP EW_FULLY_CONNECTED_S8_MVE_STEP
        "le lr, 1b\n2:\n\t.if %c[steps] & 1\n\t" EW_FULLY_CONNECTED_S8_MVE_STEP ".endif"
        : [x] "+&r"(x), [w] "+&r"(w), [s0] "+&Te"(sum[0]), [s1] "+&Te"(sum[1]), [s2] "+&Te"(sum[2]),
          [s3] "+&Te"(sum[3])
        : [steps] "i"(steps), [twos] "r"(twos)
        : "q0", "q1", "lr", "memory");
#undef EW_FULLY_CONNECTED_S8_MVE_STEP
#else
    for (; steps > 0; steps--, x += 16, w += 64) {
        ew_fully_connected_s8_mve_step(vldrbq_s8(x), w, sum);
    }
#endif
    return w;
}

/* Sums of four channels over a row. */
EW_INLINE int32x4_t ew_fully_connected_s8_mve_sums(const int8_t *x, const int8_t *w,
                                                   int32_t depth) {
    int32_t sum[4] = {0, 0, 0, 0};
    const int32_t whole = depth / 16 * 16;
    w = ew_fully_connected_s8_mve_run(x, w, whole / 16, sum);
    if (whole < depth) {
        ew_fully_connected_s8_mve_step(ew_mve_load(x + whole, depth - whole), w, sum);
    }
    int32x4_t all = vdupq_n_s32(sum[0]);
    all = vsetq_lane_s32(sum[1], all, 1);
    all = vsetq_lane_s32(sum[2], all, 2);
    return vsetq_lane_s32(sum[3], all, 3);
}

/*
 * input [rows][depth], output [rows][out_c]. For each four channels: weights [depth up to a
 * multiple of 16 / 16][4][16], filled up with zeros, and factors [bias, multiplier, shift][4]; bias
 * - zero_point * sum(weights).
 */
EW_INLINE void ew_fully_connected_s8_mve(const ew_fully_connected_s8_mve_shape *s,
                                         const int8_t *input, int8_t *output, const int8_t *weights,
                                         const int32_t *factors, int32_t out_zp, int32_t act_min,
                                         int32_t act_max) {
    const ew_mve_range range = {out_zp, act_min, act_max};
    const int32_t block = (s->depth + 15) / 16 * 64;
    for (int32_t row = 0; row < s->rows; row++, input += s->depth, output += s->out_c) {
        const int8_t *w = weights;
        const int32_t *f = factors;
        for (int32_t c = 0; c < s->out_c; c += 4, w += block, f += 12) {
            const int32x4_t acc =
                vaddq_s32(ew_fully_connected_s8_mve_sums(input, w, s->depth), vldrwq_s32(f));
            const int32x4_t scaled =
                ew_mve_scale(acc, vldrwq_s32(f + 4), vldrwq_s32(f + 8), s->rounding);
            const int32x4_t placed = ew_mve_place(scaled, &range, s->whole);
            if (c + 4 <= s->out_c) {
                vstrbq_s32(output + c, placed);
            } else {
                vstrbq_p_s32(output + c, placed, vctp32q((uint32_t)(s->out_c - c)));
            }
        }
    }
}

#endif
