/* SPDX-License-Identifier: Apache-2.0 */
/*
 * int16 DEPTHWISE_CONV_2D with int8 weights for DSP cores, windows of any lines and up to nine or
 * ten places, dilated, several outputs of a channel: the planes and loops of
 * depthwise_conv_2d_s8_windows.h, which multiplies int16 there too, and the requantisation of
 * ew_dsp_gemm_s16.h. What lies outside is 0. Of each output in the stream: factor, 0, bias, 0,
 * words of pairs of weights.
 */
#ifndef EW_DEPTHWISE_CONV_2D_S16_WINDOWS_H
#define EW_DEPTHWISE_CONV_2D_S16_WINDOWS_H

#include "depthwise_conv_2d_s16_dsp.h"
#include "depthwise_conv_2d_s8_windows.h"

/* clang-format off */
#define EW_DSP_WINDOWS_S16_LINEAR(y) "smmulr " y ", " y ", r0 \n\t" EW_DSP_S16_LINEAR(y)
#define EW_DSP_WINDOWS_S16_RELU(y)   "smmulr " y ", " y ", r0 \n\t" EW_DSP_S16_RELU(y)
/* clang-format on */

#define EW_DSP_WINDOWS_S16_LINES(steps)                                                            \
    EW_DSP_WINDOWS_LINE(relu_s16, 1, steps, EW_DSP_WINDOWS_S16_RELU, "strh", "2", "8")             \
    EW_DSP_WINDOWS_LINE(linear_s16, 1, steps, EW_DSP_WINDOWS_S16_LINEAR, "strh", "2", "8")         \
    EW_DSP_WINDOWS_LINE(relu_s16, 2, steps, EW_DSP_WINDOWS_S16_RELU, "strh", "2", "16")            \
    EW_DSP_WINDOWS_LINE(linear_s16, 2, steps, EW_DSP_WINDOWS_S16_LINEAR, "strh", "2", "16")
EW_DSP_WINDOWS_S16_LINES(1)
EW_DSP_WINDOWS_S16_LINES(2)
EW_DSP_WINDOWS_S16_LINES(3)
EW_DSP_WINDOWS_S16_LINES(4)
EW_DSP_WINDOWS_S16_LINES(5)

EW_ASM void ew_dsp_split4_s16_lines(int8_t *plane EW_UNUSED, const int8_t *line EW_UNUSED,
                                    const ew_dsp_split *how EW_UNUSED) {
    EW_ASM_BODY(EW_DSP_SPLIT4_S16("4"));
}

EW_INLINE void ew_dsp_windows_read_s16(const ew_dsp_depthwise_shape *s, int8_t *to,
                                       const int8_t *line, const ew_dsp_split *how, int32_t words,
                                       int32_t skip) {
    if (s->channels >= 4) {
        ew_dsp_split4_s16_lines(to + 4 * skip, line, how);
    } else {
        ew_dsp_split_few_s16(s, to, line, how, words, 4);
    }
}

EW_SHARED void ew_depthwise_conv_2d_s16_windows_all(const ew_dsp_depthwise_shape *s,
                                                    const int8_t *input, int8_t *output,
                                                    const int32_t *stream, int8_t *scratch,
                                                    ew_dsp_windows_line *line) {
    const int32_t in_bytes = 2 * s->in_lines * s->in_length * s->channels;
    const int32_t out_count = s->out_lines * s->out_length * s->channels * s->multiplier;
    for (int32_t b = 0; b < s->batches; b++, input += in_bytes, output += 2 * out_count) {
        ew_dsp_windows_parts(s, input, output, stream, 0, scratch, line, 2,
                             ew_dsp_windows_read_s16);
        ew_clamp_s16_if_needed((int16_t *)(void *)output, out_count, s->act_min, s->act_max);
    }
}

/* input [batches][in_h][in_w][channels], output [batches][out_h][out_w][channels * multiplier];
 * scratch: 4 planes. Steps of the shape are in bytes. */
EW_INLINE void ew_depthwise_conv_2d_s16_windows(const ew_dsp_depthwise_shape *s,
                                                const int16_t *input, int16_t *output,
                                                const int32_t *weights, int8_t *scratch) {
    ew_depthwise_conv_2d_s16_windows_all(s, (const int8_t *)input, (int8_t *)output, weights,
                                         scratch, EW_DSP_WINDOWS_LINE_OF(s, relu_s16, linear_s16));
}

#endif
