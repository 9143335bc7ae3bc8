/* SPDX-License-Identifier: Apache-2.0 */
/* Hybrid CONV_2D, DEPTHWISE_CONV_2D and FULLY_CONNECTED in portable C: inputs quantized by
 * hybrid_quantize_ref.h, int8 weights, float32 outputs. A depthwise convolution is one with as many
 * groups as input channels, FULLY_CONNECTED one of single pixels. */
#ifndef EW_CONV_2D_HYBRID_REF_H
#define EW_CONV_2D_HYBRID_REF_H

#include "ew_hybrid.h"
#include "window_s8.h"

typedef struct {
    int32_t batches;
    ew_window window;
    int32_t out_c;
    int32_t groups;      /* divides in_c and out_c */
    int32_t by_channels; /* sums are multiplied by the channel's scale first */
} ew_conv_2d_hybrid_shape;

/* weights . (window - zero_point) at (oy, ox); padding is the zero point. */
EW_INLINE int32_t ew_conv_2d_hybrid_sum(const ew_conv_2d_hybrid_shape *s, const int8_t *image,
                                        const int8_t *weights, int32_t oy, int32_t ox,
                                        int32_t zero_point) {
    const ew_window *w = &s->window;
    const int32_t depth = w->in_c / s->groups;
    int32_t sum = 0;
    for (int32_t ky = 0; ky < w->k_h; ky++) {
        const int32_t y = oy * w->stride_h - w->pad_top + ky * w->dilation_h;
        for (int32_t kx = 0; kx < w->k_w; kx++, weights += depth) {
            const int32_t x = ox * w->stride_w - w->pad_left + kx * w->dilation_w;
            if (y >= 0 && y < w->in_h && x >= 0 && x < w->in_w) {
                const int8_t *pixel = image + (y * w->in_w + x) * w->in_c;
                for (int32_t i = 0; i < depth; i++) {
                    sum = ew_mla(sum, pixel[i] - zero_point, weights[i]);
                }
            }
        }
    }
    return sum;
}

/* values [batches][in_h][in_w][in_c], output [batches][out_h][out_w][out_c], weights
 * [out_c][k_h][k_w][in_c / groups], scale and bias [out_c]. */
EW_INLINE void ew_conv_2d_hybrid_ref(const ew_conv_2d_hybrid_shape *s, const int8_t *values,
                                     const ew_hybrid_factor *factors, float *output,
                                     const int8_t *weights, const float *scale, const float *bias,
                                     float act_min, float act_max) {
    const ew_window *w = &s->window;
    const int32_t pixels = w->out_h * w->out_w, depth = w->in_c / s->groups;
    const int32_t taps = w->k_h * w->k_w * depth;
    for (int32_t i = 0; i < s->batches * pixels; i++) {
        const int8_t *image = values + i / pixels * w->in_h * w->in_w * w->in_c;
        const ew_hybrid_factor factor = factors[i / pixels];
        const int32_t oy = i % pixels / w->out_w, ox = i % w->out_w;
        for (int32_t c = 0; c < s->out_c; c++) {
            const int32_t group = c / (s->out_c / s->groups);
            const float sum = (float)ew_conv_2d_hybrid_sum(
                s, image + group * depth, weights + c * taps, oy, ox, factor.zero_point);
            const float product =
                s->by_channels ? sum * scale[c] * factor.scale : sum * (factor.scale * scale[c]);
            *output++ = ew_clamp_f32(product + bias[c], act_min, act_max);
        }
    }
}

#endif
