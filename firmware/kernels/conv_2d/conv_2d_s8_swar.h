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
    int32_t gathered; /* whether rows of windows that reach over the border are copied first */
    int32_t finish;   /* EW_SWAR_SATURATE, _CLAMP or _ANY, see ew_swar.h */
    int32_t ties;     /* see ew_swar_finish */
} ew_conv_2d_s8_swar_shape;

typedef struct {
    int32_t low, high;
} ew_conv_2d_s8_swar_range;

/* Four pixels: the first rows and columns of their windows. */
typedef struct {
    int32_t y[4], x[4];
} ew_conv_2d_s8_swar_places;

/* Bytes of a row of a window. */
EW_INLINE int32_t ew_conv_2d_s8_swar_row(const ew_window *w) {
    return w->k_w * w->in_c;
}

/* Rows of windows. Those that reach over the border to the left or right, or have gaps, are copied
 * to the place of their pixel behind `padding` first. */
EW_INLINE void ew_conv_2d_s8_swar_rows(const ew_window *w, const int8_t *image, int8_t *padding,
                                       const ew_conv_2d_s8_swar_places *at, uint32_t *block) {
    const int32_t bytes = ew_conv_2d_s8_swar_row(w), pitch = w->in_w * w->in_c;
    for (int32_t ky = 0; ky < w->k_h * w->dilation_h; ky += w->dilation_h) {
        const int8_t *from[4];
        for (int32_t p = 0; p < 4; p++) {
            const int32_t y = at->y[p] + ky, x = at->x[p];
            if (y < 0 || y >= w->in_h) {
                from[p] = padding;
            } else if (w->dilation_w == 1 && x >= 0 && x + w->k_w <= w->in_w) {
                from[p] = image + y * pitch + x * w->in_c;
            } else {
                int8_t *const copy = padding + (p + 1) * bytes;
                ew_gather_row(w, image + y * pitch, copy, x, w->in_c, *padding);
                from[p] = copy;
            }
        }
        block = ew_swar_widen(block, from, bytes);
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

/* Windows that lie inside the image: rows of each are `pitch` bytes apart. */
EW_INLINE void ew_conv_2d_s8_swar_inside(const ew_window *w, const int8_t *image,
                                         const ew_conv_2d_s8_swar_places *at, uint32_t *block) {
    const int32_t bytes = ew_conv_2d_s8_swar_row(w), pitch = w->in_w * w->in_c;
    const int32_t row = pitch * w->dilation_h;
    const int8_t *from[4];
    EW_UNROLL(4)
    for (int32_t p = 0; p < 4; p++) {
        from[p] = image + at->y[p] * pitch + at->x[p] * w->in_c;
    }
    for (int32_t ky = 0; ky < w->k_h; ky++) {
        block = ew_swar_widen(block, from, bytes);
        EW_UNROLL(4)
        for (int32_t p = 0; p < 4; p++) {
            from[p] += row;
        }
    }
}

/* Where a window may begin so that it lies inside. */
typedef struct {
    uint32_t y, x;
} ew_conv_2d_s8_swar_room;

EW_INLINE ew_conv_2d_s8_swar_room ew_conv_2d_s8_swar_room_of(const ew_window *w) {
    const int32_t high = w->in_h - (w->k_h - 1) * w->dilation_h, wide = w->in_w - w->k_w + 1;
    const ew_conv_2d_s8_swar_room room = {(uint32_t)ew_max(high, 0),
                                          w->dilation_w == 1 ? (uint32_t)ew_max(wide, 0) : 0U};
    return room;
}

/* The windows of the next four pixels to a block; (y, x) is the output's first, and stepped. What
 * comes after the last pixel is computed and not written. */
EW_INLINE void ew_conv_2d_s8_swar_fill(const ew_conv_2d_s8_swar_shape *s,
                                       const ew_conv_2d_s8_swar_room *room, const int8_t *image,
                                       int8_t *padding, int32_t *y, int32_t *x, uint32_t *block) {
    const ew_window *w = &s->window;
    ew_conv_2d_s8_swar_places at;
    int32_t above = *y * w->stride_h - w->pad_top, left = *x * w->stride_w - w->pad_left;
    int32_t inside = 1, whole = 1;
    EW_UNROLL(4)
    for (int32_t p = 0; p < 4; p++) {
        at.y[p] = above;
        at.x[p] = left;
        whole &= (uint32_t)left < room->x;
        inside &= (uint32_t)above < room->y;
        left += w->stride_w;
        if (++*x == w->out_w) {
            *x = 0;
            left = -w->pad_left;
            if (*y < w->out_h - 1) {
                ++*y;
                above += w->stride_h;
            }
        }
    }
    if (whole & inside) {
        ew_conv_2d_s8_swar_inside(w, image, &at, block);
    } else if (whole || s->gathered) {
        ew_conv_2d_s8_swar_rows(w, image, padding, &at, block);
    } else {
        ew_conv_2d_s8_swar_taps(w, image, padding, &at, block);
    }
}

/* Four pixels of a pointwise layer, `left` of which are there. */
EW_INLINE void ew_conv_2d_s8_swar_points(const int8_t *pixel, int32_t in_c, int32_t left,
                                         uint32_t *block) {
    const int8_t *const from[4] = {pixel, pixel + (left > 1 ? in_c : 0),
                                   pixel + (left > 2 ? 2 * in_c : 0),
                                   pixel + (left > 3 ? 3 * in_c : 0)};
    ew_swar_widen(block, from, in_c);
}

/* All channels of a block of any number of segments, with any factors. */
EW_INLINE void ew_conv_2d_s8_swar_any(const ew_conv_2d_s8_swar_shape *s,
                                      const ew_swar_block_of *of) {
    ew_swar_block_of part = *of;
    for (int32_t c = 0; c < s->out_c; c++, part.stream += 4) {
        ew_swar_sums sums = {{0, 0, 0, 0}};
        for (int32_t i = 0; i < s->segments; i++) {
            ew_swar_sums more;
            part.block = of->block + 8 * s->groups * i;
            part.end = part.block + 8 * s->groups;
            part.stream = ew_swar_dot(&part, &more);
            for (int32_t p = 0; p < 4; p++) {
                sums.of[p] += more.of[p];
            }
        }
        const int32_t *const factors = (const int32_t *)part.stream;
        if (s->finish == EW_SWAR_ANY) {
            ew_swar_finish_any(&sums, factors);
        } else {
            ew_swar_finish_plain(&sums, factors, s->ties);
        }
        for (int32_t p = 3; p >= 0; p--) {
            of->out[c + (p ? of->step[p - 1] : 0)] =
                (int8_t)ew_clamp(sums.of[p], INT8_MIN, INT8_MAX);
        }
    }
}

/* All that a call does. blocks: which function of ew_swar.h computes a block; no pointer to it, for
 * which stack could not be counted. */
EW_INLINE void ew_conv_2d_s8_swar_image(const ew_conv_2d_s8_swar_shape *s, const int8_t *input,
                                        int8_t *output, const int32_t *stream, int32_t in_zp,
                                        const ew_conv_2d_s8_swar_range *range, uint32_t *scratch,
                                        ew_swar_blocks blocks) {
    const ew_window *w = &s->window;
    const int32_t pixels = w->out_h * w->out_w, words = 8 * s->segments * s->groups;
    const int32_t points = w->in_h == 1 && w->k_h == 1 && w->k_w == 1 && w->in_w == pixels;
    int8_t *const padding = (int8_t *)(scratch + words);
    memset(scratch, 0, (size_t)words * 4);
    memset(padding, in_zp, (size_t)ew_conv_2d_s8_swar_row(w));
    ew_swar_block_of of = {scratch,
                           scratch + words,
                           EW_SWAR_SKIP(s->groups),
                           (const uint32_t *)stream,
                           output,
                           {s->out_c, 2 * s->out_c, 3 * s->out_c},
                           0};
    const ew_conv_2d_s8_swar_room room = ew_conv_2d_s8_swar_room_of(w);
    int32_t y = 0, x = 0;
    for (int32_t left = pixels; left > 0; left -= 4) {
        if (points) {
            ew_conv_2d_s8_swar_points(input + (pixels - left) * w->in_c, w->in_c, left, scratch);
        } else {
            ew_conv_2d_s8_swar_fill(s, &room, input, padding, &y, &x, scratch);
        }
        if (left < 4) {
            of.step[0] = left > 1 ? of.step[0] : 0;
            of.step[1] = left > 2 ? of.step[1] : 0;
            of.step[2] = 0;
        }
        const int32_t bytes = ew_min(left, 4) * s->out_c;
        of.out_end = of.out + s->out_c;
        if (blocks == EW_SWAR_BLOCKS) {
            ew_swar_block(&of);
        } else if (blocks == EW_SWAR_BLOCKS_TIES) {
            ew_swar_block_ties(&of);
        } else {
            ew_conv_2d_s8_swar_any(s, &of);
        }
        if (s->finish != EW_SWAR_SATURATE) {
            for (int32_t i = 0; i < bytes; i++) {
                of.out[i] = (int8_t)ew_clamp(of.out[i], range->low, range->high);
            }
        }
        of.out += bytes;
    }
}

EW_INLINE void ew_conv_2d_s8_swar_batches(const ew_conv_2d_s8_swar_shape *s, const int8_t *input,
                                          int8_t *output, const int32_t *stream, int32_t in_zp,
                                          const ew_conv_2d_s8_swar_range *range, uint32_t *scratch,
                                          ew_swar_blocks blocks) {
    const ew_window *w = &s->window;
    for (int32_t b = 0; b < s->batches; b++) {
        ew_conv_2d_s8_swar_image(s, input, output, stream, in_zp, range, scratch, blocks);
        input += w->in_h * w->in_w * w->in_c;
        output += w->out_h * w->out_w * s->out_c;
    }
}

EW_SHARED void ew_conv_2d_s8_swar_shared(const ew_conv_2d_s8_swar_shape *s, const int8_t *input,
                                         int8_t *output, const int32_t *stream, int32_t in_zp,
                                         const ew_conv_2d_s8_swar_range *range, uint32_t *scratch,
                                         int32_t ties) {
    ew_conv_2d_s8_swar_batches(s, input, output, stream, in_zp, range, scratch,
                               ties ? EW_SWAR_BLOCKS_TIES : EW_SWAR_BLOCKS);
}

EW_SHARED void ew_conv_2d_s8_swar_shared_any(const ew_conv_2d_s8_swar_shape *s, const int8_t *input,
                                             int8_t *output, const int32_t *stream, int32_t in_zp,
                                             const ew_conv_2d_s8_swar_range *range,
                                             uint32_t *scratch) {
    ew_conv_2d_s8_swar_batches(s, input, output, stream, in_zp, range, scratch, EW_SWAR_NO_BLOCKS);
}

/*
 * input [batches][in_h][in_w][in_c], output [batches][out_h][out_w][out_c]. stream: for each
 * channel its weights as ew_swar.h has them (for each segment), then factors as ew_swar_finish
 * takes them. scratch: 32 bytes for each group, and k_w * in_c bytes of padding, five times as many
 * when `gathered`. See Conv2D.overlap for how input and output may overlap.
 */
EW_INLINE void ew_conv_2d_s8_swar(const ew_conv_2d_s8_swar_shape *s, const int8_t *input,
                                  int8_t *output, const int32_t *stream, int32_t in_zp,
                                  int32_t act_min, int32_t act_max, uint32_t *scratch) {
    const ew_conv_2d_s8_swar_range range = {act_min, act_max};
    if (s->finish == EW_SWAR_ANY || s->segments > 1) {
        ew_conv_2d_s8_swar_shared_any(s, input, output, stream, in_zp, &range, scratch);
    } else {
        ew_conv_2d_s8_swar_shared(s, input, output, stream, in_zp, &range, scratch, s->ties);
    }
}

#endif
