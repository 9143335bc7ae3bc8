/* SPDX-License-Identifier: Apache-2.0 */
/*
 * int8 CONV_2D for DSP cores: the windows of four output pixels are widened to a block of int16,
 * and `ew_dsp_gemm` computes all channels of the four pixels from it (see ew_dsp_gemm.h for block
 * and weights).
 *
 * Windows are widened straight from the image: four pixels of a row at once where no window reaches
 * over the border, else tap by tap, with a pixel of zero points for what lies outside. Taps whose
 * channels are no multiple of four are read together with what follows, which weights of zero make
 * nothing of; the last pixel of the image, which nothing follows, is copied first. That code is
 * shared by all layers.
 *
 * Windows of few channels, as a rule of first layers, are gathered to rows of bytes first, so that
 * nine taps of three channels are 28 values and not 36; that code is made for the one shape.
 */
#ifndef EW_CONV_2D_S8_DSP_H
#define EW_CONV_2D_S8_DSP_H

#include "ew_dsp_gemm.h"
#include "window_s8.h"

typedef struct {
    ew_window window;
    int32_t batches;
    int32_t out_c;
    int32_t depth;  /* values of a window in the block, a multiple of 4 */
    int32_t used;   /* of them, in the order of the block: even, all where pixels are left over */
    int32_t stream; /* words of the stream */
    int32_t gathered;
    int32_t relu; /* which of the two functions the stream is for */
    int32_t act_min, act_max;
} ew_conv_2d_s8_dsp_shape;

/* Scratch: 8 * depth bytes of block, then 4 * depth + 4 of gathered windows, or a pixel of zero
   points and, if in_c is no multiple of 4, one for the last of the image, each in whole words. */
typedef struct {
    int16_t *block;
    int8_t *bytes;
    int8_t *last;
} ew_conv_2d_s8_dsp_scratch;

/* Four pixels of one row whose windows lie inside the image from left to right. */
EW_INLINE void ew_conv_2d_s8_dsp_inside(const ew_window *w, const int8_t *image,
                                        const int8_t *padding, int32_t y, int32_t x,
                                        int16_t *block) {
    const int32_t step = w->stride_w * w->in_c, row_quads = w->k_w * (w->in_c / 4);
    for (int32_t ky = 0; ky < w->k_h; ky++, y += w->dilation_h) {
        const int8_t *row = image + (y * w->in_w + x) * w->in_c;
        const int8_t *from[4] = {row, row + step, row + 2 * step, row + 3 * step};
        if (y >= 0 && y < w->in_h) {
            block = ew_dsp_widen4(block, from, row_quads);
            continue;
        }
        from[0] = from[1] = from[2] = from[3] = padding;
        for (int32_t kx = 0; kx < w->k_w; kx++) {
            block = ew_dsp_widen4(block, from, w->in_c / 4);
        }
    }
}

/* Any four pixels, tap by tap. */
EW_INLINE void ew_conv_2d_s8_dsp_taps(const ew_window *w, const int8_t *image,
                                      const ew_conv_2d_s8_dsp_scratch *to, const int32_t y[4],
                                      const int32_t x[4]) {
    const int32_t last = w->in_c % 4 == 0 ? -1 : w->in_h * w->in_w - 1;
    int16_t *block = to->block;
    for (int32_t ky = 0; ky < w->k_h * w->dilation_h; ky += w->dilation_h) {
        for (int32_t kx = 0; kx < w->k_w * w->dilation_w; kx += w->dilation_w) {
            const int8_t *from[4];
            for (int32_t p = 0; p < 4; p++) {
                const int32_t in_y = y[p] + ky, in_x = x[p] + kx;
                const int32_t inside =
                    (uint32_t)in_y < (uint32_t)w->in_h && (uint32_t)in_x < (uint32_t)w->in_w;
                const int32_t pixel = in_y * w->in_w + in_x;
                from[p] = !inside ? to->bytes : pixel == last ? to->last : image + pixel * w->in_c;
            }
            block = ew_dsp_widen4(block, from, (w->in_c + 3) / 4);
        }
    }
}

/* The windows of `count` pixels from output pixel (oy, ox) on, in raster order; the rest of the
 * block repeats the last. */
EW_INLINE void ew_conv_2d_s8_dsp_fill(const ew_window *w, const int8_t *image, int32_t oy,
                                      int32_t ox, int32_t count,
                                      const ew_conv_2d_s8_dsp_scratch *to) {
    const int32_t y0 = oy * w->stride_h - w->pad_top, x0 = ox * w->stride_w - w->pad_left;
    int32_t y[4], x[4];
    if (w->in_c % 4 == 0 && w->dilation_w == 1 && count == 4 && ox + 3 < w->out_w && x0 >= 0 &&
        x0 + 3 * w->stride_w + w->k_w <= w->in_w) {
        ew_conv_2d_s8_dsp_inside(w, image, to->bytes, y0, x0, to->block);
        return;
    }
    for (int32_t p = 0; p < 4; p++) {
        y[p] = oy * w->stride_h - w->pad_top;
        x[p] = ox * w->stride_w - w->pad_left;
        if (p + 1 < count && ++ox == w->out_w) {
            ox = 0;
            oy++;
        }
    }
    ew_conv_2d_s8_dsp_taps(w, image, to, y, x);
}

