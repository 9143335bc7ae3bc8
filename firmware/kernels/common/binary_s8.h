/* SPDX-License-Identifier: Apache-2.0 */
/* How operators with two inputs walk them: four nested loops, with strides of 0 where an input is
 * broadcast. */
#ifndef EW_BINARY_S8_H
#define EW_BINARY_S8_H

#include "ew_requant.h"

typedef struct {
    int32_t n0, n1, n2, n3; /* elements of the output, outermost first */
    int32_t a0, a1, a2, a3; /* step of the first input along each dimension */
    int32_t b0, b1, b2, b3; /* step of the second input */
} ew_binary_s8_shape;

#define EW_BINARY_S8_LOOPS(s)                                                                      \
    for (int32_t i0 = 0; i0 < (s)->n0; i0++)                                                       \
        for (int32_t i1 = 0; i1 < (s)->n1; i1++)                                                   \
            for (int32_t i2 = 0; i2 < (s)->n2; i2++)                                               \
                for (int32_t i3 = 0; i3 < (s)->n3; i3++)
#define EW_BINARY_S8_A(s) (i0 * (s)->a0 + i1 * (s)->a1 + i2 * (s)->a2 + i3 * (s)->a3)
#define EW_BINARY_S8_B(s) (i0 * (s)->b0 + i1 * (s)->b1 + i2 * (s)->b2 + i3 * (s)->b3)

#endif
