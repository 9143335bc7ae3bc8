/* SPDX-License-Identifier: Apache-2.0 */
/* Hybrid TRANSPOSE_CONV in portable C: inputs quantized by hybrid_quantize_ref.h, int8 weights,
 * float32 outputs. As in LiteRT each product is scaled by itself, and products are summed in the
 * order of the input. */
#ifndef EW_TRANSPOSE_CONV_HYBRID_REF_H
#define EW_TRANSPOSE_CONV_HYBRID_REF_H

#include "ew_hybrid.h"
#include "transpose_conv_f32_ref.h"

/* The taps of one channel that reach (oy, ox); weights [k_h][k_w][in_c] on the channel's scale. */
EW_INLINE float ew_transpose_conv_hybrid_sum(const ew_transpose_conv_f32_shape *s,
                                             const int8_t *image, const int8_t *weights,
                                             float scale, ew_hybrid_factor factor, int32_t oy,
                                             int32_t ox) {
    const int32_t y = oy + s->pad_top, x = ox + s->pad_left;
    float sum = 0.0F;
    for (int32_t iy = ew_transpose_conv_f32_first(y, s->k_h, s->stride_h);
         iy < s->in_h && iy * s->stride_h <= y; iy++) {
        for (int32_t ix = ew_transpose_conv_f32_first(x, s->k_w, s->stride_w);
             ix < s->in_w && ix * s->stride_w <= x; ix++) {
            const int32_t ky = y - iy * s->stride_h, kx = x - ix * s->stride_w;
            const int8_t *pixel = image + (iy * s->in_w + ix) * s->in_c;
            const int8_t *w = weights + (ky * s->k_w + kx) * s->in_c;
            for (int32_t i = 0; i < s->in_c; i++) {
                const int32_t product = (pixel[i] - factor.zero_point) * w[i];
                sum += (float)product * scale * factor.scale;
            }
        }
    }
    return sum;
}

/* values [batches][in_h][in_w][in_c], output [batches][out_h][out_w][out_c], weights
 * [out_c][k_h][k_w][in_c], scale and bias [out_c]. */
EW_INLINE void ew_transpose_conv_hybrid_ref(const ew_transpose_conv_f32_shape *s,
                                            const int8_t *values, const ew_hybrid_factor *factors,
                                            float *output, const int8_t *weights,
                                            const float *scale, const float *bias, float act_min,
                                            float act_max) {
    const int32_t pixels = s->out_h * s->out_w, taps = s->k_h * s->k_w * s->in_c;
    for (int32_t i = 0; i < s->batches * pixels; i++) {
        const int8_t *image = values + i / pixels * s->in_h * s->in_w * s->in_c;
        const int32_t oy = i % pixels / s->out_w, ox = i % s->out_w;
        for (int32_t c = 0; c < s->out_c; c++) {
            const float sum = ew_transpose_conv_hybrid_sum(s, image, weights + c * taps, scale[c],
                                                           factors[i / pixels], oy, ox);
            *output++ = ew_clamp_f32(sum + bias[c], act_min, act_max);
        }
    }
}

#endif
