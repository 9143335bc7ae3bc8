/* SPDX-License-Identifier: Apache-2.0 */
/* What kernels of one signal operator for several types share. */
#ifndef EW_SIGNAL_H
#define EW_SIGNAL_H

#include "ew_kernel.h"

typedef struct {
    int32_t streams, frames; /* frames of a call */
    int32_t size, step;      /* of a frame, and from one to the next */
} ew_signal_overlap_add_shape;

#endif
