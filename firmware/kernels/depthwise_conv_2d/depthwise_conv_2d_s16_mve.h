/* SPDX-License-Identifier: Apache-2.0 */
/*
 * int16 DEPTHWISE_CONV_2D with int8 weights for Helium: 8 channels of two pixels at a time, which
 * share the weights. The ring of rows is that of int8, of 16 bytes for each pixel; sums and
 * requantisation as in conv_2d_s16_mve.h.
 */
#ifndef EW_DEPTHWISE_CONV_2D_S16_MVE_H
#define EW_DEPTHWISE_CONV_2D_S16_MVE_H

#include "depthwise_conv_2d_s8_mve.h"

/* Channels are counted in bytes. */
typedef struct {
    int32_t batches;
    ew_window window;
    int32_t act_min, act_max;
} ew_depthwise_conv_2d_s16_mve_shape;

/* A tap of 8 channels of a pixel, or of two that are `apart` bytes apart: lane i of acc[j] and
 * acc[2 + j] is channel 2 * i + j. x and w move on; in assembly, for a compiler computes each
 * address. */
#if defined(__OPTIMIZE__)
#define EW_DEPTHWISE_CONV_2D_S16_MVE_TAP(acc, x, w, next, apart, pixels)                           \
    __asm__ volatile("vldrb.s16 q1, [%[by]], #8\n\t"                                               \
                     ".if %c[count] > 1\n\tvldrw.32 q2, [%[from], #%c[second]]\n\t.endif\n\t"      \
                     "vldrw.32 q0, [%[from]], #%c[step]\n\t"                                       \
                     "vmullb.s16 q3, q0, q1\n\tvadd.i32 %q[a], %q[a], q3\n\t"                      \
                     "vmullt.s16 q3, q0, q1\n\tvadd.i32 %q[b], %q[b], q3\n\t"                      \
                     ".if %c[count] > 1\n\t"                                                       \
                     "vmullb.s16 q3, q2, q1\n\tvadd.i32 %q[c], %q[c], q3\n\t"                      \
                     "vmullt.s16 q3, q2, q1\n\tvadd.i32 %q[d], %q[d], q3\n\t.endif"                \
                     : [from] "+&r"(x), [by] "+&l"(w), [a] "+w"((acc)[0]), [b] "+w"((acc)[1]),     \
                       [c] "+w"((acc)[2]), [d] "+w"((acc)[3])                                      \
                     : [step] "i"(next), [second] "i"(apart), [count] "i"(pixels)                  \
                     : "q0", "q1", "q2", "q3", "memory")
#else
#define EW_DEPTHWISE_CONV_2D_S16_MVE_TAP(acc, x, w, next, apart, pixels)                           \
    do {                                                                                           \
        const int16x8_t weight = vldrbq_s16(w);                                                    \
        for (int32_t p = 0; p < (pixels); p++) {                                                   \
            const int16x8_t pixel =                                                                \
                vldrhq_s16((const int16_t *)(const void *)((x) + p * (apart)));                    \
            (acc)[2 * p] = vaddq_s32((acc)[2 * p], vmullbq_int_s16(pixel, weight));                \
            (acc)[2 * p + 1] = vaddq_s32((acc)[2 * p + 1], vmulltq_int_s16(pixel, weight));        \
        }                                                                                          \
        (x) += (next);                                                                             \
        (w) += 8;                                                                                  \
    } while (0)
#endif

/* 8 outputs from their sums. */
EW_INLINE int16x8_t ew_depthwise_conv_2d_s16_mve_finish(const ew_depthwise_conv_2d_s16_mve_shape *s,
                                                        const int32x4_t acc[2], int32x4_t even,
                                                        int32x4_t odd) {
    int32x4_t a = vrmulhq_s32(acc[0], even);
    const int32x4_t b = vrmulhq_s32(acc[1], odd);
    __asm__("vqmovnb.s32 %q[a], %q[a]\n\tvqmovnt.s32 %q[a], %q[b]" : [a] "+&w"(a) : [b] "w"(b));
    int16x8_t all = vreinterpretq_s16_s32(a);
    if (s->act_min > -32768) {
        all = vmaxq_s16(all, vdupq_n_s16((int16_t)s->act_min));
    }
    return s->act_max < 32767 ? vminq_s16(all, vdupq_n_s16((int16_t)s->act_max)) : all;
}

