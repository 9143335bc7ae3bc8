/* SPDX-License-Identifier: Apache-2.0 */
/*
 * int8 CONV_2D with two pixels in a word, for cores without DSP instructions: the windows of four
 * output pixels are widened to a block of words, and `ew_swar_dot` of the core sums over it channel
 * by channel. Included by the kernels of the cores, after ew_swar_<core>.h.
 */
#ifndef EW_CONV_2D_S8_SWAR_H
#define EW_CONV_2D_S8_SWAR_H

#include "ew_requant.h"
#include "window_s8.h"

typedef struct {
    int32_t batches;
    ew_window window;
    int32_t out_c;
    int32_t segments; /* of `groups` groups of four taps; the last is filled up with zeros */
    int32_t groups;
    int32_t finish; /* EW_SWAR_SATURATE, _CLAMP or _ANY, see ew_swar.h */
    int32_t ties;   /* see ew_swar_finish */
} ew_conv_2d_s8_swar_shape;

typedef struct {
    int32_t low, high;
} ew_conv_2d_s8_swar_range;

/* Four pixels: the first rows and columns of their windows. */
typedef struct {
    int32_t y[4], x[4];
} ew_conv_2d_s8_swar_places;

/* The rows of windows that lie inside the image from left to right. */
EW_INLINE void ew_conv_2d_s8_swar_rows(const ew_window *w, const int8_t *image,
                                       const int8_t *padding, const ew_conv_2d_s8_swar_places *at,
                                       uint32_t *block) {
    for (int32_t ky = 0; ky < w->k_h * w->dilation_h; ky += w->dilation_h) {
        const int8_t *from[4];
        for (int32_t p = 0; p < 4; p++) {
            const int32_t y = at->y[p] + ky;
            from[p] = y < 0 || y >= w->in_h ? padding : image + (y * w->in_w + at->x[p]) * w->in_c;
        }
        block = ew_swar_widen(block, from, w->k_w * w->in_c);
    }
}

/* Any windows, tap by tap. */
EW_INLINE void ew_conv_2d_s8_swar_taps(const ew_window *w, const int8_t *image,
                                       const int8_t *padding, const ew_conv_2d_s8_swar_places *at,
                                       uint32_t *block) {
    for (int32_t ky = 0; ky < w->k_h * w->dilation_h; ky += w->dilation_h) {
        for (int32_t kx = 0; kx < w->k_w * w->dilation_w; kx += w->dilation_w) {
            const int8_t *from[4];
            for (int32_t p = 0; p < 4; p++) {
                const int32_t y = at->y[p] + ky, x = at->x[p] + kx;
                const int32_t inside =
                    (uint32_t)y < (uint32_t)w->in_h && (uint32_t)x < (uint32_t)w->in_w;
                from[p] = inside ? image + (y * w->in_w + x) * w->in_c : padding;
            }
            block = ew_swar_widen(block, from, w->in_c);
        }
    }
}

/* All channels of four pixels whose windows lie in `block`; out[p] is where pixel p goes. */
EW_INLINE void ew_conv_2d_s8_swar_block(const ew_conv_2d_s8_swar_shape *s, const uint32_t *block,
                                        const uint32_t *stream, int8_t *const out[4],
                                        const ew_conv_2d_s8_swar_range *range) {
    for (int32_t c = 0; c < s->out_c; c++, stream += 4) {
        ew_swar_sums sums;
        stream = ew_swar_dot(block, stream, s->groups, &sums);
        for (int32_t i = 1; i < s->segments; i++) {
            ew_swar_sums more;
            stream = ew_swar_dot(block + 8 * s->groups * i, stream, s->groups, &more);
            for (int32_t p = 0; p < 4; p++) {
                sums.of[p] += more.of[p];
            }
        }
        if (s->finish == EW_SWAR_ANY) {
            ew_swar_finish_any(&sums, (const int32_t *)stream);
        } else {
            ew_swar_finish(&sums, (const int32_t *)stream, s->ties);
        }
        EW_UNROLL(4)
        for (int32_t p = 3; p >= 0;
             p--) { /* pixels that are not there have the place of the first */
            out[p][c] = (int8_t)(s->finish == EW_SWAR_SATURATE
                                     ? sums.of[p]
                                     : ew_clamp(sums.of[p], range->low, range->high));
        }
    }
}

/*
 * input [batches][in_h][in_w][in_c], output [batches][out_h][out_w][out_c]. stream: for each
 * channel its weights as ew_swar_dot takes them (for each segment), then factors as ew_swar_finish
 * takes them. scratch: 32 bytes for each group, and in_c (k_w * in_c when dilation_w is 1) bytes of
 * padding. See Conv2D.overlap for how input and output may overlap.
 */
EW_INLINE void ew_conv_2d_s8_swar(const ew_conv_2d_s8_swar_shape *s, const int8_t *input,
                                  int8_t *output, const int32_t *stream, int32_t in_zp,
                                  int32_t act_min, int32_t act_max, uint32_t *scratch) {
    const ew_window *w = &s->window;
    const ew_conv_2d_s8_swar_range range = {act_min, act_max};
    const int32_t pixels = w->out_h * w->out_w, words = 8 * s->segments * s->groups;
    int8_t *const padding = (int8_t *)(scratch + words);
    memset(scratch, 0, (size_t)words * 4);
    memset(padding, in_zp, (size_t)(w->dilation_w == 1 ? w->k_w * w->in_c : w->in_c));
    for (int32_t b = 0; b < s->batches; b++, input += w->in_h * w->in_w * w->in_c) {
        int32_t oy = 0, ox = 0;
        for (int32_t pixel = 0; pixel < pixels; pixel += 4) {
            ew_conv_2d_s8_swar_places at;
            int32_t inside = w->dilation_w == 1;
            for (int32_t p = 0; p < 4; p++) {
                at.y[p] = oy * w->stride_h - w->pad_top;
                at.x[p] = ox * w->stride_w - w->pad_left;
                inside &= at.x[p] >= 0 && at.x[p] + w->k_w <= w->in_w;
                if (++ox == w->out_w) {
                    ox = 0;
                    oy += oy <
                          w->out_h -
                              1; /* what comes after the last pixel is computed and not written */
                }
            }
            if (inside) {
                ew_conv_2d_s8_swar_rows(w, input, padding, &at, scratch);
            } else {
                ew_conv_2d_s8_swar_taps(w, input, padding, &at, scratch);
            }
            int8_t *const out[4] = {output, output + (pixel + 1 < pixels ? s->out_c : 0),
                                    output + (pixel + 2 < pixels ? 2 * s->out_c : 0),
                                    output + (pixel + 3 < pixels ? 3 * s->out_c : 0)};
            ew_conv_2d_s8_swar_block(s, scratch, (const uint32_t *)stream, out, &range);
            output += ew_min(pixels - pixel, 4) * s->out_c;
        }
    }
}

#endif
