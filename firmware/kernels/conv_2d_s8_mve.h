/* SPDX-License-Identifier: Apache-2.0 */
/*
 * int8 CONV_2D for Helium: three output pixels by two output channels at a time, 16 products of each in one
 * instruction; four channels by three pixels are requantised at once.
 *
 * The windows of three pixels are copied to scratch first, in pieces of 16 bytes side by side, with the input's zero
 * point for padding and zeros up to a multiple of 16: the inner loop walks plain arrays, and the output may overlap
 * input that is read already. Bias and zero point are folded: bias - zero_point * sum(weights).
 */
#ifndef EW_CONV_2D_S8_MVE_H
#define EW_CONV_2D_S8_MVE_H

#include "ew_mve_dot.h"
#include "window_s8.h"

typedef struct {
    int32_t batches;
    ew_window window;
    int32_t out_c;
    int32_t rounding; /* EW_MVE_RELU, _SHORT or _ANY */
    int32_t whole;    /* see ew_mve_place */
} ew_conv_2d_s8_mve_shape;

/* Vectors of a window. */
EW_INLINE int32_t ew_conv_2d_s8_mve_steps(const ew_window *w)
{
    return (w->k_h * w->k_w * w->in_c + 15) / 16;
}

/* Whether the pieces of a window that lie together in the image are whole vectors, or all of it is one piece. */
EW_INLINE int32_t ew_conv_2d_s8_mve_direct(const ew_window *w)
{
    return (w->k_h == 1 && w->k_w == 1) || w->in_c % 16 == 0;
}

/* Whether the windows of three pixels of a row from (y0, x0) on lie inside the image. */
EW_INLINE int32_t ew_conv_2d_s8_mve_inside(const ew_window *w, int32_t y0, int32_t x0)
{
    return x0 >= 0 && x0 + 2 * w->stride_w + w->k_w <= w->in_w && y0 >= 0 &&
           y0 + (w->k_h - 1) * w->dilation_h < w->in_h;
}

/* Three windows side by side to `block`, by way of `line` unless their rows are whole vectors. */
EW_INLINE void ew_conv_2d_s8_mve_three(const ew_window *w, const int8_t *from, int8_t *block, int8_t *line)
{
    const int32_t bytes = w->k_w * w->in_c, pitch = w->dilation_h * w->in_w * w->in_c, step = w->stride_w * w->in_c;
    const int32_t direct = ew_conv_2d_s8_mve_direct(w);
    if (direct && bytes <= 64) {
        for (int32_t ky = 0; ky < w->k_h; ky++, from += pitch) {
            EW_UNROLL(4)
            for (int32_t i = 0; i < bytes; i += 16, block += 48) {
                const int8x16_t a = ew_mve_load(from + i, bytes - i), b = ew_mve_load(from + i + step, bytes - i);
                const int8x16_t c = ew_mve_load(from + i + 2 * step, bytes - i);
                vstrbq_s8(block, a);
                vstrbq_s8(block + 16, b);
                vstrbq_s8(block + 32, c);
            }
        }
        return;
    }
    for (int32_t p = 0; p < 3; p++, from += step, block += 16) {
        int8_t *to = direct ? block : line;
        for (int32_t ky = 0; ky < w->k_h; ky++) {
            int8_t *const next = ew_mve_spread(to, from + ky * pitch, bytes, direct ? 48 : 16);
            to = direct ? next : to + bytes;
        }
        if (!direct) {
            (void)ew_mve_spread(block, line, 16 * ew_conv_2d_s8_mve_steps(w), 48);
        }
    }
}

/* A row of a window at column x0, clipped: `padding` for what lies outside. Returns where the next row goes. */
EW_INLINE int8_t *ew_conv_2d_s8_mve_row(const ew_window *w, const int8_t *row, int8_t *to, int32_t x0,
                                        const int8_t *padding)
{
    const int32_t step = ew_conv_2d_s8_mve_direct(w) ? 48 : 16;
    const int32_t before = ew_min(ew_max(-x0, 0), w->k_w), after = ew_min(ew_max(x0 + w->k_w - w->in_w, 0), w->k_w);
    const int32_t pieces[3] = {before * w->in_c, (w->k_w - before - after) * w->in_c, after * w->in_c};
    const int8_t *const from[3] = {padding, row + (x0 + before) * w->in_c, padding};
    for (int32_t i = 0; i < 3; i++) {
        int8_t *const next = ew_mve_spread(to, from[i], pieces[i], step);
        to = step == 48 ? next : to + pieces[i];
    }
    return to;
}

/* Any window, to every third vector of `block`. */
EW_INLINE void ew_conv_2d_s8_mve_any(const ew_window *w, const int8_t *image, int8_t *block, int32_t y0, int32_t x0,
                                     const int8_t *padding, int8_t *line)
{
    const int32_t direct = ew_conv_2d_s8_mve_direct(w);
    int8_t *to = direct ? block : line;
    for (int32_t ky = 0, y = y0; ky < w->k_h; ky++, y += w->dilation_h) {
        const int32_t outside = y < 0 || y >= w->in_h;
        const int8_t *row = outside ? padding : image + y * w->in_w * w->in_c;
        if (w->dilation_w == 1) {
            to = ew_conv_2d_s8_mve_row(w, row, to, outside ? w->in_w : x0, padding);
            continue;
        }
        for (int32_t kx = 0, x = x0; kx < w->k_w; kx++, x += w->dilation_w) {
            const int8_t *from = outside || x < 0 || x >= w->in_w ? padding : row + x * w->in_c;
            int8_t *const next = ew_mve_spread(to, from, w->in_c, direct ? 48 : 16);
            to = direct ? next : to + w->in_c;
        }
    }
    if (!direct) {
        (void)ew_mve_spread(block, line, 16 * ew_conv_2d_s8_mve_steps(w), 48);
    }
}

