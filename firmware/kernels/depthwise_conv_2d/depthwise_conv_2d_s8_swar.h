/* SPDX-License-Identifier: Apache-2.0 */
/*
 * int8 DEPTHWISE_CONV_2D with two pixels in a word, for cores without DSP instructions, channel by
 * channel: the plane of a channel is widened to words that hold a pixel of the upper half of the
 * image and the one as far down in the lower half, so that each is widened once and serves all
 * windows it lies in. Output may be input: a channel is read before it is written. Included by the
 * kernels of the cores, after ew_swar_<core>.h.
 */
#ifndef EW_DEPTHWISE_CONV_2D_S8_SWAR_H
#define EW_DEPTHWISE_CONV_2D_S8_SWAR_H

#include "ew_requant.h"
#include "window_s8.h"

typedef struct {
    int32_t batches;
    ew_window window;
    int32_t run;    /* taps of a row whose products are summed in 16 bits */
    int32_t pairs;  /* whether the core has a function for two windows that are neighbours */
    int32_t finish; /* EW_SWAR_SATURATE, _CLAMP or _ANY, see ew_swar.h */
    int32_t ties;   /* see ew_swar_finish */
} ew_depthwise_conv_2d_s8_swar_shape;

typedef struct {
    int32_t low, high;
} ew_depthwise_conv_2d_s8_swar_range;

/* Rows of the output in each half, and width and height of the plane of words. */
EW_INLINE int32_t ew_depthwise_conv_2d_s8_swar_half(const ew_window *w) {
    return (w->out_h + 1) / 2;
}

EW_INLINE int32_t ew_depthwise_conv_2d_s8_swar_width(const ew_window *w) {
    return (w->out_w - 1) * w->stride_w + (w->k_w - 1) * w->dilation_w + 1;
}

EW_INLINE int32_t ew_depthwise_conv_2d_s8_swar_height(const ew_window *w) {
    return (ew_depthwise_conv_2d_s8_swar_half(w) - 1) * w->stride_h + (w->k_h - 1) * w->dilation_h +
           1;
}

/* A channel's plane; columns outside the image hold zero points already. */
EW_INLINE void ew_depthwise_conv_2d_s8_swar_plane(const ew_window *w, const int8_t *image,
                                                  const int8_t *in_zp, uint32_t *plane) {
    const int32_t width = ew_depthwise_conv_2d_s8_swar_width(w),
                  height = ew_depthwise_conv_2d_s8_swar_height(w);
    const int32_t columns = ew_min(w->in_w, width - w->pad_left), pitch = w->in_w * w->in_c;
    const int32_t below = ew_depthwise_conv_2d_s8_swar_half(w) * w->stride_h;
    const int8_t *near = image - w->pad_top * pitch;
    plane += w->pad_left;
    for (int32_t y = -w->pad_top; y < height - w->pad_top;
         y++, near += pitch, plane += width - columns) {
        int32_t step_a = w->in_c, step_b = w->in_c;
        const int8_t *a = near, *b = near + below * pitch;
        if ((uint32_t)y >= (uint32_t)w->in_h) {
            a = in_zp;
            step_a = 0;
        }
        if ((uint32_t)(y + below) >= (uint32_t)w->in_h) {
            b = in_zp;
            step_b = 0;
        }
        for (const uint32_t *const end = plane + columns; plane < end; a += step_a, b += step_b) {
            *plane++ = (uint32_t)*a + ((uint32_t)*b << 16);
        }
    }
}

/* Where in the plane the windows of the upper half begin, and once more the last: pixels go in
 * pairs. */
EW_INLINE void ew_depthwise_conv_2d_s8_swar_places(const ew_window *w, int16_t *places) {
    int32_t row = 0;
    for (int32_t oy = 0; oy < ew_depthwise_conv_2d_s8_swar_half(w); oy++) {
        for (int32_t ox = 0; ox < w->out_w; ox++) {
            *places++ = (int16_t)(row + ox * w->stride_w);
        }
        row += w->stride_h * ew_depthwise_conv_2d_s8_swar_width(w);
    }
    *places = places[-1];
}

