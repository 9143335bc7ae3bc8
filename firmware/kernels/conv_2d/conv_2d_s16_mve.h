/* SPDX-License-Identifier: Apache-2.0 */
/*
 * int16 CONV_2D with int8 weights for Helium: three output pixels by two output channels at a time,
 * 8 products of each in one instruction; four channels by three pixels are requantised at once.
 *
 * The windows of three pixels are copied to rows in scratch. Sums have 32 bits, and requantisation
 * is one rounded product: see ew_dsp_gemm_s16.h, for which the compiler proves the same.
 */
#ifndef EW_CONV_2D_S16_MVE_H
#define EW_CONV_2D_S16_MVE_H

#include "ew_mve.h"
#include "window_s8.h"

typedef struct {
    ew_window window;
    int32_t batches;
    int32_t out_c;
    int32_t act_min, act_max;
} ew_conv_2d_s16_mve_shape;

/* Places are what the loop for four channels changes. factors [bias, multiplier][4] for each. */
typedef struct {
    const int16_t *x;   /* three rows */
    int32_t row_bytes;  /* 16 * steps */
    int32_t more_steps; /* steps - 1 */
    int32_t low, high;
    int16_t *to[3]; /* pixels that are not there have the place of the first */
    const int8_t *w;
    const int32_t *factors;
    const int32_t *end; /* of the factors */
} ew_mve_gemm_s16;

/* clang-format off */

/* 8 values of each row; `mac` is vmladav.s16 for the first step, vmladava.s16 for the others. */
#define EW_MVE_S16_STEP(mac)                                                                                           \
    "vldrb.s16 q3, [r7], #8\n\t"                                                                                       \
    "vldrw.32 q0, [r1], #16\n\t" mac " r2, q0, q3\n\t"                                                                 \
    "vldrw.32 q1, [r3], #16\n\t" mac " r4, q1, q3\n\t"                                                                 \
    "vldrw.32 q2, [r5], #16\n\t" mac " r6, q2, q3\n\t"                                                                 \
    "vldrb.s16 q3, [r7], #8\n\t" mac " r8, q0, q3\n\t" mac " r10, q1, q3\n\t" mac " r12, q2, q3\n\t"

/* Two rows of w; sums go to lanes a and b = a + 2 of q4, q5, q6. */
#define EW_MVE_S16_PAIR(a, b)                                                                                          \
    "ldrd r1, r0, [r11]\n\t"                                                                                           \
    "ldr lr, [r11, #8]\n\t"                                                                                            \
    "add r3, r1, r0\n\t"                                                                                               \
    "add r5, r3, r0\n\t"                                                                                               \
    EW_MVE_S16_STEP("vmladav.s16")                                                                                     \
    "wls lr, lr, 3f\n"                                                                                                 \
    "2:\n\t" EW_MVE_S16_STEP("vmladava.s16") "le lr, 2b\n"                                                             \
    "3:\n\t"                                                                                                           \
    "vmov q4[" b "], q4[" a "], r2, r8\n\t"                                                                            \
    "vmov q5[" b "], q5[" a "], r4, r10\n\t"                                                                           \
    "vmov q6[" b "], q6[" a "], r6, r12\n\t"

#define EW_MVE_S16_THREE(op) op " q4, q4, q0\n\t" op " q5, q5, q0\n\t" op " q6, q6, q0\n\t"
/* clang-format on */

/* w [blocks of four channels][2][steps][2][8], with the rows in the order 0, 2, 1, 3. */
EW_ASM void ew_mve_gemm_s16_run(ew_mve_gemm_s16 *g EW_UNUSED) {
    /* clang-format off */
    EW_ASM_BODY(
        "push {r3-r11, lr}\n\t"
        "vpush {d8-d13}\n\t"
        "mov r11, r0\n\t"
        "ldrd r7, r9, [r11, #32]\n"
        "1:\n\t"
        EW_MVE_S16_PAIR("0", "2")
        EW_MVE_S16_PAIR("1", "3")
        "ldrd r2, r4, [r11, #12]\n\t"
        "vldrw.32 q0, [r9], #16\n\t" EW_MVE_S16_THREE("vadd.i32")
        "vldrw.32 q0, [r9], #16\n\t" EW_MVE_S16_THREE("vrmulh.s32")
        "vdup.32 q0, r2\n\t" EW_MVE_S16_THREE("vmax.s32")
        "vdup.32 q0, r4\n\t" EW_MVE_S16_THREE("vmin.s32")
        "ldrd r1, r3, [r11, #20]\n\t"
        "ldr r5, [r11, #28]\n\t"
        "vstrh.32 q6, [r5], #8\n\t"
        "vstrh.32 q5, [r3], #8\n\t"
        "vstrh.32 q4, [r1], #8\n\t"
        "strd r1, r3, [r11, #20]\n\t"
        "str r5, [r11, #28]\n\t"
        "ldr r2, [r11, #40]\n\t"
        "cmp r9, r2\n\t"
        "bne 1b\n\t"
        "strd r7, r9, [r11, #32]\n\t"
        "vpop {d8-d13}\n\t"
        "pop {r3-r11, pc}\n\t");
    /* clang-format on */
}

