/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A convolution and the FULLY_CONNECTED that reads it, in portable C: no value of the convolution
 * is computed that no weight reads, and none is stored.
 *
 * Block by block of pixels, the windows are copied to scratch; a list says which channels of the
 * block are read, and with which weights. So only weights that are not zero cost anything.
 */
#ifndef EW_CONV_DENSE_S8_REF_H
#define EW_CONV_DENSE_S8_REF_H

#include "conv_dense_s8.h"

/* The values of channel c at the pixels whose windows lie in `patches`, as one: sum or largest. */
EW_INLINE int32_t ew_conv_dense_s8_ref_block(const ew_conv_dense_s8_shape *s,
                                             const ew_conv_dense_s8_finish *f,
                                             const int8_t *patches, int32_t pixels,
                                             const int8_t *weights, int32_t c) {
    const ew_window *w = &s->conv.window;
    const int32_t depth = w->k_h * w->k_w * w->in_c;
    int32_t whole = s->is_max ? -128 : 0;
    for (int32_t p = 0; p < pixels; p++, patches += depth) {
        int32_t acc = f->bias[c];
        EW_UNROLL(9)
        for (int32_t k = 0; k < depth; k++) {
            acc = ew_mla(acc, patches[k], weights[k]);
        }
        acc = ew_conv_dense_s8_value(s, f, acc, c);
        whole = s->is_max ? ew_max(whole, acc) : whole + acc;
    }
    return s->is_max ? ew_clamp(whole, s->pool_min, s->pool_max) : whole;
}

/* Copies the windows of a block's pixels that lie in the output; returns how many they are. */
EW_INLINE int32_t ew_conv_dense_s8_ref_windows(const ew_conv_dense_s8_shape *s, const int8_t *image,
                                               int8_t *patches, int32_t y, int32_t x,
                                               int8_t in_zp) {
    const ew_window *w = &s->conv.window;
    const int32_t y1 = ew_min(y + s->block_h, w->out_h), x1 = ew_min(x + s->block_w, w->out_w);
    const int32_t depth = w->k_h * w->k_w * w->in_c;
    int32_t pixels = 0;
    for (int32_t oy = y; oy < y1; oy++) {
        for (int32_t ox = x; ox < x1; ox++) {
            ew_gather(w, image, patches + pixels++ * depth, oy, ox, w->in_c, in_zp);
        }
    }
    return pixels;
}

/*
 * input [in_h][in_w][in_c], output [units]. `reads`, block by block: number of channels; for each
 * the channel, the number of weights, and pairs of unit and weight. scratch: units * 4 bytes, then
 * block_h * block_w windows. The output is written when all of the input is read.
 */
EW_INLINE void ew_conv_dense_s8_ref(const ew_conv_dense_s8_shape *s, const int8_t *input,
                                    int8_t *output, const int8_t *weights, const int32_t *bias,
                                    const int32_t *multiplier, const int8_t *shift, int32_t in_zp,
                                    int32_t mid_zp, int32_t mid_min, int32_t mid_max,
                                    const uint8_t *reads, const int32_t *dense_bias,
                                    const int32_t *dense_multiplier, const int8_t *dense_shift,
                                    int32_t out_zp, int32_t act_min, int32_t act_max,
                                    int8_t *scratch) {
    const ew_window *w = &s->conv.window;
    const int32_t depth = w->k_h * w->k_w * w->in_c;
    const ew_conv_dense_s8_finish f = {bias, multiplier, shift, mid_zp, mid_min, mid_max};
    int32_t *acc = (int32_t *)(void *)scratch;
    int8_t *patches = scratch + 4 * s->dense.out_c;
    memcpy(acc, dense_bias, 4U * (size_t)s->dense.out_c);
    for (int32_t y = 0; y < s->blocks_h; y++) {
        for (int32_t x = 0; x < s->blocks_w; x++) {
            int32_t n = *reads++;
            if (n == 0) {
                continue;
            }
            const int32_t pixels = ew_conv_dense_s8_ref_windows(s, input, patches, y * s->block_h,
                                                                x * s->block_w, (int8_t)in_zp);
            for (; n > 0; n--) {
                const int32_t c = *reads++;
                const int32_t value =
                    ew_conv_dense_s8_ref_block(s, &f, patches, pixels, weights + c * depth, c);
                reads = ew_conv_dense_s8_spread(reads, value, acc);
            }
        }
    }
    ew_conv_dense_s8_outputs(&s->dense, acc, output, dense_multiplier, dense_shift, out_zp, act_min,
                             act_max);
}

#endif
