/* SPDX-License-Identifier: Apache-2.0 */
/*
 * int16 CONV_2D with int8 weights for Helium: four output pixels by two output channels at a time,
 * 8 products of each in one instruction; four channels by four pixels are requantised at once.
 *
 * All eight even registers hold sums, so the loop ends by the place of x: 14 instructions for 64
 * products, and two more every four steps. The windows of four pixels are copied to rows in
 * scratch. Sums have 32 bits, and requantisation is one rounded product: see ew_dsp_gemm_s16.h, for
 * which the compiler proves the same.
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
    const int8_t *x[4]; /* rows of 16 * steps bytes, one behind the other */
    int32_t entry;      /* bytes of the loop of four steps that its first round passes over */
    int32_t low, high;
    int16_t *to[4]; /* pixels that are not there have the place of the first */
    const int8_t *w;
    const int32_t *factors;
    const int32_t *end; /* of the factors */
} ew_mve_gemm_s16;

/* clang-format off */

/* 8 values of each row; `mac` is vmladav.s16 for the first step, vmladava.s16 for the others. */
#define EW_MVE_S16_STEP(mac)                                                                       \
    "vldrw.32 q2, [r1], #16\n\tvldrb.s16 q0, [r7], #8\n\t" mac " r0, q2, q0\n\t"                    \
    "vldrb.s16 q1, [r7], #8\n\t" mac " r2, q2, q1\n\t"                                             \
    "vldrw.32 q3, [r3], #16\n\t" mac " r4, q3, q0\n\t"                                             \
    "vldrw.32 q2, [r5], #16\n\t" mac " r6, q3, q1\n\t" mac " r8, q2, q0\n\t"                       \
    "vldrw.32 q3, [r9], #16\n\t" mac " r10, q2, q1\n\t" mac " r12, q3, q0\n\t" mac " lr, q3, q1\n\t"
#define EW_MVE_S16_MORE EW_MVE_S16_STEP("vmladava.s16")

/* Bytes of a step, and of the end of the loop. */
#define EW_MVE_S16_STEP_BYTES 56
#define EW_MVE_S16_LOOP_BYTES 8

/* Two rows of w; sums go to lanes a and b = a + 2 of q4 to q7. Stack: the struct, the end of the first row of x,
   where each loop begins. */
#define EW_MVE_S16_PAIR(a, b, entry, loop)                                                         \
    "ldr r11, [sp]\n\tldm r11, {r1, r3, r5, r9}\n\tldr r11, [sp, #4]\n\t"                           \
    EW_MVE_S16_STEP("vmladav.s16") "ldr pc, [sp, #" entry "]\n\t.align 2\n"                         \
    loop ":\n\t" EW_MVE_S16_MORE EW_MVE_S16_MORE EW_MVE_S16_MORE EW_MVE_S16_MORE                   \
    "cmp.w r1, r11\n\tbne.w " loop "b\n\t"                                                         \
    "vmov q4[" b "], q4[" a "], r0, r2\n\tvmov q5[" b "], q5[" a "], r4, r6\n\t"                     \
    "vmov q6[" b "], q6[" a "], r8, r10\n\tvmov q7[" b "], q7[" a "], r12, lr\n\t"

#define EW_MVE_S16_FOUR(op)                                                                        \
    op " q4, q4, q0\n\t" op " q5, q5, q0\n\t" op " q6, q6, q0\n\t" op " q7, q7, q0\n\t"
/* clang-format on */

/* w [blocks of four channels][2][steps][2][8], with the rows in the order 0, 2, 1, 3. */
EW_ASM void ew_mve_gemm_s16_run(ew_mve_gemm_s16 *g EW_UNUSED) {
    /* clang-format off */
    EW_ASM_BODY(
        "push {r4-r11, lr}\n\tvpush {d8-d15}\n\tsub sp, sp, #20\n\t"
        "str r0, [sp]\n\tldrd r1, r2, [r0]\n\tstr r2, [sp, #4]\n\t"
        "ldr r1, [r0, #16]\n\tadr.w r2, 2f\n\tadr.w r3, 3f\n\tadd r2, r2, r1\n\tadd r3, r3, r1\n\t"
        "strd r2, r3, [sp, #8]\n\tldr r7, [r0, #44]\n"
        "1:\n\t"
        EW_MVE_S16_PAIR("0", "2", "8", "2")
        EW_MVE_S16_PAIR("1", "3", "12", "3")
        "ldr r11, [sp]\n\tldr r1, [r11, #48]\n\t"
        "vldrw.32 q0, [r1], #16\n\t" EW_MVE_S16_FOUR("vadd.i32")
        "vldrw.32 q0, [r1], #16\n\t" EW_MVE_S16_FOUR("vrmulh.s32")
        "ldrd r2, r4, [r11, #20]\n\t"
        "vdup.32 q0, r2\n\t" EW_MVE_S16_FOUR("vmax.s32")
        "vdup.32 q0, r4\n\t" EW_MVE_S16_FOUR("vmin.s32")
        "ldrd r0, r3, [r11, #28]\n\tldrd r4, r5, [r11, #36]\n\t"
        "vstrh.32 q7, [r5], #8\n\tvstrh.32 q6, [r4], #8\n\t"
        "vstrh.32 q5, [r3], #8\n\tvstrh.32 q4, [r0], #8\n\t"
        "strd r0, r3, [r11, #28]\n\tstrd r4, r5, [r11, #36]\n\tstr r1, [r11, #48]\n\t"
        "ldr r2, [r11, #52]\n\tcmp r1, r2\n\tbne.w 1b\n\t"
        "str.w r7, [r11, #44]\n\t"
        "add sp, sp, #20\n\tvpop {d8-d15}\n\tpop {r4-r11, pc}\n\t");
    /* clang-format on */
}

