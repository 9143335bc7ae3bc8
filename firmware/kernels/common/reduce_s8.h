/* SPDX-License-Identifier: Apache-2.0 */
/* How reductions walk their input: dimensions that are kept and reduced in turn. */
#ifndef EW_REDUCE_S8_H
#define EW_REDUCE_S8_H

#include "ew_requant.h"

/* The input is [kept0][reduced0][kept1][reduced1][kept2], the output [kept0][kept1][kept2]. */
typedef struct {
    int32_t kept0, reduced0, kept1, reduced1, kept2;
} ew_reduce_s8_shape;

/* Runs once for each element (i, k, c) of the output, in order. */
#define EW_REDUCE_S8_KEPT(s)                                                                       \
    for (int32_t i = 0; i < (s)->kept0; i++)                                                       \
        for (int32_t k = 0; k < (s)->kept1; k++)                                                   \
            for (int32_t c = 0; c < (s)->kept2; c++)

/* Runs once for each element that is reduced to (i, k, c), which lies at `EW_REDUCE_S8_PLACE`. */
#define EW_REDUCE_S8_REDUCED(s)                                                                    \
    for (int32_t r = 0; r < (s)->reduced0; r++)                                                    \
        for (int32_t t = 0; t < (s)->reduced1; t++)
#define EW_REDUCE_S8_PLACE(s)                                                                      \
    ((((i * (s)->reduced0 + r) * (s)->kept1 + k) * (s)->reduced1 + t) * (s)->kept2 + c)

#endif