/* A channel of the output from its plane, two pixels of each half at a time. */
EW_INLINE void ew_depthwise_conv_2d_s8_swar_channel(
    const ew_depthwise_conv_2d_s8_swar_shape *s, const uint32_t *plane, const int16_t *places,
    int8_t *output, const int32_t *weights, const int16_t *singles, const int32_t *factors,
    const ew_depthwise_conv_2d_s8_swar_range *range) {
    const ew_window *w = &s->window;
    const int32_t half = ew_depthwise_conv_2d_s8_swar_half(w), near = half * w->out_w;
    const ew_swar_taps taps = {w->k_h, w->k_w, w->dilation_w,
                               w->dilation_h * ew_depthwise_conv_2d_s8_swar_width(w), s->run};
    const int32_t far = near * w->in_c, last = (w->out_h - half) * w->out_w;
    for (int32_t pixel = 0; pixel < near; pixel += 2, output += 2 * w->in_c) {
        ew_swar_sums sums;
        ew_swar_windows(plane + places[pixel], plane + places[pixel + 1], &taps, weights, singles,
                        &sums);
        if (s->finish == EW_SWAR_ANY) {
            ew_swar_finish_any(&sums, factors);
        } else {
            ew_swar_finish(&sums, factors, s->ties);
        }
        if (s->finish != EW_SWAR_SATURATE) {
            EW_UNROLL(4)
            for (int32_t p = 0; p < 4; p++) {
                sums.of[p] = ew_clamp(sums.of[p], range->low, range->high);
            }
        }
        output[0] = (int8_t)sums.of[0];
        if (pixel + 1 < last) { /* all four are there */
            output[far] = (int8_t)sums.of[1];
            output[w->in_c] = (int8_t)sums.of[2];
            output[far + w->in_c] = (int8_t)sums.of[3];
            continue;
        }
        if (pixel < last) {
            output[far] = (int8_t)sums.of[1];
        }
        if (pixel + 1 < near) {
            output[w->in_c] = (int8_t)sums.of[2];
        }
    }
}

/*
 * input [batches][in_h][in_w][in_c], output [batches][out_h][out_w][in_c]; for each channel:
 * `weights` [taps], `factors` as ew_swar_finish takes them; `singles` their number, then place and
 * weight of each tap that is summed by itself. scratch: the plane of words, a word for each tap, 2
 * bytes for each pixel of the upper half and 2 more, and a byte.
 */
EW_INLINE void ew_depthwise_conv_2d_s8_swar(const ew_depthwise_conv_2d_s8_swar_shape *s,
                                            const int8_t *input, int8_t *output,
                                            const int8_t *weights, const int16_t *singles,
                                            const int32_t *factors, int32_t in_zp, int32_t act_min,
                                            int32_t act_max, uint32_t *scratch) {
    const ew_window *w = &s->window;
    const ew_depthwise_conv_2d_s8_swar_range range = {act_min, act_max};
    const int32_t words =
        ew_depthwise_conv_2d_s8_swar_width(w) * ew_depthwise_conv_2d_s8_swar_height(w);
    const int32_t taps = w->k_h * w->k_w;
    int32_t *const wide = (int32_t *)(scratch + words);
    int16_t *const places = (int16_t *)(wide + taps);
    int8_t *const padding =
        (int8_t *)(places + ew_depthwise_conv_2d_s8_swar_half(w) * w->out_w + 1);
    ew_depthwise_conv_2d_s8_swar_places(w, places);
    *padding = (int8_t)in_zp;
    for (int32_t i = 0; i < words; i++) {
        scratch[i] = (uint32_t)in_zp * 0x10001U;
    }
    for (int32_t b = 0; b < s->batches; b++) {
        const int16_t *more = singles;
        for (int32_t c = 0; c < w->in_c; c++) {
            ew_depthwise_conv_2d_s8_swar_plane(w, input + c, padding, scratch);
            for (int32_t t = 0; t < taps; t++) {
                wide[t] = weights[c * taps + t];
            }
            ew_depthwise_conv_2d_s8_swar_channel(s, scratch, places, output + c, wide, more,
                                                 factors + 4 * c, &range);
            more += 1 + 2 * *more;
        }
        input += w->in_h * w->in_w * w->in_c;
        output += w->out_h * w->out_w * w->in_c;
    }
}

#endif
