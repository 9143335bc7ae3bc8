/* SPDX-License-Identifier: Apache-2.0 */
/*
 * int8 CONV_2D for Helium: three output pixels by two output channels at a time, 16 products of
 * each in one instruction; four channels by three pixels are requantised at once.
 *
 * Where windows reach over the border, rows of the image are first copied to a ring in scratch with
 * the input's zero point around them. The windows of three pixels are then copied to a block, in
 * vectors side by side: the inner loop walks plain arrays, and the output may overlap input that is
 * read already. Bias and zero point are folded: bias - zero_point * sum(weights).
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
    int32_t out_zp, act_min, act_max;
} ew_conv_2d_s8_mve_shape;

/* Vectors of a window. */
EW_INLINE int32_t ew_conv_2d_s8_mve_steps(const ew_window *w) {
    return (w->k_h * w->k_w * w->in_c + 15) / 16;
}

EW_INLINE int32_t ew_conv_2d_s8_mve_pointwise(const ew_window *w) {
    return w->k_h == 1 && w->k_w == 1 && w->stride_h == 1 && w->stride_w == 1 && w->pad_top == 0 &&
           w->pad_left == 0;
}

/* Whether the pieces of a window that lie together in the image are whole vectors, or all of it is
 * one piece. */
EW_INLINE int32_t ew_conv_2d_s8_mve_direct(const ew_window *w) {
    return (w->k_h == 1 && w->k_w == 1) || w->in_c % 16 == 0;
}

/* Where rows are read from: the image, or the ring with `rows` rows of `pitch` bytes. */
typedef struct {
    int8_t *ring;
    int32_t rows, pitch;
    int32_t inside; /* the image */
} ew_conv_2d_s8_mve_source;

/* Columns and rows that windows reach over. */
EW_INLINE int32_t ew_conv_2d_s8_mve_span_w(const ew_window *w) {
    return (w->out_w - 1) * w->stride_w + (w->k_w - 1) * w->dilation_w + 1;
}

EW_INLINE int32_t ew_conv_2d_s8_mve_span_h(const ew_window *w) {
    return (w->out_h - 1) * w->stride_h + (w->k_h - 1) * w->dilation_h + 1;
}

EW_INLINE int32_t ew_conv_2d_s8_mve_inside(const ew_window *w) {
    return w->pad_top == 0 && w->pad_left == 0 && ew_conv_2d_s8_mve_span_w(w) <= w->in_w &&
           ew_conv_2d_s8_mve_span_h(w) <= w->in_h;
}

/* Three pixels lie in two rows, or three when a row is one pixel. */
EW_INLINE int32_t ew_conv_2d_s8_mve_ring_rows(const ew_window *w) {
    return (w->k_h - 1) * w->dilation_h + 1 + (w->out_w > 1 ? 1 : 2) * w->stride_h;
}

/* Row y of the image with its surroundings; all zero points when it lies outside. */
EW_INLINE void ew_conv_2d_s8_mve_load(const ew_window *w, const int8_t *image, int32_t y,
                                      int8_t *to, int8_t in_zp) {
    const int32_t pitch = ew_conv_2d_s8_mve_span_w(w) * w->in_c, left = w->pad_left * w->in_c;
    const int32_t bytes = ew_min(w->in_w * w->in_c, pitch - left);
    if (y < 0 || y >= w->in_h) {
        ew_fill(to, in_zp, pitch);
        return;
    }
    ew_fill(to, in_zp, left);
    ew_copy_forward(to + left, image + y * w->in_w * w->in_c, bytes);
    ew_fill(to + left + bytes, in_zp, pitch - left - bytes);
}

/* The window that begins at `row` of the source, to every third vector of `block`; rows from
 * `limit` on wrap around. */
