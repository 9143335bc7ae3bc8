/* SPDX-License-Identifier: Apache-2.0 */
/*
 * float32 CONV_2D and FULLY_CONNECTED, four output channels at a time: a value of the image is
 * loaded once for four products. Each sum goes in the order of the portable kernel, one product
 * after the other, and is rounded after each, so the bits are the same.
 *
 * On Arm cores with an FPU the inner loop is assembly: VMLA, which rounds the product before it is
 * added, as a multiplication and an addition do (VFMA does not), and loads of four values and
 * sixteen weights in one instruction each; 20 instructions for 16 multiplications.
 */
#ifndef EW_CONV_2D_F32_QUADS_H
#define EW_CONV_2D_F32_QUADS_H

#include "ew_float.h"
#include "window_s8.h"

typedef struct {
    int32_t batches;
    ew_window window;
    int32_t out_c;
} ew_conv_2d_f32_quads_shape;

#if defined(__ARM_FP) && defined(__thumb2__) && defined(__GNUC__)
#define EW_F32_QUADS_ASM ((__ARM_FP & 4) != 0)
#else
#define EW_F32_QUADS_ASM 0
#endif

/* Adds `count` values, times the weights [count][4] of four channels, to their sums. */
EW_INLINE void ew_f32_quads_run(const float *x, const float *w, int32_t count, float sum[4]) {
    float a = sum[0], b = sum[1], c = sum[2], d = sum[3];
#if EW_F32_QUADS_ASM
    /* clang-format off */
    int32_t fours = count / 4;
    if (fours > 0) { /* the loop too: a compiler may take the sums for a vector, and move them about in each turn */
        __asm__ volatile(
            "1:\n\tvldmia %[x]!, {s12-s15}\n\tvldmia %[w]!, {s16-s31}\n\t"
            "vmla.f32 %[a], s12, s16\n\tvmla.f32 %[b], s12, s17\n\tvmla.f32 %[c], s12, s18\n\tvmla.f32 %[d], s12, s19\n\t"
            "vmla.f32 %[a], s13, s20\n\tvmla.f32 %[b], s13, s21\n\tvmla.f32 %[c], s13, s22\n\tvmla.f32 %[d], s13, s23\n\t"
            "vmla.f32 %[a], s14, s24\n\tvmla.f32 %[b], s14, s25\n\tvmla.f32 %[c], s14, s26\n\tvmla.f32 %[d], s14, s27\n\t"
            "vmla.f32 %[a], s15, s28\n\tvmla.f32 %[b], s15, s29\n\tvmla.f32 %[c], s15, s30\n\tvmla.f32 %[d], s15, s31\n\t"
            "subs %[n], %[n], #1\n\tbne 1b"
            : [x] "+&r"(x), [w] "+&r"(w), [n] "+&r"(fours), [a] "+&t"(a), [b] "+&t"(b), [c] "+&t"(c), [d] "+&t"(d)
            :
            : "s12", "s13", "s14", "s15", "s16", "s17", "s18", "s19", "s20", "s21", "s22", "s23", "s24", "s25", "s26",
              "s27", "s28", "s29", "s30", "s31", "cc", "memory");
    }
    /* clang-format on */
    count %= 4;
#endif
    for (int32_t i = 0; i < count; i++, w += 4) {
        const float value = x[i];
        a += value * w[0];
        b += value * w[1];
        c += value * w[2];
        d += value * w[3];
    }
    sum[0] = a;
    sum[1] = b;
    sum[2] = c;
    sum[3] = d;
}

/* Sums of four channels at (oy, ox); padding counts as 0. */
EW_INLINE void ew_conv_2d_f32_quads_sums(const ew_window *w, const float *image,
                                         const float *weights, int32_t oy, int32_t ox,
                                         float sum[4]) {
    const int32_t x0 = ox * w->stride_w - w->pad_left, row = w->k_w * w->in_c;
    const int32_t whole = w->dilation_w == 1 && x0 >= 0 && x0 + w->k_w <= w->in_w;
    for (int32_t ky = 0; ky < w->k_h; ky++, weights += 4 * row) {
        const int32_t y = oy * w->stride_h - w->pad_top + ky * w->dilation_h;
        if (y < 0 || y >= w->in_h) {
            continue;
        }
        const float *line = image + y * w->in_w * w->in_c;
        if (whole) {
            ew_f32_quads_run(line + x0 * w->in_c, weights, row, sum);
            continue;
        }
        for (int32_t kx = 0; kx < w->k_w; kx++) {
            const int32_t x = x0 + kx * w->dilation_w;
            if (x >= 0 && x < w->in_w) {
                ew_f32_quads_run(line + x * w->in_c, weights + 4 * kx * w->in_c, w->in_c, sum);
            }
        }
    }
}

EW_SHARED void ew_conv_2d_f32_quads_shared(const ew_conv_2d_f32_quads_shape *s, const float *input,
                                           float *output, const float *weights, const float *bias,
                                           float act_min, float act_max) {
    const ew_window *w = &s->window;
    const int32_t block = 4 * w->k_h * w->k_w * w->in_c;
    for (int32_t b = 0; b < s->batches; b++, input += w->in_h * w->in_w * w->in_c) {
        for (int32_t oy = 0; oy < w->out_h; oy++) {
            for (int32_t ox = 0; ox < w->out_w; ox++, output += s->out_c) {
                const float *of = weights;
                for (int32_t c = 0; c < s->out_c; c += 4, of += block) {
                    float sum[4] = {0.0F, 0.0F, 0.0F, 0.0F};
                    ew_conv_2d_f32_quads_sums(w, input, of, oy, ox, sum);
                    for (int32_t i = 0; i < ew_min(4, s->out_c - c); i++) {
                        output[c + i] = ew_clamp_f32(sum[i] + bias[c + i], act_min, act_max);
                    }
                }
            }
        }
    }
}

/* input [batches][in_h][in_w][in_c], output [batches][out_h][out_w][out_c], weights
 * [blocks of four channels][k_h][k_w][in_c][4]; input and output do not overlap. */
EW_INLINE void ew_conv_2d_f32_quads(const ew_conv_2d_f32_quads_shape *s, const float *input,
                                    float *output, const float *weights, const float *bias,
                                    float act_min, float act_max) {
    ew_conv_2d_f32_quads_shared(s, input, output, weights, bias, act_min, act_max);
}

#endif