/* Up to 8 channels of one or two pixels side by side; x is at `at` of each row. */
EW_INLINE void ew_depthwise_conv_2d_s16_mve_pixels(const ew_depthwise_conv_2d_s16_mve_shape *s,
                                                   const int8_t *const *rows, int32_t at,
                                                   int8_t *output, int32_t bytes,
                                                   const int8_t *weights, const int32_t *factors,
                                                   const int32_t pixels) {
    const ew_window *w = &s->window;
    int32x4_t acc[4] = {vldrwq_s32(factors), vldrwq_s32(factors + 4), vldrwq_s32(factors),
                        vldrwq_s32(factors + 4)};
    EW_UNROLL(16)
    for (int32_t ky = 0; ky < w->k_h; ky++) {
        const int8_t *x = rows[ky] + at;
        EW_UNROLL(16)
        for (int32_t kx = 0; kx < w->k_w; kx++) {
            EW_DEPTHWISE_CONV_2D_S16_MVE_TAP(acc, x, weights, 16 * w->dilation_w, 16 * w->stride_w,
                                             pixels);
        }
    }
    const int32x4_t even = vldrwq_s32(factors + 8), odd = vldrwq_s32(factors + 12);
    EW_UNROLL(2)
    for (int32_t p = 0; p < pixels; p++, output += w->in_c) {
        const int16x8_t all = ew_depthwise_conv_2d_s16_mve_finish(s, acc + 2 * p, even, odd);
        int16_t *const to = (int16_t *)(void *)output;
        if (w->in_c % 16 == 0) {
            vstrhq_s16(to, all);
        } else {
            vstrhq_p_s16(to, all, vctp16q((uint32_t)bytes / 2U));
        }
    }
}

/* A row of the output. */
EW_INLINE void ew_depthwise_conv_2d_s16_mve_row(const ew_depthwise_conv_2d_s16_mve_shape *s,
                                                const int8_t *const *rows, int8_t *output,
                                                const int8_t *weights, const int32_t *factors) {
    const ew_window *w = &s->window;
    const int32_t step = 16 * w->stride_w;
    for (int32_t left = w->in_c, line = 0; left > 0; left -= 16, output += 16) {
        int8_t *to = output;
        int32_t at = line;
        for (int32_t pairs = w->out_w / 2; pairs > 0; pairs--, at += 2 * step, to += 2 * w->in_c) {
            ew_depthwise_conv_2d_s16_mve_pixels(s, rows, at, to, left, weights, factors, 2);
        }
        if (w->out_w % 2 != 0) {
            ew_depthwise_conv_2d_s16_mve_pixels(s, rows, at, to, left, weights, factors, 1);
        }
        line += ew_depthwise_conv_2d_s8_mve_pitch(w);
        weights += w->k_h * w->k_w * 8;
        factors += 16;
    }
}

/*
 * input [batches][in_h][in_w][channels], output [batches][out_h][out_w][channels]. For each 8
 * channels: weights [taps][8], factors [bias, multiplier][8], even channels first. scratch: the
 * ring. The output may overlap the input: a row is written when the input rows of its windows are
 * in the ring.
 */
EW_INLINE void ew_depthwise_conv_2d_s16_mve(const ew_depthwise_conv_2d_s16_mve_shape *s,
                                            const int16_t *input, int16_t *output,
                                            const int8_t *weights, const int32_t *factors,
                                            int8_t *scratch) {
    const ew_window *w = &s->window;
    const int8_t *image = (const int8_t *)input;
    int8_t *out = (int8_t *)output;
    const int32_t ring = ew_depthwise_conv_2d_s8_mve_rows(w);
    const int32_t row_bytes = ew_depthwise_conv_2d_s8_mve_pitch(w) * ((w->in_c + 15) / 16);
    for (int32_t b = 0; b < s->batches; b++, image += w->in_h * w->in_w * w->in_c) {
        int32_t next = -w->pad_top; /* row of the image to load */
        for (int32_t oy = 0; oy < w->out_h; oy++, out += w->out_w * w->in_c) {
            const int32_t y0 = oy * w->stride_h - w->pad_top;
            const int8_t *rows[EW_DEPTHWISE_CONV_2D_S8_MVE_ROWS];
            for (next = ew_max(next, y0); next < y0 + ring; next++) {
                int8_t *to = scratch + (next + w->pad_top) % ring * row_bytes;
                ew_depthwise_conv_2d_s8_mve_load(w, image, next, to, 0);
            }
            for (int32_t ky = 0; ky < w->k_h; ky++) {
                rows[ky] = scratch + (y0 + w->pad_top + ky * w->dilation_h) % ring * row_bytes;
            }
            ew_depthwise_conv_2d_s16_mve_row(s, rows, out, weights, factors);
        }
    }
}

#endif
