/* SPDX-License-Identifier: Apache-2.0 */
/*
 * int16 CONV_2D with int8 weights for DSP cores: the windows of four output pixels are brought side
 * by side in a block, and `ew_dsp_gemm_s16` computes all channels of the four pixels from it (see
 * ew_dsp_gemm_s16.h for block and weights).
 *
 * A row of a window is read where it lies: values k_w * in_c of neighbouring pixels, and one more
 * where that is odd, which a weight of zero makes nothing of. Rows that reach over the border, are
 * dilated, or would be read beyond the image, are made in scratch first. The code is shared by all
 * layers.
 */
#ifndef EW_CONV_2D_S16_DSP_H
#define EW_CONV_2D_S16_DSP_H

#include "ew_dsp_gemm_s16.h"
#include "window_s8.h"

typedef struct {
    ew_window window;
    int32_t batches;
    int32_t out_c;
    int32_t stream; /* words of the stream */
    int32_t made;   /* whether rows of windows are made in scratch */
    int32_t relu;   /* act_min is 0 */
    int32_t act_min, act_max;
} ew_conv_2d_s16_dsp_shape;

/* Scratch: the block, 4 * row * k_h values, then, if `made`, rows of four pixels; `row` is k_w *
 * in_c, rounded up to even. */
typedef struct {
    int16_t *block;
    int16_t *rows;
    int32_t row;
} ew_conv_2d_s16_dsp_scratch;

/* A row of a window from place (y, x) on, with zeros where it lies outside. */
EW_INLINE void ew_conv_2d_s16_dsp_made(const ew_window *w, const int16_t *image, int16_t *row,
                                       int32_t y, int32_t x) {
    const int32_t values = w->k_w * w->in_c;
    if ((uint32_t)y >= (uint32_t)w->in_h) {
        memset(row, 0, (size_t)(2 * values));
        return;
    }
    for (int32_t kx = 0; kx < w->k_w; kx++, x += w->dilation_w, row += w->in_c) {
        if ((uint32_t)x < (uint32_t)w->in_w) {
            ew_copy((int8_t *)row, (const int8_t *)(image + (y * w->in_w + x) * w->in_c),
                    2 * w->in_c);
        } else {
            memset(row, 0, (size_t)(2 * w->in_c));
        }
    }
}

/* Where a row of a window from place (y, x) on can be read: in the image, or in `made`. */
EW_INLINE const int16_t *ew_conv_2d_s16_dsp_row(const ew_window *w, const int16_t *image,
                                                int16_t *made, int32_t y, int32_t x, int32_t row) {
    const int32_t start = (y * w->in_w + x) * w->in_c;
    if ((uint32_t)y < (uint32_t)w->in_h && x >= 0 && x + w->k_w <= w->in_w && w->dilation_w == 1 &&
        start + row <= w->in_h * w->in_w * w->in_c) {
        return image + start;
    }
    ew_conv_2d_s16_dsp_made(w, image, made, y, x);
    return made;
}

/* The windows of `count` pixels from output pixel (oy, ox) on, in raster order; the rest of the
 * block repeats the last. */
EW_INLINE void ew_conv_2d_s16_dsp_fill(const ew_window *w, const int16_t *image, int32_t oy,
                                       int32_t ox, int32_t count,
                                       const ew_conv_2d_s16_dsp_scratch *to) {
    int32_t y[4], x[4];
    for (int32_t p = 0; p < 4; p++) {
        y[p] = oy * w->stride_h - w->pad_top;
        x[p] = ox * w->stride_w - w->pad_left;
        if (p + 1 < count && ++ox == w->out_w) {
            ox = 0;
            oy++;
        }
    }
    int16_t *block = to->block;
    for (int32_t ky = 0; ky < w->k_h * w->dilation_h; ky += w->dilation_h) {
        const int16_t *from[4];
        for (int32_t p = 0; p < 4; p++) {
            from[p] =
                ew_conv_2d_s16_dsp_row(w, image, to->rows + p * to->row, y[p] + ky, x[p], to->row);
        }
        block = ew_dsp_interleave4(block, from, to->row / 2);
    }
}

/* All channels of the `count` pixels whose windows are in the block. */
EW_INLINE void ew_conv_2d_s16_dsp_pixels(const ew_conv_2d_s16_dsp_shape *s, const int32_t *stream,
                                         int16_t *output, int32_t count,
                                         const ew_conv_2d_s16_dsp_scratch *scratch) {
    ew_dsp_gemm_s16 g = {scratch->block, 8 * s->window.k_h * scratch->row,
                         output,         2 * s->out_c,
                         stream,         stream + s->stream};
    if (count == 4) {
        if (s->relu) {
            ew_dsp_gemm_s16_relu(&g);
        } else {
            ew_dsp_gemm_s16_linear(&g);
        }
    }
    for (int32_t p = count == 4 ? 4 : 0; p < count; p++, g.block += 2, g.out += s->out_c) {
        if (s->relu) {
            ew_dsp_gemm_s16_one_relu(&g);
        } else {
            ew_dsp_gemm_s16_one_linear(&g);
        }
    }
    ew_clamp_s16_if_needed(output, count * s->out_c, s->act_min, s->act_max);
}

EW_SHARED void ew_conv_2d_s16_dsp_shared(const ew_conv_2d_s16_dsp_shape *s, const int16_t *input,
                                         int16_t *output, const int32_t *stream, int8_t *scratch) {
    const ew_window *w = &s->window;
    const int32_t row = (w->k_w * w->in_c + 1) / 2 * 2;
    int16_t *const block = (int16_t *)(void *)scratch;
    const ew_conv_2d_s16_dsp_scratch places = {block, block + 4 * w->k_h * row, row};
    if (s->made) {
        memset(places.rows, 0, (size_t)(8 * row)); /* what follows an odd number of values */
    }
    for (int32_t b = 0; b < s->batches; b++, input += w->in_h * w->in_w * w->in_c) {
        int32_t oy = 0, ox = 0;
        for (int32_t left = w->out_h * w->out_w; left > 0; left -= 4) {
            const int32_t count = ew_min(left, 4);
            ew_conv_2d_s16_dsp_fill(w, input, oy, ox, count, &places);
            ew_conv_2d_s16_dsp_pixels(s, stream, output, count, &places);
            output += count * s->out_c;
            for (ox += 4; ox >= w->out_w; ox -= w->out_w) {
                oy++;
            }
        }
    }
}

/*
 * input [batches][in_h][in_w][in_c], output [batches][out_h][out_w][out_c]. The windows of four
 * pixels are read whole before the pixels are written.
 */
EW_INLINE void ew_conv_2d_s16_dsp(const ew_conv_2d_s16_dsp_shape *s, const int16_t *input,
                                  int16_t *output, const int32_t *weights, int8_t *scratch) {
    ew_conv_2d_s16_dsp_shared(s, input, output, weights, scratch);
}

#endif