/*
 * A row of a window whose pixels are not dilated, `size` bytes from place x0 on. May write 3 bytes
 * more, and read as many where they belong to the image.
 */
EW_INLINE void ew_conv_2d_s8_dsp_row(const ew_window *w, const int8_t *image, int8_t *patch,
                                     int32_t y, int32_t x0, int8_t padding) {
    const int32_t size = w->k_w * w->in_c, words = (size + 3) / 4 * 4,
                  bytes = w->in_h * w->in_w * w->in_c;
    const int32_t from = (y * w->in_w + x0) * w->in_c;
    const int32_t left = ew_clamp(-x0, 0, w->k_w) * w->in_c,
                  right = ew_clamp(w->in_w - x0, 0, w->k_w) * w->in_c;
    if ((uint32_t)y >= (uint32_t)w->in_h) {
        memset(patch, padding, (size_t)size);
        return;
    }
    if (from >= 0 && from <= bytes - words) {
        memcpy(patch, image + from, (size_t)words);
    } else {
        for (int32_t i = left; i < right; i++) {
            patch[i] = image[from + i];
        }
    }
    for (int32_t i = 0; i < left; i++) {
        patch[i] = padding;
    }
    for (int32_t i = right; i < size; i++) {
        patch[i] = padding;
    }
}

/* Whether the windows of four pixels of one row lie inside the image, and what may be read of it in
 * whole words, too; (y0, x0) is the first pixel of the first. */
EW_INLINE int32_t ew_conv_2d_s8_dsp_is_inside(const ew_window *w, int32_t y0, int32_t x0) {
    const int32_t words = (w->k_w * w->in_c + 3) / 4 * 4;
    const int32_t y1 = y0 + (w->k_h - 1) * w->dilation_h, x3 = x0 + 3 * w->stride_w;
    return w->dilation_w == 1 && y0 >= 0 && x0 >= 0 && y1 < w->in_h && x3 + w->k_w <= w->in_w &&
           (y1 * w->in_w + x3) * w->in_c + words <= w->in_h * w->in_w * w->in_c;
}

/* Their rows of bytes. A row may write 3 bytes more, which the next one overwrites. */
EW_INLINE void ew_conv_2d_s8_dsp_rows(const ew_window *w, const int8_t *first, int32_t depth,
                                      int8_t *patch) {
    const int32_t size = w->k_w * w->in_c, words = (size + 3) / 4 * 4;
    EW_UNROLL(4)
    for (int32_t p = 0; p < 4; p++, patch += depth, first += w->stride_w * w->in_c) {
        EW_UNROLL(4)
        for (int32_t ky = 0; ky < w->k_h; ky++) {
            memcpy(patch + ky * size, first + ky * w->dilation_h * w->in_w * w->in_c,
                   (size_t)words);
        }
    }
}

/* The rows of a window at any place. */
EW_INLINE void ew_conv_2d_s8_dsp_patch(const ew_window *w, const int8_t *image, int8_t *patch,
                                       int32_t oy, int32_t ox, int32_t in_zp) {
    if (w->dilation_w > 1) {
        ew_gather(w, image, patch, oy, ox, w->in_c, (int8_t)in_zp);
        return;
    }
    for (int32_t ky = 0; ky < w->k_h; ky++) {
        ew_conv_2d_s8_dsp_row(w, image, patch + ky * w->k_w * w->in_c,
                              oy * w->stride_h - w->pad_top + ky * w->dilation_h,
                              ox * w->stride_w - w->pad_left, (int8_t)in_zp);
    }
}

/* The same by way of rows of bytes. */
EW_INLINE void ew_conv_2d_s8_dsp_gather(const ew_conv_2d_s8_dsp_shape *s, const int8_t *image,
                                        int32_t oy, int32_t ox, int32_t count, int32_t in_zp,
                                        const ew_conv_2d_s8_dsp_scratch *to) {
    const ew_window *w = &s->window;
    const int8_t *from[4] = {to->bytes, to->bytes + s->depth, to->bytes + 2 * s->depth,
                             to->bytes + 3 * s->depth};
    const int32_t y0 = oy * w->stride_h - w->pad_top, x0 = ox * w->stride_w - w->pad_left;
    if (count == 4 && ox + 3 < w->out_w && ew_conv_2d_s8_dsp_is_inside(w, y0, x0)) {
        ew_conv_2d_s8_dsp_rows(w, image + (y0 * w->in_w + x0) * w->in_c, s->depth, to->bytes);
    } else {
        for (int32_t p = 0; p < 4; p++) {
            ew_conv_2d_s8_dsp_patch(w, image, to->bytes + p * s->depth, oy, ox, in_zp);
            if (p + 1 < count && ++ox == w->out_w) {
                ox = 0;
                oy++;
            }
        }
    }
    (void)ew_dsp_widen4(to->block, from, s->depth / 4);
}

