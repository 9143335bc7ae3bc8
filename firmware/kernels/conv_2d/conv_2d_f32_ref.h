/* SPDX-License-Identifier: Apache-2.0 */
/*
 * float32 CONV_2D, DEPTHWISE_CONV_2D and FULLY_CONNECTED in portable C: one output at a time. A
 * depthwise convolution is one with as many groups as input channels, FULLY_CONNECTED one of single
 * pixels.
 */
#ifndef EW_CONV_2D_F32_REF_H
#define EW_CONV_2D_F32_REF_H

#include "ew_float.h"
#include "window_s8.h"

typedef struct {
    int32_t batches;
    ew_window window;
    int32_t out_c;
    int32_t groups; /* divides in_c and out_c */
} ew_conv_2d_f32_shape;

/* weights . window at (oy, ox), summed in the order of the weights; padding counts as 0. */
EW_INLINE float ew_conv_2d_f32_sum(const ew_conv_2d_f32_shape *s, const float *image,
                                   const float *weights, int32_t oy, int32_t ox) {
    const ew_window *w = &s->window;
    const int32_t depth = w->in_c / s->groups;
    float sum = 0.0F;
    for (int32_t ky = 0; ky < w->k_h; ky++) {
        const int32_t y = oy * w->stride_h - w->pad_top + ky * w->dilation_h;
        for (int32_t kx = 0; kx < w->k_w; kx++, weights += depth) {
            const int32_t x = ox * w->stride_w - w->pad_left + kx * w->dilation_w;
            if (y >= 0 && y < w->in_h && x >= 0 && x < w->in_w) {
                const float *pixel = image + (y * w->in_w + x) * w->in_c;
                for (int32_t i = 0; i < depth; i++) {
                    sum += pixel[i] * weights[i];
                }
            }
        }
    }
    return sum;
}

/* input [batches][in_h][in_w][in_c], output [batches][out_h][out_w][out_c], weights
 * [out_c][k_h][k_w][in_c / groups]; input and output do not overlap. */
EW_INLINE void ew_conv_2d_f32_ref(const ew_conv_2d_f32_shape *s, const float *input, float *output,
                                  const float *weights, const float *bias, float act_min,
                                  float act_max) {
    const ew_window *w = &s->window;
    const int32_t pixels = w->out_h * w->out_w, depth = w->in_c / s->groups;
    const int32_t taps = w->k_h * w->k_w * depth;
    for (int32_t i = 0; i < s->batches * pixels; i++) {
        const float *image = input + i / pixels * w->in_h * w->in_w * w->in_c;
        const int32_t oy = i % pixels / w->out_w, ox = i % w->out_w;
        for (int32_t c = 0; c < s->out_c; c++) {
            const int32_t group = c / (s->out_c / s->groups);
            const float sum =
                ew_conv_2d_f32_sum(s, image + group * depth, weights + c * taps, oy, ox);
            *output++ = ew_clamp_f32(sum + bias[c], act_min, act_max);
        }
    }
}

#endif
