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

/* The part of an output pixel's window that lies inside the image. */
EW_INLINE ew_pool_area ew_pool_2d_s8_area(const ew_window *w, int32_t pixel) {
    const int32_t y = pixel / w->out_w * w->stride_h - w->pad_top;
    const int32_t x = pixel % w->out_w * w->stride_w - w->pad_left;
    const ew_pool_area area = {ew_max(y, 0), ew_min(y + w->k_h, w->in_h), ew_max(x, 0),
                               ew_min(x + w->k_w, w->in_w)};
    return area;
}

#endif
