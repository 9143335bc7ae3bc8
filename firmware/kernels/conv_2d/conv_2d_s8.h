/* SPDX-License-Identifier: Apache-2.0 */
/* What the variants of int8 CONV_2D share. */
#ifndef EW_CONV_2D_S8_H
#define EW_CONV_2D_S8_H

#include "ew_requant.h"
#include "window_s8.h"

typedef struct {
    int32_t batches;
    ew_window window;
    int32_t out_c;
    int32_t groups;        /* divides in_c and out_c */
    int32_t short_requant; /* 1 if ew_requantize_short holds for every channel */
} ew_conv_2d_s8_shape;

#endif
