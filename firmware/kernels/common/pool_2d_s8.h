/* SPDX-License-Identifier: Apache-2.0 */
/* What int8 pooling kernels share. */
#ifndef EW_POOL_2D_S8_H
#define EW_POOL_2D_S8_H

#include "window_s8.h"

typedef struct {
    int32_t batches;
    ew_window window; /* dilations are 1 */
} ew_pool_2d_s8_shape;

/* Rows y0..y1-1 and columns x0..x1-1 of the image. */
typedef struct {
    int32_t y0, y1, x0, x1;
} ew_pool_area;

/* Whether all windows lie inside the image: their size is a constant then. */
EW_INLINE int32_t ew_pool_2d_s8_is_inside(const ew_window *w) {
    return w->pad_top == 0 && w->pad_left == 0 &&
           (w->out_h - 1) * w->stride_h + w->k_h <= w->in_h &&
           (w->out_w - 1) * w->stride_w + w->k_w <= w->in_w;
}

/* The part of an output pixel's window that lies inside the image. */
EW_INLINE ew_pool_area ew_pool_2d_s8_area(const ew_window *w, int32_t pixel) {
    const int32_t y = pixel / w->out_w * w->stride_h - w->pad_top;
    const int32_t x = pixel % w->out_w * w->stride_w - w->pad_left;
    if (ew_pool_2d_s8_is_inside(w)) {
        const ew_pool_area whole = {y, y + w->k_h, x, x + w->k_w};
        return whole;
    }
    const ew_pool_area area = {ew_max(y, 0), ew_min(y + w->k_h, w->in_h), ew_max(x, 0),
                               ew_min(x + w->k_w, w->in_w)};
    return area;
}

#endif