EW_INLINE void ew_conv_2d_s8_mve_gather(const ew_window *w, const ew_conv_2d_s8_mve_source *from,
                                        const int8_t *row, const int8_t *limit, int8_t *block,
                                        int8_t *line) {
    const int32_t direct = ew_conv_2d_s8_mve_direct(w), step = direct ? 48 : 16;
    const int32_t pieces = w->dilation_w == 1 ? 1 : w->k_w, bytes = w->k_w * w->in_c / pieces;
    int8_t *to = direct ? block : line;
    EW_UNROLL(3)
    for (int32_t ky = 0; ky < w->k_h; ky++) {
        for (int32_t i = 0; i < pieces; i++) {
            const int8_t *piece = row + i * w->dilation_w * w->in_c;
            if (!direct && !from->inside && bytes <= 16) { /* what is too much is written over */
                vstrbq_s8(to, vldrbq_s8(piece));
                to += bytes;
            } else if (!direct && bytes <= 8) {
                memcpy(to, piece, (size_t)bytes);
                to += bytes;
            } else {
                int8_t *const next = ew_mve_spread(to, piece, bytes, step);
                to = direct ? next : to + bytes;
            }
        }
        row += w->dilation_h * from->pitch;
        row -= row >= limit ? from->rows * from->pitch : 0;
    }
    if (!direct) {
        (void)ew_mve_spread(block, line, 16 * ew_conv_2d_s8_mve_steps(w), 48);
    }
}

/* What the channels of a block of three pixels take. */
typedef struct {
    ew_mve_quads quads;
    ew_mve_quads_run *run;
    const int8_t *weights;
    const int32_t *factors;
    int32_t out_c;
} ew_conv_2d_s8_mve_channels;

EW_INLINE ew_conv_2d_s8_mve_channels ew_conv_2d_s8_mve_channels_of(const ew_conv_2d_s8_mve_shape *s,
                                                                   const int8_t *block,
                                                                   const int8_t *weights,
                                                                   const int32_t *factors) {
    const ew_conv_2d_s8_mve_channels of = {
        ew_mve_quads_of(block, ew_conv_2d_s8_mve_steps(&s->window), s->out_zp, s->act_min,
                        s->act_max),
        ew_mve_quads_run_of(s->rounding, s->act_max - s->act_min == 255), weights, factors,
        s->out_c};
    return of;
}

/* All channels of three pixels. Pixels that are not there have the place of the first. Where
 * channels are no multiple of four, the second four begin among the first: some come twice. */
EW_INLINE void ew_conv_2d_s8_mve_block(ew_conv_2d_s8_mve_channels *of, int8_t *const out[3]) {
    const int32_t more = of->out_c & 3;
    of->quads.end = of->factors + 3 * (more ? 4 : of->out_c);
    if (of->out_c < 4) {
        int8_t four[12];
        int8_t *const at[3] = {four, four + 4, four + 8};
        of->run(&of->quads, of->weights, of->factors, at);
        for (int32_t p = 2; p >= 0; p--) {
            for (int32_t i = 0; i < of->out_c; i++) {
                out[p][i] = four[4 * p + i];
            }
        }
        return;
    }
    of->run(&of->quads, of->weights, of->factors, out);
    if (more) {
        int8_t *const rest[3] = {out[0] + more, out[1] + more, out[2] + more};
        of->quads.end += 3 * (of->out_c - more);
        of->run(&of->quads, of->weights + 64 * of->quads.steps, of->factors + 12, rest);
    }
}

/* An image whose windows are its pixels. */
EW_INLINE void ew_conv_2d_s8_mve_pixels(ew_conv_2d_s8_mve_channels *of, int32_t pixels,
                                        int32_t in_c, const int8_t *input, int8_t *output,
                                        int8_t *scratch) {
    const int32_t out_c = of->out_c;
    for (; pixels > 0; pixels -= 3, output += 3 * out_c) {
        int8_t *const out[3] = {output, output + (pixels > 1 ? out_c : 0),
                                output + (pixels > 2 ? 2 * out_c : 0)};
        for (int32_t p = 0; p < ew_min(3, pixels); p++, input += in_c) {
            (void)ew_mve_spread(scratch + 16 * p, input, in_c, 48);
        }
        ew_conv_2d_s8_mve_block(of, out);
    }
}

