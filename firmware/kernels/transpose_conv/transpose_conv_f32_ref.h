/* SPDX-License-Identifier: Apache-2.0 */
/* float32 TRANSPOSE_CONV in portable C: for each output the taps that reach it, summed in the order
 * of the input. */
#ifndef EW_TRANSPOSE_CONV_F32_REF_H
#define EW_TRANSPOSE_CONV_F32_REF_H

#include "ew_float.h"

typedef struct {
    int32_t batches, in_h, in_w, in_c;
    int32_t out_h, out_w, out_c;
    int32_t k_h, k_w;
    int32_t stride_h, stride_w;
    int32_t pad_top, pad_left;
} ew_transpose_conv_f32_shape;

/* The first row or column of the input that reaches a place through a window of k. */
EW_INLINE int32_t ew_transpose_conv_f32_first(int32_t place, int32_t k, int32_t stride) {
    return place < k ? 0 : (place - k) / stride + 1;
}

/* The taps of one channel that reach (oy, ox); weights [k_h][k_w][in_c]. */
EW_INLINE float ew_transpose_conv_f32_sum(const ew_transpose_conv_f32_shape *s, const float *image,
                                          const float *weights, int32_t oy, int32_t ox) {
    const int32_t y = oy + s->pad_top, x = ox + s->pad_left;
    float sum = 0.0F;
    for (int32_t iy = ew_transpose_conv_f32_first(y, s->k_h, s->stride_h);
         iy < s->in_h && iy * s->stride_h <= y; iy++) {
        for (int32_t ix = ew_transpose_conv_f32_first(x, s->k_w, s->stride_w);
             ix < s->in_w && ix * s->stride_w <= x; ix++) {
            const int32_t ky = y - iy * s->stride_h, kx = x - ix * s->stride_w;
            const float *pixel = image + (iy * s->in_w + ix) * s->in_c;
            const float *w = weights + (ky * s->k_w + kx) * s->in_c;
            for (int32_t i = 0; i < s->in_c; i++) {
                sum += pixel[i] * w[i];
            }
        }
    }
    return sum;
}

/* input [batches][in_h][in_w][in_c], output [batches][out_h][out_w][out_c], weights
 * [out_c][k_h][k_w][in_c]; input and output do not overlap. */
EW_INLINE void ew_transpose_conv_f32_ref(const ew_transpose_conv_f32_shape *s, const float *input,
                                         float *output, const float *weights, const float *bias,
                                         float act_min, float act_max) {
    const int32_t pixels = s->out_h * s->out_w, taps = s->k_h * s->k_w * s->in_c;
    for (int32_t i = 0; i < s->batches * pixels; i++) {
        const float *image = input + i / pixels * s->in_h * s->in_w * s->in_c;
        const int32_t oy = i % pixels / s->out_w, ox = i % s->out_w;
        for (int32_t c = 0; c < s->out_c; c++) {
            const float sum = ew_transpose_conv_f32_sum(s, image, weights + c * taps, oy, ox);
            *output++ = ew_clamp_f32(sum + bias[c], act_min, act_max);
        }
    }
}

#endif