/* Row of a window from place (y, x) on, with zeros where it lies outside. */
EW_INLINE void ew_conv_2d_s16_mve_row(const ew_window *w, const int16_t *image, int8_t *to,
                                      int32_t y, int32_t x) {
    const int32_t pixel = 2 * w->in_c;
    const int8_t *from = (const int8_t *)(image + (y * w->in_w + x) * w->in_c);
    if (y < 0 || y >= w->in_h) {
        ew_fill(to, 0, w->k_w * pixel);
    } else if (w->dilation_w == 1 && x >= 0 && x + w->k_w <= w->in_w) {
        ew_copy_forward(to, from, w->k_w * pixel);
    } else {
        for (int32_t kx = 0; kx < w->k_w; kx++, to += pixel, x += w->dilation_w) {
            if (x >= 0 && x < w->in_w) {
                ew_copy_forward(to, (const int8_t *)(image + (y * w->in_w + x) * w->in_c), pixel);
            } else {
                ew_fill(to, 0, pixel);
            }
        }
    }
}

/* All channels of the pixels whose windows are in scratch. */
EW_INLINE void ew_conv_2d_s16_mve_pixels(const ew_conv_2d_s16_mve_shape *s, ew_mve_gemm_s16 *g,
                                         const int8_t *weights, const int32_t *factors,
                                         int16_t *output, int32_t count) {
    const int32_t whole = s->out_c & ~3, rest = s->out_c & 3;
    int16_t *const out[3] = {output, output + (count > 1 ? s->out_c : 0),
                             output + (count > 2 ? 2 * s->out_c : 0)};
    g->w = weights;
    g->factors = factors;
    g->end = factors + 2 * whole;
    for (int32_t p = 0; p < 3; p++) {
        g->to[p] = out[p];
    }
    if (whole > 0) {
        ew_mve_gemm_s16_run(g);
    }
    if (rest > 0) {
        int16_t four[12];
        for (int32_t p = 0; p < 3; p++) {
            g->to[p] = four + 4 * p;
        }
        g->end += 8;
        ew_mve_gemm_s16_run(g);
        for (int32_t p = 0; p < count; p++) {
            memcpy(out[p] + whole, four + 4 * p, (size_t)(2 * rest));
        }
    }
}

EW_SHARED void ew_conv_2d_s16_mve_shared(const ew_conv_2d_s16_mve_shape *s, const int16_t *input,
                                         int16_t *output, const int8_t *weights,
                                         const int32_t *factors, int8_t *scratch) {
    const ew_window *w = &s->window;
    const int32_t pixels = w->out_h * w->out_w, row = 2 * w->k_w * w->in_c;
    const int32_t row_bytes = (w->k_h * row + 15) / 16 * 16;
    ew_mve_gemm_s16 g;
    g.x = (const int16_t *)(const void *)scratch;
    g.row_bytes = row_bytes;
    g.more_steps = row_bytes / 16 - 1;
    g.low = s->act_min;
    g.high = s->act_max;
    for (int32_t b = 0; b < s->batches; b++, input += w->in_h * w->in_w * w->in_c) {
        int32_t y = -w->pad_top, x = -w->pad_left, ox = 0;
        for (int32_t left = pixels; left > 0; left -= 3) {
            const int32_t count = ew_min(left, 3);
            for (int32_t p = 0; p < count; p++) {
                for (int32_t ky = 0; ky < w->k_h; ky++) {
                    ew_conv_2d_s16_mve_row(w, input, scratch + p * row_bytes + ky * row,
                                           y + ky * w->dilation_h, x);
                }
                x += w->stride_w;
                if (++ox == w->out_w) {
                    ox = 0;
                    x = -w->pad_left;
                    y += w->stride_h;
                }
            }
            ew_conv_2d_s16_mve_pixels(s, &g, weights, factors, output, count);
            output += count * s->out_c;
        }
    }
}

/*
 * input [batches][in_h][in_w][in_c], output [batches][out_h][out_w][out_c]. weights as
 * ew_mve_gemm_s16_run takes them, factors [bias, multiplier][4] for each four channels. scratch:
 * three windows, each in whole vectors. The windows of three pixels are read whole before these are
 * written.
 */
EW_INLINE void ew_conv_2d_s16_mve(const ew_conv_2d_s16_mve_shape *s, const int16_t *input,
                                  int16_t *output, const int8_t *weights, const int32_t *factors,
                                  int8_t *scratch) {
    ew_conv_2d_s16_mve_shared(s, input, output, weights, factors, scratch);
}

#endif
