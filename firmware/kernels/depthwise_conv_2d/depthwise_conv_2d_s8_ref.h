/* SPDX-License-Identifier: Apache-2.0 */
/*
 * int8 DEPTHWISE_CONV_2D in portable C: one output pixel at a time, all its channels from a copy of
 * its window.
 *
 * `bias` holds bias - zero_point * sum(weights) of each channel; padding reads as the input's zero
 * point.
 */
#ifndef EW_DEPTHWISE_CONV_2D_S8_REF_H
#define EW_DEPTHWISE_CONV_2D_S8_REF_H

#include "depthwise_conv_2d_s8.h"

/*
 * input [batches][in_h][in_w][in_c], output [batches][out_h][out_w][in_c * multiplier],
 * weights [k_h][k_w][in_c * multiplier]; scratch: k_h * k_w * in_c bytes.
 */
EW_INLINE void ew_depthwise_conv_2d_s8_ref(const ew_depthwise_conv_2d_s8_shape *s,
                                           const int8_t *input, int8_t *output,
                                           const int8_t *weights, const int32_t *bias,
                                           const int32_t *multiplier, const int8_t *shift,
                                           int32_t in_zp, int32_t out_zp, int32_t act_min,
                                           int32_t act_max, int8_t *scratch) {
    const ew_window *w = &s->window;
    const int32_t taps = w->k_h * w->k_w, out_c = w->in_c * s->multiplier;
    const int32_t pixels = w->out_h * w->out_w;
    for (int32_t i = 0; i < s->batches * pixels; i++, output += out_c) {
        const int32_t pixel = i % pixels;
        const int8_t *image = input + (i / pixels) * w->in_h * w->in_w * w->in_c;
        ew_gather(w, image, scratch, pixel / w->out_w, pixel % w->out_w, w->in_c, (int8_t)in_zp);
        for (int32_t c = 0; c < out_c; c++) {
            const int8_t *x = scratch + c / s->multiplier;
            int32_t acc = bias[c];
            EW_UNROLL(16)
            for (int32_t t = 0; t < taps; t++) {
                acc = ew_mla(acc, x[t * w->in_c], weights[t * out_c + c]);
            }
            acc = s->short_requant ? ew_requantize_short(acc, multiplier[c], shift[c])
                                   : ew_requantize(acc, multiplier[c], shift[c]);
            output[c] = (int8_t)ew_clamp(ew_add_wrap(acc, out_zp), act_min, act_max);
        }
    }
}

#endif