/* All channels of the `count` pixels whose windows are in the block. */
EW_INLINE void ew_conv_2d_s8_dsp_pixels(const ew_conv_2d_s8_dsp_shape *s, const int32_t *stream,
                                        int8_t *output, int32_t count, const int16_t *block) {
    ew_dsp_gemm g = {block, 8 * s->used, output, s->out_c, stream, stream + s->stream};
    if (count == 4) {
        if (s->relu) {
            ew_dsp_gemm_relu(&g);
        } else {
            ew_dsp_gemm_linear(&g);
        }
    }
    for (int32_t p = count == 4 ? 4 : 0; p < count; p++, g.block += 2, g.out += s->out_c) {
        if (s->relu) {
            ew_dsp_gemm_one_relu(&g);
        } else {
            ew_dsp_gemm_one_linear(&g);
        }
    }
    ew_clamp_if_needed(output, count * s->out_c, s->act_min, s->act_max);
}

EW_INLINE void ew_conv_2d_s8_dsp_image(const ew_conv_2d_s8_dsp_shape *s, const int8_t *image,
                                       int8_t *output, const int32_t *stream, int32_t in_zp,
                                       const ew_conv_2d_s8_dsp_scratch *scratch, int32_t gathered) {
    const ew_window *w = &s->window;
    int32_t oy = 0, ox = 0;
    for (int32_t left = w->out_h * w->out_w; left > 0; left -= 4, output += 4 * s->out_c) {
        const int32_t count = ew_min(left, 4);
        if (!gathered) {
            ew_conv_2d_s8_dsp_fill(w, image, oy, ox, count, scratch);
        } else {
            ew_conv_2d_s8_dsp_gather(s, image, oy, ox, count, in_zp, scratch);
        }
        ew_conv_2d_s8_dsp_pixels(s, stream, output, count, scratch->block);
        for (ox += 4; ox >= w->out_w; ox -= w->out_w) {
            oy++;
        }
    }
}

/* `gathered` as in the shape, but a constant: the compiler leaves out the other way. */
EW_INLINE void ew_conv_2d_s8_dsp_batches(const ew_conv_2d_s8_dsp_shape *s, const int8_t *input,
                                         int8_t *output, const int32_t *stream, int32_t in_zp,
                                         int8_t *scratch, int32_t gathered) {
    const ew_window *w = &s->window;
    const int32_t in_bytes = w->in_h * w->in_w * w->in_c, room = (w->in_c + 3) / 4 * 4;
    int8_t *const bytes = scratch + 8 * s->depth;
    const ew_conv_2d_s8_dsp_scratch places = {(int16_t *)(void *)scratch, bytes, bytes + room};
    for (int32_t b = 0; b < s->batches; b++, input += in_bytes) {
        if (!gathered) {
            memset(places.bytes, in_zp, (size_t)room);
        }
        if (!gathered && w->in_c % 4 != 0) {
            memcpy(places.last, input + in_bytes - w->in_c, (size_t)w->in_c);
        }
        ew_conv_2d_s8_dsp_image(s, input, output, stream, in_zp, &places, gathered);
        output += w->out_h * w->out_w * s->out_c;
    }
}

EW_SHARED void ew_conv_2d_s8_dsp_shared(const ew_conv_2d_s8_dsp_shape *s, const int8_t *input,
                                        int8_t *output, const int32_t *stream, int32_t in_zp,
                                        int8_t *scratch) {
    ew_conv_2d_s8_dsp_batches(s, input, output, stream, in_zp, scratch, 0);
}

/*
 * input [batches][in_h][in_w][in_c], output [batches][out_h][out_w][out_c]; each may be at any
 * address. The windows of four pixels are read whole before the pixels are written.
 */
EW_INLINE void ew_conv_2d_s8_dsp(const ew_conv_2d_s8_dsp_shape *s, const int8_t *input,
                                 int8_t *output, const int32_t *weights, int32_t in_zp,
                                 int8_t *scratch) {
    if (!s->gathered) {
        ew_conv_2d_s8_dsp_shared(s, input, output, weights, in_zp, scratch);
    } else {
        ew_conv_2d_s8_dsp_batches(s, input, output, weights, in_zp, scratch, 1);
    }
}

#endif