/* All channels of three pixels whose windows lie in `block`. Pixels that are not there have the place of the first. */
EW_INLINE void ew_conv_2d_s8_mve_block(const ew_conv_2d_s8_mve_shape *s, const int8_t *block, const int8_t *weights,
                                       const int32_t *factors, int8_t *const out[3], const ew_mve_range *range)
{
    int8_t *to[3] = {out[0], out[1], out[2]};
    for (int32_t c = 0; c < s->out_c; c += 4, factors += 12) {
        int32x4_t sum[3];
        EW_MVE_DOT_3X4(sum, block, weights, ew_conv_2d_s8_mve_steps(&s->window));
        const int32x4_t bias = vldrwq_s32(factors), multiplier = vldrwq_s32(factors + 4), shift = vldrwq_s32(factors + 8);
        EW_UNROLL(3)
        for (int32_t p = 2; p >= 0; p--, to[p + 1] += 4) {
            const int32x4_t scaled = ew_mve_scale(vaddq_s32(sum[p], bias), multiplier, shift, s->rounding);
            const int32x4_t placed = ew_mve_place(scaled, range, s->whole);
            if (s->out_c % 4 == 0) {
                vstrbq_s32(to[p], placed);
            } else {
                vstrbq_p_s32(to[p], placed, vctp32q((uint32_t)(s->out_c - c)));
            }
        }
    }
}

/* Scratch: three windows side by side, one more in a line (unless direct), and a row of a window of padding. */
EW_INLINE void ew_conv_2d_s8_mve_image(const ew_conv_2d_s8_mve_shape *s, const int8_t *input, int8_t *output,
                                       const int8_t *weights, const int32_t *factors, const ew_mve_range *range,
                                       int8_t *scratch)
{
    const ew_window *w = &s->window;
    const int32_t pixels = w->out_h * w->out_w, window_bytes = 16 * ew_conv_2d_s8_mve_steps(w);
    int8_t *const line = scratch + 3 * window_bytes;
    const int8_t *const padding = line + (ew_conv_2d_s8_mve_direct(w) ? 0 : window_bytes);
    int32_t oy = 0, ox = 0;
    for (int32_t pixel = 0; pixel < pixels; pixel += 3, output += 3 * s->out_c) {
        int8_t *const out[3] = {output, output + (pixel + 1 < pixels ? s->out_c : 0),
                                output + (pixel + 2 < pixels ? 2 * s->out_c : 0)};
        const int32_t y0 = oy * w->stride_h - w->pad_top, x0 = ox * w->stride_w - w->pad_left;
        if (w->dilation_w == 1 && ox + 2 < w->out_w && ew_conv_2d_s8_mve_inside(w, y0, x0)) {
            ew_conv_2d_s8_mve_three(w, input + (y0 * w->in_w + x0) * w->in_c, scratch, line);
            ox += 3;
        } else {
            for (int32_t p = 0; p < 3; p++) {
                ew_conv_2d_s8_mve_any(w, input, scratch + 16 * p, oy * w->stride_h - w->pad_top,
                                       ox * w->stride_w - w->pad_left, padding, line);
                if (++ox == w->out_w) {
                    ox = 0;
                    oy += oy < w->out_h - 1;
                }
            }
        }
        if (ox == w->out_w) {
            ox = 0;
            oy++;
        }
        ew_conv_2d_s8_mve_block(s, scratch, weights, factors, out, range);
    }
}

/*
 * input [batches][in_h][in_w][in_c], output [batches][out_h][out_w][out_c]. `weights` for each four channels as
 * EW_MVE_DOT_3X4 takes them, rows filled up with zeros; factors [bias, multiplier, shift][4] for each four channels.
 * scratch: 48 bytes for each 16 of a window, 16 more if it is not direct, and k_w * in_c.
 * See Conv2D.overlap for how input and output may overlap.
 */
EW_INLINE void ew_conv_2d_s8_mve(const ew_conv_2d_s8_mve_shape *s, const int8_t *input, int8_t *output,
                                 const int8_t *weights, const int32_t *factors, int32_t in_zp, int32_t out_zp,
                                 int32_t act_min, int32_t act_max, int8_t *scratch)
{
    const ew_window *w = &s->window;
    const ew_mve_range range = {out_zp, act_min, act_max};
    const int32_t line = 48 * ew_conv_2d_s8_mve_steps(w);
    const int32_t padding = line + (ew_conv_2d_s8_mve_direct(w) ? 0 : line / 3);
    ew_mve_fill(scratch, 0, padding);
    ew_mve_fill(scratch + padding, (int8_t)in_zp, w->k_w * w->in_c);
    for (int32_t b = 0; b < s->batches; b++) {
        ew_conv_2d_s8_mve_image(s, input, output, weights, factors, &range, scratch);
        input += w->in_h * w->in_w * w->in_c;
        output += w->out_h * w->out_w * s->out_c;
    }
}

#endif
