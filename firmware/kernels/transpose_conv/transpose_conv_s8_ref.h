/* SPDX-License-Identifier: Apache-2.0 */
/*
 * int8 TRANSPOSE_CONV in portable C: for each output pixel the taps that reach it, two output
 * channels at a time.
 */
#ifndef EW_TRANSPOSE_CONV_S8_REF_H
#define EW_TRANSPOSE_CONV_S8_REF_H

#include "ew_requant.h"

typedef struct {
    int32_t batches, in_h, in_w, in_c;
    int32_t out_h, out_w, out_c;
    int32_t k_h, k_w;
    int32_t stride_h, stride_w;
    int32_t pad_top, pad_left;
} ew_transpose_conv_s8_shape;

/* Adds to `acc` what one tap brings to channels c0 and c1. x: the pixel of the input; w: the tap's
 * weights of channel 0. */
EW_INLINE void ew_transpose_conv_s8_tap(const ew_transpose_conv_s8_shape *s, const int8_t *x,
                                        const int8_t *w, int32_t c0, int32_t c1, int32_t in_zp,
                                        int32_t acc[2]) {
    const int32_t channel = s->k_h * s->k_w * s->in_c;
    const int8_t *w0 = w + c0 * channel, *w1 = w + c1 * channel;
    int32_t a0 = acc[0], a1 = acc[1];
    EW_UNROLL(4)
    for (int32_t i = 0; i < s->in_c; i++) {
        const int32_t value = x[i] - in_zp;
        a0 = ew_mla(a0, value, w0[i]);
        a1 = ew_mla(a1, value, w1[i]);
    }
    acc[0] = a0;
    acc[1] = a1;
}

/* Adds to `acc` all taps of output pixel (oy, ox): those rows ky for which the input has a row at
 * (oy + pad_top - ky) / stride_h, and columns likewise. */
EW_INLINE void ew_transpose_conv_s8_pixel(const ew_transpose_conv_s8_shape *s, const int8_t *image,
                                          const int8_t *weights, int32_t oy, int32_t ox, int32_t c0,
                                          int32_t c1, int32_t in_zp, int32_t acc[2]) {
    const int32_t y = oy + s->pad_top, x = ox + s->pad_left;
    for (int32_t ky = y % s->stride_h; ky < s->k_h && ky <= y; ky += s->stride_h) {
        const int32_t iy = (y - ky) / s->stride_h;
        for (int32_t kx = x % s->stride_w; kx < s->k_w && kx <= x; kx += s->stride_w) {
            const int32_t ix = (x - kx) / s->stride_w;
            if (iy < s->in_h && ix < s->in_w) {
                ew_transpose_conv_s8_tap(s, image + (iy * s->in_w + ix) * s->in_c,
                                         weights + (ky * s->k_w + kx) * s->in_c, c0, c1, in_zp,
                                         acc);
            }
        }
    }
}

/* input [batches][in_h][in_w][in_c], output [batches][out_h][out_w][out_c], weights
 * [out_c][k_h][k_w][in_c]; input and output do not overlap. */
EW_INLINE void ew_transpose_conv_s8_ref(const ew_transpose_conv_s8_shape *s, const int8_t *input,
                                        int8_t *output, const int8_t *weights, const int32_t *bias,
                                        const int32_t *multiplier, const int8_t *shift,
                                        int32_t in_zp, int32_t out_zp, int32_t act_min,
                                        int32_t act_max) {
    const int32_t pixels = s->out_h * s->out_w;
    for (int32_t i = 0; i < s->batches * pixels; i++, output += s->out_c) {
        const int8_t *image = input + i / pixels * s->in_h * s->in_w * s->in_c;
        for (int32_t first = 0; first < s->out_c; first += 2) {
            const int32_t c[2] = {first, ew_min(first + 1, s->out_c - 1)};
            int32_t acc[2] = {bias[c[0]], bias[c[1]]};
            ew_transpose_conv_s8_pixel(s, image, weights, i % pixels / s->out_w, i % s->out_w, c[0],
                                       c[1], in_zp, acc);
            for (int32_t k = 0; k < 2; k++) {
                const int32_t scaled = ew_requantize(acc[k], multiplier[c[k]], shift[c[k]]);
                output[c[k]] = (int8_t)ew_clamp(ew_add_wrap(scaled, out_zp), act_min, act_max);
            }
        }
    }
}

#endif
