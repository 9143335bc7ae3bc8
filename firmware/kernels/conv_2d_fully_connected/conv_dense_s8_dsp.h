/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CONV_2D_FULLY_CONNECTED for DSP cores (see conv_dense_s8_ref.h for what it does).
 *
 * The windows of a block are widened to int16, four values k..k+3 as the words (k, k+2), (k+1,
 * k+3), which is what SXTB16 makes; weights are int16 in the same order. SMLAD multiplies two at a
 * time.
 *
 * Words of `stream` for each channel: bias, multiplier, constant, shift (requantisation as in
 * ew_dsp_gemm.h, `linear`), then two words for each four weights.
 */
#ifndef EW_CONV_DENSE_S8_DSP_H
#define EW_CONV_DENSE_S8_DSP_H

#include "conv_dense_s8.h"
#include "ew_dsp.h"

typedef struct {
    ew_conv_dense_s8_shape of;
    int32_t quads;            /* of a window */
    int32_t mid_min, mid_max; /* clamp of the convolution */
} ew_conv_dense_s8_dsp_shape;

EW_INLINE int32_t ew_conv_dense_s8_dsp_dot(const int32_t *words, const int32_t *patch, int32_t acc,
                                           int32_t quads) {
    EW_UNROLL(4)
    for (int32_t q = 0; q < quads; q++, words += 2, patch += 2) {
        acc = ew_smlad(words[0], patch[0], acc);
        acc = ew_smlad(words[1], patch[1], acc);
    }
    return acc;
}

/* The values of a channel at the pixels whose windows lie in `patches`, as one. */
EW_INLINE int32_t ew_conv_dense_s8_dsp_block(const ew_conv_dense_s8_dsp_shape *s,
                                             const int32_t *channel, const int32_t *patches,
                                             int32_t pixels) {
    const int32_t multiplier = channel[1], constant = channel[2], shift = channel[3];
    int32_t whole = s->of.is_max ? -128 : 0;
    for (int32_t p = 0; p < pixels; p++, patches += 2 * s->quads) {
        const int32_t acc =
            2 * ew_conv_dense_s8_dsp_dot(channel + 4, patches, channel[0], s->quads);
        int32_t y = ew_smmlar(acc, multiplier, ew_add_sign(constant, acc)) >> shift;
        y = ew_ssat8(y);
        y = s->mid_min > -128 || s->mid_max < 127 ? ew_clamp(y, s->mid_min, s->mid_max) : y;
        whole = s->of.is_max ? ew_max(whole, y) : whole + y;
    }
    return s->of.is_max ? ew_clamp(whole, s->of.pool_min, s->of.pool_max) : whole;
}

/* Widens the windows of a block's pixels that lie in the output; returns how many they are. */
EW_INLINE int32_t ew_conv_dense_s8_dsp_windows(const ew_conv_dense_s8_dsp_shape *s,
                                               const int8_t *image, int8_t *bytes, int32_t *patches,
                                               int32_t y, int32_t x, int8_t in_zp) {
    const ew_window *w = &s->of.conv.window;
    const int32_t y1 = ew_min(y + s->of.block_h, w->out_h);
    const int32_t x1 = ew_min(x + s->of.block_w, w->out_w);
    int32_t pixels = 0;
    for (int32_t oy = y; oy < y1; oy++) {
        for (int32_t ox = x; ox < x1; ox++, pixels++) {
            ew_gather(w, image, bytes, oy, ox, w->in_c, in_zp);
            for (int32_t q = 0; q < s->quads; q++) {
                const uint32_t four = ew_load_word(bytes + 4 * q);
                *patches++ = (int32_t)ew_sxtb16(four);
                *patches++ = (int32_t)ew_sxtb16_odd(four);
            }
        }
    }
    return pixels;
}

/*
 * input, output and `reads` as in conv_dense_s8_ref.h. scratch: units * 4 bytes, 4 * quads bytes of
 * a window, then block_h * block_w windows of 8 * quads bytes.
 */
EW_INLINE void ew_conv_dense_s8_dsp(const ew_conv_dense_s8_dsp_shape *s, const int8_t *input,
                                    int8_t *output, const int32_t *stream, int32_t in_zp,
                                    const uint8_t *reads, const int32_t *dense_bias,
                                    const int32_t *dense_multiplier, const int8_t *dense_shift,
                                    int32_t out_zp, int32_t act_min, int32_t act_max,
                                    int8_t *scratch) {
    int32_t *acc = (int32_t *)(void *)scratch;
    int8_t *bytes = scratch + 4 * s->of.dense.out_c;
    int32_t *patches = (int32_t *)(void *)(bytes + 4 * s->quads);
    memset(bytes, 0, 4U * (size_t)s->quads); /* what weights of zero meet */
    memcpy(acc, dense_bias, 4U * (size_t)s->of.dense.out_c);
    for (int32_t y = 0; y < s->of.blocks_h; y++) {
        for (int32_t x = 0; x < s->of.blocks_w; x++) {
            int32_t n = *reads++;
            if (n == 0) {
                continue;
            }
            const int32_t pixels = ew_conv_dense_s8_dsp_windows(
                s, input, bytes, patches, y * s->of.block_h, x * s->of.block_w, (int8_t)in_zp);
            for (; n > 0; n--) {
                const int32_t *channel = stream + *reads++ * (4 + 2 * s->quads);
                const int32_t value = ew_conv_dense_s8_dsp_block(s, channel, patches, pixels);
                reads = ew_conv_dense_s8_spread(reads, value, acc);
            }
        }
    }
    ew_conv_dense_s8_outputs(&s->of.dense, acc, output, dense_multiplier, dense_shift, out_zp,
                             act_min, act_max);
}

#endif
