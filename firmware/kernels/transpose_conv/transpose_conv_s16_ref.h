/* SPDX-License-Identifier: Apache-2.0 */
/* int16 TRANSPOSE_CONV with int8 weights in portable C: for each output the taps that reach it. */
#ifndef EW_TRANSPOSE_CONV_S16_REF_H
#define EW_TRANSPOSE_CONV_S16_REF_H

#include "ew_wide.h"

typedef struct {
    int32_t batches, in_h, in_w, in_c;
    int32_t out_h, out_w, out_c;
    int32_t k_h, k_w;
    int32_t stride_h, stride_w;
    int32_t pad_top, pad_left;
} ew_transpose_conv_s16_shape;

/* The taps of one channel that reach (oy, ox); weights [k_h][k_w][in_c]. */
EW_INLINE int64_t ew_transpose_conv_s16_sum(const ew_transpose_conv_s16_shape *s,
                                            const int16_t *image, const int8_t *weights, int32_t oy,
                                            int32_t ox) {
    const int32_t y = oy + s->pad_top, x = ox + s->pad_left;
    int64_t sum = 0;
    for (int32_t ky = y % s->stride_h; ky < s->k_h && ky <= y; ky += s->stride_h) {
        const int32_t iy = (y - ky) / s->stride_h;
        for (int32_t kx = x % s->stride_w; kx < s->k_w && kx <= x; kx += s->stride_w) {
            const int32_t ix = (x - kx) / s->stride_w;
            if (iy < s->in_h && ix < s->in_w) {
                const int16_t *pixel = image + (iy * s->in_w + ix) * s->in_c;
                const int8_t *w = weights + (ky * s->k_w + kx) * s->in_c;
                for (int32_t i = 0; i < s->in_c; i++) {
                    sum += pixel[i] * w[i];
                }
            }
        }
    }
    return sum;
}

/* input [batches][in_h][in_w][in_c], output [batches][out_h][out_w][out_c], weights
 * [out_c][k_h][k_w][in_c]; input and output do not overlap. */
EW_INLINE void ew_transpose_conv_s16_ref(const ew_transpose_conv_s16_shape *s, const int16_t *input,
                                         int16_t *output, const int8_t *weights,
                                         const int64_t *bias, const int32_t *multiplier,
                                         const int8_t *shift, int32_t act_min, int32_t act_max) {
    const int32_t pixels = s->out_h * s->out_w, taps = s->k_h * s->k_w * s->in_c;
    for (int32_t i = 0; i < s->batches * pixels; i++) {
        const int16_t *image = input + i / pixels * s->in_h * s->in_w * s->in_c;
        const int32_t oy = i % pixels / s->out_w, ox = i % s->out_w;
        for (int32_t c = 0; c < s->out_c; c++) {
            const int64_t sum =
                bias[c] + ew_transpose_conv_s16_sum(s, image, weights + c * taps, oy, ox);
            *output++ = (int16_t)ew_clamp(ew_requantize_wide(sum, multiplier[c], shift[c]), act_min,
                                          act_max);
        }
    }
}

#endif