/* An image. Scratch: three windows side by side, one more in a line and a vector (unless direct),
 * the ring, and a vector. */
EW_INLINE void ew_conv_2d_s8_mve_image(const ew_conv_2d_s8_mve_shape *s, const int8_t *input,
                                       int8_t *output, const int8_t *weights,
                                       const int32_t *factors, int8_t in_zp, int8_t *scratch) {
    const ew_window window = s->window, *const w = &window; /* stays in registers */
    ew_conv_2d_s8_mve_channels of = ew_conv_2d_s8_mve_channels_of(s, scratch, weights, factors);
    if (ew_conv_2d_s8_mve_pointwise(w)) {
        ew_conv_2d_s8_mve_pixels(&of, w->out_h * w->out_w, w->in_c, input, output, scratch);
        return;
    }
    const int32_t pixels = w->out_h * w->out_w, window_bytes = 16 * ew_conv_2d_s8_mve_steps(w);
    const int32_t inside = ew_conv_2d_s8_mve_inside(w);
    int8_t *const line = scratch + 3 * window_bytes;
    const ew_conv_2d_s8_mve_source from = {
        inside ? (int8_t *)(uintptr_t)input
               : line + (ew_conv_2d_s8_mve_direct(w) ? 0 : window_bytes + 16),
        inside ? w->in_h : ew_conv_2d_s8_mve_ring_rows(w),
        (inside ? w->in_w : ew_conv_2d_s8_mve_span_w(w)) * w->in_c, inside};
    int32_t column = 0, ox = 0, slot = 0, next = 0, next_slot = 0,
            end = (w->k_h - 1) * w->dilation_h + 1;
    for (int32_t pixel = 0; pixel < pixels; pixel += 3, output += 3 * of.out_c) {
        int8_t *const out[3] = {output, output + (pixel + 1 < pixels ? of.out_c : 0),
                                output + (pixel + 2 < pixels ? 2 * of.out_c : 0)};
        for (int32_t p = 0; p < 3 && pixel + p < pixels; p++) {
            for (; !inside && next < end; next++) {
                ew_conv_2d_s8_mve_load(w, input, next - w->pad_top,
                                       from.ring + next_slot * from.pitch, in_zp);
                next_slot = next_slot + 1 == from.rows ? 0 : next_slot + 1;
            }
            ew_conv_2d_s8_mve_gather(w, &from, from.ring + slot * from.pitch + column,
                                     from.ring + from.rows * from.pitch + column, scratch + 16 * p,
                                     line);
            column += w->stride_w * w->in_c;
            if (++ox == w->out_w) {
                ox = column = 0;
                end += w->stride_h;
                slot += w->stride_h;
                slot -= !inside && slot >= from.rows ? from.rows : 0;
            }
        }
        ew_conv_2d_s8_mve_block(&of, out);
    }
}

/*
 * input [batches][in_h][in_w][in_c], output [batches][out_h][out_w][out_c]. `weights` for each four
 * channels as ew_mve_quad_run takes them, rows filled up with zeros; factors [bias, multiplier,
 * shift][4] for each four channels. scratch: see _mve_conv.scratch_bytes. See Conv2D.overlap for
 * how input and output may overlap.
 */
EW_INLINE void ew_conv_2d_s8_mve(const ew_conv_2d_s8_mve_shape *s, const int8_t *input,
                                 int8_t *output, const int8_t *weights, const int32_t *factors,
                                 int32_t in_zp, int8_t *scratch) {
    const ew_window *w = &s->window;
    for (int32_t b = 0; b < s->batches; b++) {
        ew_conv_2d_s8_mve_image(s, input, output, weights, factors, (int8_t)in_zp, scratch);
        input += w->in_h * w->in_w * w->in_c;
        output += w->out_h * w->out_w * s->out_c;
    }
}

#endif
