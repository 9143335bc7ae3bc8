/* SPDX-License-Identifier: Apache-2.0 */
/* What the variants of int8 FULLY_CONNECTED share. */
#ifndef EW_FULLY_CONNECTED_S8_H
#define EW_FULLY_CONNECTED_S8_H

#include "ew_requant.h"

typedef struct {
    int32_t rows;        /* of the input: a batch */
    int32_t depth;       /* elements of a row */
    int32_t out_c;       /* elements of a row of the output */
    int32_t per_channel; /* 1: a multiplier and shift for each channel, 0: one for all */
    int32_t requant;     /* 0: ew_requantize, 1: ew_requantize_short, which holds for every channel,
                            2: ew_requantize_once */
} ew_fully_connected_s8_shape;

/* From the sum of channel c to its output. */
EW_INLINE int8_t ew_fully_connected_s8_output(const ew_fully_connected_s8_shape *s, int32_t acc,
                                              const int32_t *multiplier, const int8_t *shift,
                                              int32_t c, int32_t out_zp, int32_t act_min,
                                              int32_t act_max) {
    const int32_t q = s->per_channel ? c : 0;
    const int32_t scaled = s->requant == 2   ? ew_requantize_once(acc, multiplier[q], shift[q])
                           : s->requant == 1 ? ew_requantize_short(acc, multiplier[q], shift[q])
                                             : ew_requantize(acc, multiplier[q], shift[q]);
    return (int8_t)ew_clamp(ew_add_wrap(scaled, out_zp), act_min, act_max);
}

#endif
