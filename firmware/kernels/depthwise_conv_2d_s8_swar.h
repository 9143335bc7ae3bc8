/* SPDX-License-Identifier: Apache-2.0 */
/*
 * int8 DEPTHWISE_CONV_2D with two pixels in a word, for cores without DSP instructions, channel by channel: the plane of
 * a channel is widened to words that hold a pixel of the upper half of the image and the one as far down in the lower
 * half, so that each is widened once and serves all windows it lies in. Output may be input: a channel is read before it
 * is written. Included by the kernels of the cores, after ew_swar_<core>.h.
 */
#ifndef EW_DEPTHWISE_CONV_2D_S8_SWAR_H
#define EW_DEPTHWISE_CONV_2D_S8_SWAR_H

#include "ew_requant.h"
#include "window_s8.h"

typedef struct {
    int32_t batches;
    ew_window window;
    int32_t run;           /* taps whose products are summed in 16 bits; taps are filled up to a multiple with zeros */
    int32_t short_requant; /* 1 if ew_swar_requantize holds for every channel */
    int32_t ties;          /* see ew_swar_requantize */
} ew_depthwise_conv_2d_s8_swar_shape;

typedef struct {
    int32_t zero_point, low, high;
} ew_depthwise_conv_2d_s8_swar_range;

/* Rows of the output in each half, and width and height of the plane of words. */
EW_INLINE int32_t ew_depthwise_conv_2d_s8_swar_half(const ew_window *w)
{
    return (w->out_h + 1) / 2;
}

EW_INLINE int32_t ew_depthwise_conv_2d_s8_swar_width(const ew_window *w)
{
    return (w->out_w - 1) * w->stride_w + (w->k_w - 1) * w->dilation_w + 1;
}

EW_INLINE int32_t ew_depthwise_conv_2d_s8_swar_height(const ew_window *w)
{
    return (ew_depthwise_conv_2d_s8_swar_half(w) - 1) * w->stride_h + (w->k_h - 1) * w->dilation_h + 1;
}

/* A channel's plane; columns outside the image hold zero points already. */
EW_INLINE void ew_depthwise_conv_2d_s8_swar_plane(const ew_window *w, const int8_t *image, const int8_t *in_zp,
                                                  uint32_t *plane)
{
    const int32_t width = ew_depthwise_conv_2d_s8_swar_width(w), height = ew_depthwise_conv_2d_s8_swar_height(w);
    const int32_t columns = ew_min(w->in_w, width - w->pad_left);
    plane += w->pad_left;
    for (int32_t j = 0; j < height; j++, plane += width) {
        const int32_t y = j - w->pad_top, far = y + ew_depthwise_conv_2d_s8_swar_half(w) * w->stride_h;
        const int32_t near_step = y < 0 || y >= w->in_h ? 0 : w->in_c, far_step = far < 0 || far >= w->in_h ? 0 : w->in_c;
        const int8_t *a = near_step ? image + y * w->in_w * w->in_c : in_zp;
        const int8_t *b = far_step ? image + far * w->in_w * w->in_c : in_zp;
        for (int32_t x = 0; x < columns; x++, a += near_step, b += far_step) {
            plane[x] = (uint32_t)*a + ((uint32_t)*b << 16);
        }
    }
}

/* Sums of two pixels whose windows begin at `at`. */
EW_INLINE void ew_depthwise_conv_2d_s8_swar_sum(const ew_depthwise_conv_2d_s8_swar_shape *s, const uint32_t *at,
                                                const int8_t *weights, const int8_t *singles, int32_t acc[2])
{
    const ew_window *w = &s->window;
    const int32_t width = ew_depthwise_conv_2d_s8_swar_width(w), taps = w->k_h * w->k_w;
    int32_t low = 0, high = 0;
    uint32_t word = 0;
    EW_UNROLL(32)
    for (int32_t t = 0; t < taps; t++) {
        const int32_t place = t / w->k_w * w->dilation_h * width + t % w->k_w * w->dilation_w;
        word = (t % s->run ? word : 0) + at[place] * (uint32_t)weights[t];
        if (t % s->run == s->run - 1 || t == taps - 1) {
            low += (int16_t)word;
            high += (int32_t)word >> 8;
        }
    }
    for (int32_t left = *singles++; left > 0; left--, singles += 2) {
        const int32_t t = singles[0];
        word = at[t / w->k_w * w->dilation_h * width + t % w->k_w * w->dilation_w] * (uint32_t)singles[1];
        low += (int16_t)word;
        high += (int32_t)word >> 8;
    }
    acc[0] = low;
    acc[1] = ew_swar_upper(low, high);
}

