/* SPDX-License-Identifier: Apache-2.0 */
/* What float32 kernels share. They call libm where a function needs it: link with -lm. */
#ifndef EW_FLOAT_H
#define EW_FLOAT_H

#include <math.h>

#include "ew_kernel.h"

/* The nearest number to x in low..high; not a number stays what it is. */
EW_INLINE float ew_clamp_f32(float x, float low, float high) {
    const float raised = x < low ? low : x;
    return raised > high ? high : raised;
}

#endif
