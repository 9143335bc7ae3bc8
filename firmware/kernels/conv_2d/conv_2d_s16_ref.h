/* SPDX-License-Identifier: Apache-2.0 */
/*
 * int16 CONV_2D, DEPTHWISE_CONV_2D and FULLY_CONNECTED with int8 weights in portable C: one output
 * at a time, sums of 64 bits. A depthwise convolution is one with as many groups as input channels,
 * FULLY_CONNECTED one of single pixels.
 */
#ifndef EW_CONV_2D_S16_REF_H
#define EW_CONV_2D_S16_REF_H

#include "ew_wide.h"
#include "window_s8.h"

typedef struct {
    int32_t batches;
    ew_window window;
    int32_t out_c;
    int32_t groups; /* divides in_c and out_c */
    int32_t wide; /* 1: ew_requantize_wide of the whole sum, 0: ew_requantize of its low 32 bits */
} ew_conv_2d_s16_shape;

/* weights . window at (oy, ox); padding counts as 0. */
EW_INLINE int64_t ew_conv_2d_s16_sum(const ew_conv_2d_s16_shape *s, const int16_t *image,
                                     const int8_t *weights, int32_t oy, int32_t ox) {
    const ew_window *w = &s->window;
    const int32_t depth = w->in_c / s->groups;
    int64_t sum = 0;
    for (int32_t ky = 0; ky < w->k_h; ky++) {
        const int32_t y = oy * w->stride_h - w->pad_top + ky * w->dilation_h;
        for (int32_t kx = 0; kx < w->k_w; kx++, weights += depth) {
            const int32_t x = ox * w->stride_w - w->pad_left + kx * w->dilation_w;
            if (y >= 0 && y < w->in_h && x >= 0 && x < w->in_w) {
                const int16_t *pixel = image + (y * w->in_w + x) * w->in_c;
                for (int32_t i = 0; i < depth; i++) {
                    sum += pixel[i] * weights[i];
                }
            }
        }
    }
    return sum;
}

EW_INLINE int16_t ew_conv_2d_s16_finish(const ew_conv_2d_s16_shape *s, int64_t sum,
                                        int32_t multiplier, int32_t shift, int32_t act_min,
                                        int32_t act_max) {
    const int32_t scaled = s->wide
                               ? ew_requantize_wide(sum, multiplier, shift)
                               : ew_requantize((int32_t)(uint32_t)(uint64_t)sum, multiplier, shift);
    return (int16_t)ew_clamp(scaled, act_min, act_max);
}

/* input [batches][in_h][in_w][in_c], output [batches][out_h][out_w][out_c], weights
 * [out_c][k_h][k_w][in_c / groups]; input and output do not overlap. */
EW_INLINE void ew_conv_2d_s16_ref(const ew_conv_2d_s16_shape *s, const int16_t *input,
                                  int16_t *output, const int8_t *weights, const int64_t *bias,
                                  const int32_t *multiplier, const int8_t *shift, int32_t act_min,
                                  int32_t act_max) {
    const ew_window *w = &s->window;
    const int32_t pixels = w->out_h * w->out_w, depth = w->in_c / s->groups;
    const int32_t taps = w->k_h * w->k_w * depth;
    for (int32_t i = 0; i < s->batches * pixels; i++) {
        const int16_t *image = input + i / pixels * w->in_h * w->in_w * w->in_c;
        const int32_t oy = i % pixels / w->out_w, ox = i % w->out_w;
        for (int32_t c = 0; c < s->out_c; c++) {
            const int32_t group = c / (s->out_c / s->groups);
            const int64_t sum =
                bias[c] + ew_conv_2d_s16_sum(s, image + group * depth, weights + c * taps, oy, ox);
            *output++ = ew_conv_2d_s16_finish(s, sum, multiplier[c], shift[c], act_min, act_max);
        }
    }
}

#endif
