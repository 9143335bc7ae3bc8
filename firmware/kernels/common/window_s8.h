/* SPDX-License-Identifier: Apache-2.0 */
/* Windows that slide over an image of bytes, rows of pixels of channels: what convolutions and
 * pooling share. */
#ifndef EW_WINDOW_S8_H
#define EW_WINDOW_S8_H

#include "ew_kernel.h"

/* Where a window lies. Sizes and strides are >= 1; padding is what lies before the first row and
 * column. */
typedef struct {
    int32_t in_h, in_w, in_c;
    int32_t out_h, out_w;
    int32_t k_h, k_w;
    int32_t stride_h, stride_w;
    int32_t dilation_h, dilation_w;
    int32_t pad_top, pad_left;
} ew_window;

EW_INLINE void ew_gather_row(const ew_window *w, const int8_t *row, int8_t *patch, int32_t x0,
                             int32_t channels, int8_t padding) {
    for (int32_t kx = 0; kx < w->k_w; kx++) {
        const int32_t x = x0 + kx * w->dilation_w;
        if (x < 0 || x >= w->in_w) {
            memset(patch + kx * channels, padding, (size_t)channels);
        } else {
            ew_copy(patch + kx * channels, row + x * w->in_c, channels);
        }
    }
}

/*
 * Copies the window of output pixel (oy, ox) to `patch`: k_h x k_w x channels bytes, `padding`
 * where it lies outside. `image` points at the first of the `channels` channels to take.
 */
EW_INLINE void ew_gather(const ew_window *w, const int8_t *image, int8_t *patch, int32_t oy,
                         int32_t ox, int32_t channels, int8_t padding) {
    const int32_t row_bytes = w->k_w * channels;
    const int32_t y0 = oy * w->stride_h - w->pad_top;
    const int32_t x0 = ox * w->stride_w - w->pad_left;
    const int32_t whole =
        channels == w->in_c && w->dilation_w == 1 && x0 >= 0 && x0 + w->k_w <= w->in_w;
    for (int32_t ky = 0; ky < w->k_h; ky++, patch += row_bytes) {
        const int32_t y = y0 + ky * w->dilation_h;
        const int8_t *row = image + y * w->in_w * w->in_c;
        if (y < 0 || y >= w->in_h) {
            memset(patch, padding, (size_t)row_bytes);
        } else if (whole) {
            ew_copy(patch, row + x0 * w->in_c, row_bytes);
        } else {
            ew_gather_row(w, row, patch, x0, channels, padding);
        }
    }
}

#endif
