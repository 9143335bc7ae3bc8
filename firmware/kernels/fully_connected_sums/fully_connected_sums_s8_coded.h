/* SPDX-License-Identifier: Apache-2.0 */
/* As fully_connected_s8_coded.h, for sums of blocks of pixels. */
#ifndef EW_FULLY_CONNECTED_SUMS_S8_CODED_H
#define EW_FULLY_CONNECTED_SUMS_S8_CODED_H

#include "fully_connected_s8_coded.h"

/* input [depth], output [out_c]; scratch: the decoder. Returns EW_OK or EW_ERR_WEIGHTS. */
EW_INLINE ew_status ew_fully_connected_sums_s8_coded(const ew_fully_connected_s8_coded_shape *s,
                                                     const int16_t *input, int8_t *output,
                                                     const int32_t *weights, const int32_t *bias,
                                                     const int32_t *multiplier, const int8_t *shift,
                                                     int32_t out_zp, int32_t act_min,
                                                     int32_t act_max, int8_t *scratch) {
    const ew_fully_connected_s8_coded_input x = {0, input, 0};
    return ew_fully_connected_s8_coded_row(s, &x, output, weights, bias, multiplier, shift, out_zp,
                                           act_min, act_max, scratch);
}

#endif
