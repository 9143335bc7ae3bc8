/* SPDX-License-Identifier: Apache-2.0 */
/*
 * int8 DEPTHWISE_CONV_2D, 3 x 3, for DSP cores, in as many bytes as the portable kernel takes: that
 * of depthwise_conv_2d_s8_dsp.h, with 18 bytes a channel in place of 40.
 *
 * The stream of four channels is made in scratch before these are computed, once for all their
 * lines: some 60 instructions a channel.
 */
#ifndef EW_DEPTHWISE_CONV_2D_S8_COMPACT_H
#define EW_DEPTHWISE_CONV_2D_S8_COMPACT_H

#include "depthwise_conv_2d_s8_dsp.h"

EW_SHARED void ew_depthwise_conv_2d_s8_compact_all(const ew_dsp_depthwise_shape *s,
                                                   const int8_t *input, int8_t *output,
                                                   const int8_t *weights, int32_t in_zp,
                                                   int32_t out_zp, int8_t *scratch,
                                                   ew_dsp_depthwise_line *line) {
    const ew_dsp_depthwise_packed packed = {weights, out_zp};
    ew_dsp_depthwise_batches(s, input, output, 0, &packed, in_zp, scratch, line);
}

/* As ew_depthwise_conv_2d_s8_dsp; scratch: 160 bytes more. */
EW_INLINE void ew_depthwise_conv_2d_s8_compact(const ew_dsp_depthwise_shape *s, const int8_t *input,
                                               int8_t *output, const int8_t *weights, int32_t in_zp,
                                               int32_t out_zp, int8_t *scratch) {
    ew_depthwise_conv_2d_s8_compact_all(s, input, output, weights, in_zp, out_zp, scratch,
                                        ew_dsp_depthwise_line_of(s));
}

#endif