/* A channel of the output from its plane. */
EW_INLINE void ew_depthwise_conv_2d_s8_swar_channel(const ew_depthwise_conv_2d_s8_swar_shape *s, const uint32_t *plane,
                                                    int8_t *output, const int8_t *weights, const int8_t *singles,
                                                    const int32_t *factors,
                                                    const ew_depthwise_conv_2d_s8_swar_range *range)
{
    const ew_window *w = &s->window;
    const int32_t half = ew_depthwise_conv_2d_s8_swar_half(w), width = ew_depthwise_conv_2d_s8_swar_width(w);
    const ew_swar_factors f = ew_swar_unpack(factors[1], factors[2], range->zero_point);
    for (int32_t oy = 0; oy < half; oy++, plane += w->stride_h * width) {
        const uint32_t *at = plane;
        for (int32_t ox = 0; ox < w->out_w; ox++, at += w->stride_w, output += w->in_c) {
            int32_t acc[2];
            ew_depthwise_conv_2d_s8_swar_sum(s, at, weights, singles, acc);
            for (int32_t p = 0; p < 2; p++) {
                const int32_t sum = (int32_t)((uint32_t)acc[p] + (uint32_t)factors[0]);
                const int32_t placed = s->short_requant
                                           ? ew_swar_requantize(sum, &f, s->ties)
                                           : ew_requantize(sum, factors[1], factors[2]) + range->zero_point;
                if (p == 0 || oy + half < w->out_h) {
                    output[p * half * w->out_w * w->in_c] = (int8_t)ew_clamp(placed, range->low, range->high);
                }
            }
        }
    }
}

/*
 * input [batches][in_h][in_w][in_c], output [batches][out_h][out_w][in_c]; for each channel: `weights` [taps],
 * `factors` bias - zero_point * sum(weights), multiplier, right shift; `singles` their number, then tap and weight of
 * each tap that is summed by itself. scratch: the plane of words and 4 bytes.
 */
EW_INLINE void ew_depthwise_conv_2d_s8_swar(const ew_depthwise_conv_2d_s8_swar_shape *s, const int8_t *input,
                                            int8_t *output, const int8_t *weights, const int8_t *singles,
                                            const int32_t *factors, int32_t in_zp, int32_t out_zp, int32_t act_min,
                                            int32_t act_max, uint32_t *scratch)
{
    const ew_window *w = &s->window;
    const ew_depthwise_conv_2d_s8_swar_range range = {out_zp, act_min, act_max};
    const int32_t words = ew_depthwise_conv_2d_s8_swar_width(w) * ew_depthwise_conv_2d_s8_swar_height(w);
    int8_t *const padding = (int8_t *)(scratch + words);
    *padding = (int8_t)in_zp;
    for (int32_t i = 0; i < words; i++) {
        scratch[i] = (uint32_t)in_zp * 0x10001U;
    }
    for (int32_t b = 0; b < s->batches; b++) {
        const int8_t *more = singles;
        for (int32_t c = 0; c < w->in_c; c++) {
            ew_depthwise_conv_2d_s8_swar_plane(w, input + c, padding, scratch);
            ew_depthwise_conv_2d_s8_swar_channel(s, scratch, output + c, weights + c * w->k_h * w->k_w, more,
                                                 factors + 3 * c, &range);
            more += 1 + 2 * *more;
        }
        input += w->in_h * w->in_w * w->in_c;
        output += w->out_h * w->out_w * w->in_c;
    }
}

#endif