/* Row of a window from place (y, x) on, with zeros where it lies outside. */
EW_INLINE void ew_conv_2d_s16_mve_row(const ew_window *w, const int16_t *image, int8_t *to,
                                      int32_t y, int32_t x) {
    const int32_t pixel = 2 * w->in_c;
    if (y < 0 || y >= w->in_h) {
        ew_fill(to, 0, w->k_w * pixel);
        return;
    }
    for (int32_t kx = 0; kx < w->k_w; kx++, to += pixel, x += w->dilation_w) {
        if (x >= 0 && x < w->in_w) {
            ew_copy_forward(to, (const int8_t *)(image + (y * w->in_w + x) * w->in_c), pixel);
        } else {
            ew_fill(to, 0, pixel);
        }
    }
}

/* A window from place (y, x) on. */
EW_INLINE void ew_conv_2d_s16_mve_window(const ew_window *w, const int16_t *image, int8_t *to,
                                         int32_t y, int32_t x) {
    const int32_t row = 2 * w->k_w * w->in_c, next = w->dilation_h * w->in_w * w->in_c;
    if (w->dilation_w == 1 && x >= 0 && x + w->k_w <= w->in_w && y >= 0 &&
        y + (w->k_h - 1) * w->dilation_h < w->in_h) {
        const int16_t *from = image + (y * w->in_w + x) * w->in_c;
        for (int32_t ky = 0; ky < w->k_h; ky++, to += row, from += next) {
            ew_copy_forward(to, (const int8_t *)from, row);
        }
        return;
    }
    for (int32_t ky = 0; ky < w->k_h; ky++, to += row, y += w->dilation_h) {
        ew_conv_2d_s16_mve_row(w, image, to, y, x);
    }
}

/* All channels of up to four pixels, whose windows are in scratch. */
EW_INLINE void ew_conv_2d_s16_mve_pixels(const ew_conv_2d_s16_mve_shape *s, ew_mve_gemm_s16 *g,
                                         const int8_t *weights, const int32_t *factors,
                                         int16_t *output, int32_t count) {
    const int32_t whole = s->out_c & ~3, rest = s->out_c & 3;
    g->w = weights;
    g->factors = factors;
    g->end = factors + 2 * whole;
    EW_UNROLL(4)
    for (int32_t p = 0; p < 4; p++) {
        g->to[p] = output + (p < count ? p * s->out_c : 0);
    }
    if (whole > 0) {
        ew_mve_gemm_s16_run(g);
    }
    if (rest > 0) {
        int16_t four[16];
        for (int32_t p = 0; p < 4; p++) {
            g->to[p] = four + 4 * p;
        }
        g->end += 8;
        ew_mve_gemm_s16_run(g);
        for (int32_t p = 0; p < count; p++) {
            memcpy(output + p * s->out_c + whole, four + 4 * p, (size_t)(2 * rest));
        }
    }
}

/* For windows of some vectors each, in scratch. */
EW_INLINE ew_mve_gemm_s16 ew_conv_2d_s16_mve_gemm(const ew_conv_2d_s16_mve_shape *s,
                                                  const int8_t *scratch, int32_t steps) {
    const int32_t more = steps - 1, all = 4 * EW_MVE_S16_STEP_BYTES;
    const int32_t passed =
        more > 0 ? (-more & 3) * EW_MVE_S16_STEP_BYTES : all + EW_MVE_S16_LOOP_BYTES;
    const ew_mve_gemm_s16 g = {
        {scratch, scratch + 16 * steps, scratch + 32 * steps, scratch + 48 * steps},
        passed + 1,
        s->act_min,
        s->act_max,
        {NULL, NULL, NULL, NULL},
        NULL,
        NULL,
        NULL};
    return g;
}

EW_SHARED void ew_conv_2d_s16_mve_shared(const ew_conv_2d_s16_mve_shape *s, const int16_t *input,
                                         int16_t *output, const int8_t *weights,
                                         const int32_t *factors, int8_t *scratch) {
    const ew_window *w = &s->window;
    const int32_t pixels = w->out_h * w->out_w;
    const int32_t steps = (2 * w->k_h * w->k_w * w->in_c + 15) / 16;
    ew_mve_gemm_s16 g = ew_conv_2d_s16_mve_gemm(s, scratch, steps);
    for (int32_t b = 0; b < s->batches; b++, input += w->in_h * w->in_w * w->in_c) {
        int32_t y = -w->pad_top, x = -w->pad_left, ox = 0;
        for (int32_t left = pixels; left > 0; left -= 4) {
            const int32_t count = ew_min(left, 4);
            for (int32_t p = 0; p < count; p++) {
                ew_conv_2d_s16_mve_window(w, input, scratch + 16 * p * steps, y, x);
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
 * four windows, each in whole vectors. The windows of four pixels are read whole before these are
 * written.
 */
EW_INLINE void ew_conv_2d_s16_mve(const ew_conv_2d_s16_mve_shape *s, const int16_t *input,
                                  int16_t *output, const int8_t *weights, const int32_t *factors,
                                  int8_t *scratch) {
    ew_conv_2d_s16_mve_shared(s, input, output, weights, factors, scratch);
}

#endif
