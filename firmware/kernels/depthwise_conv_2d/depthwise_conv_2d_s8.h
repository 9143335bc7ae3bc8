/* SPDX-License-Identifier: Apache-2.0 */
/* What the variants of int8 DEPTHWISE_CONV_2D share. */
#ifndef EW_DEPTHWISE_CONV_2D_S8_H
#define EW_DEPTHWISE_CONV_2D_S8_H

#include "ew_requant.h"
#include "window_s8.h"

typedef struct {
    int32_t batches;
    ew_window window;
    int32_t multiplier;    /* output channels of each input channel */
    int32_t short_requant; /* 1 if ew_requantize_short holds for every channel */
} ew_depthwise_conv_2d_s8_shape;

#endif
