/* SPDX-License-Identifier: Apache-2.0 */
/*
 * int16 DEPTHWISE_CONV_2D, 3 x 3, with int8 weights for DSP cores: the ring of lines and the
 * products of depthwise_conv_2d_s8_dsp.h, which multiplies int16 there too, and the requantisation
 * of ew_dsp_gemm_s16.h. Lines are brought to planes as they are; what lies outside is 0. Of each
 * channel in the stream: factor, 0, bias, 0, then (w0, w1), (w1, w2) of three lines.
 */
#ifndef EW_DEPTHWISE_CONV_2D_S16_DSP_H
#define EW_DEPTHWISE_CONV_2D_S16_DSP_H

#include "depthwise_conv_2d_s8_dsp.h"
#include "ew_dsp_gemm_s16.h"

/* clang-format off */
#define EW_DSP_DEPTHWISE_S16_LINEAR               \
    "smmulr r11, r11, r0              \n\t" EW_DSP_S16_LINEAR("r11") \
    "smmulr r10, r10, r0              \n\t" EW_DSP_S16_LINEAR("r10")
#define EW_DSP_DEPTHWISE_S16_RELU                 \
    "smmulr r11, r11, r0              \n\t" EW_DSP_S16_RELU("r11") \
    "smmulr r10, r10, r0              \n\t" EW_DSP_S16_RELU("r10")
/* clang-format on */

EW_ASM void ew_dsp_depthwise_s16_linear_1(const ew_dsp_depthwise *d EW_UNUSED) {
    EW_ASM_BODY(
        EW_DSP_DEPTHWISE_BODY(EW_DSP_DEPTHWISE_STRIDE_1, EW_DSP_DEPTHWISE_S16_LINEAR, "strh", "2"));
}

EW_ASM void ew_dsp_depthwise_s16_linear_2(const ew_dsp_depthwise *d EW_UNUSED) {
    EW_ASM_BODY(
        EW_DSP_DEPTHWISE_BODY(EW_DSP_DEPTHWISE_STRIDE_2, EW_DSP_DEPTHWISE_S16_LINEAR, "strh", "2"));
}

EW_ASM void ew_dsp_depthwise_s16_relu_1(const ew_dsp_depthwise *d EW_UNUSED) {
    EW_ASM_BODY(
        EW_DSP_DEPTHWISE_BODY(EW_DSP_DEPTHWISE_STRIDE_1, EW_DSP_DEPTHWISE_S16_RELU, "strh", "2"));
}

EW_ASM void ew_dsp_depthwise_s16_relu_2(const ew_dsp_depthwise *d EW_UNUSED) {
    EW_ASM_BODY(
        EW_DSP_DEPTHWISE_BODY(EW_DSP_DEPTHWISE_STRIDE_2, EW_DSP_DEPTHWISE_S16_RELU, "strh", "2"));
}

/* clang-format off */
/* As EW_DSP_SPLIT4, of int16: places at any halfword. */
#define EW_DSP_SPLIT4_S16(step) \
    "push   {r4-r11, lr}         \n\t"                                     \
    "ldm    r2, {r2-r5, r8, r9}  \n\t"                                     \
    "add    r12, r0, r4          \n\t"                                     \
    "add    lr, r12, r4          \n\t"                                     \
    "add    r11, lr, r4          \n\t"                                     \
    "cbz    r3, 3f               \n\t"                                     \
    "cbz    r5, 1f               \n\t"                                     \
    "mov    r4, #0               \n\t"                                     \
    "mov    r6, #0               \n\t"                                     \
    "mov    r10, r1              \n\t"                                     \
    "b      2f                   \n"                                       \
    "1:                          \n\t"                                     \
    "ldr    r4, [r1]             \n\t"                                     \
    "ldr    r6, [r1, #4]         \n\t"                                     \
    "add    r10, r1, r2          \n"                                       \
    "2:                          \n\t"                                     \
    "ldr    r5, [r10]            \n\t"                                     \
    "ldr    r7, [r10, #4]        \n\t"                                     \
    "add    r1, r10, r2          \n"                                       \
    "5:                          \n\t"                                     \
    "pkhbt  r8, r4, r5, lsl #16  \n\t" /* channel 0 of both places */      \
    "pkhtb  r5, r5, r4, asr #16  \n\t" /* channel 1 */                     \
    "pkhbt  r4, r6, r7, lsl #16  \n\t"                                     \
    "pkhtb  r7, r7, r6, asr #16  \n\t"                                     \
    "str    r8, [r0], #" step "  \n\t"                                     \
    "str    r5, [r12], #" step " \n\t"                                     \
    "str    r4, [lr], #" step "  \n\t"                                     \
    "str    r7, [r11], #" step " \n\t"                                     \
    "subs   r3, r3, #1           \n\t"                                     \
    "bgt    1b                   \n"                                       \
    "3:                          \n\t"                                     \
    "cmp    r9, #0               \n\t"                                     \
    "beq    4f                   \n\t"                                     \
    "mov    r9, #0               \n\t"                                     \
    "ldr    r4, [r1]             \n\t"                                     \
    "ldr    r6, [r1, #4]         \n\t"                                     \
    "mov    r5, #0               \n\t"                                     \
    "mov    r7, #0               \n\t"                                     \
    "b      5b                   \n"                                       \
    "4:                          \n\t"                                     \
    "pop    {r4-r11, pc}         \n\t"
/* clang-format on */

EW_ASM void ew_dsp_split4_s16(int8_t *plane EW_UNUSED, const int8_t *line EW_UNUSED,
                              const ew_dsp_split *how EW_UNUSED) {
    EW_ASM_BODY(EW_DSP_SPLIT4_S16("12"));
}

/* As ew_dsp_split_few, of int16. */
EW_INLINE void ew_dsp_split_few_s16(const ew_dsp_depthwise_shape *s, int8_t *plane,
                                    const int8_t *line, const ew_dsp_split *how, int32_t words,
                                    int32_t step) {
    for (int32_t c = 0; c < s->channels; c++) {
        int8_t *to = plane + c * how->plane_bytes;
        for (int32_t x = -s->pad; x < 2 * words - s->pad; x++) {
            int16_t value = 0;
            if ((uint32_t)x < (uint32_t)s->in_length) {
                memcpy(&value, line + x * s->in_step + 2 * c, 2);
            }
            memcpy(to + ((x + s->pad) & 1) * 2, &value, 2);
            to += ((x + s->pad) & 1) * step;
        }
    }
}

/* Line `y` of the input, or padding, into a slot of the ring. */
EW_INLINE void ew_dsp_ring_line_s16(const ew_dsp_depthwise_shape *s, ew_dsp_ring *ring,
                                    const int8_t *input, int32_t y, int32_t slot) {
    if ((uint32_t)y >= (uint32_t)s->in_lines) {
        if (slot != ring->padded) {
            ew_dsp_ring_padding(ring, slot);
        }
        ring->padded = slot;
        return;
    }
    if (slot == ring->padded) {
        ring->padded = -1;
    }
    const int8_t *line = input + y * s->in_line_step;
    if (s->channels >= 4) {
        ew_dsp_split4_s16(ring->planes + 12 * ring->skip + 4 * slot, line, &ring->how);
    } else {
        ew_dsp_split_few_s16(s, ring->planes + 4 * slot, line, &ring->how, ring->words, 12);
    }
}

/* The loop for a shape, which is a constant: others are left out. */
EW_INLINE ew_dsp_depthwise_line *ew_dsp_depthwise_s16_line_of(const ew_dsp_depthwise_shape *s) {
    if (s->relu) {
        return s->stride == 1 ? ew_dsp_depthwise_s16_relu_1 : ew_dsp_depthwise_s16_relu_2;
    }
    return s->stride == 1 ? ew_dsp_depthwise_s16_linear_1 : ew_dsp_depthwise_s16_linear_2;
}

/* All lines of up to four channels. */
EW_INLINE void ew_dsp_depthwise_channels_s16(const ew_dsp_depthwise_shape *s, ew_dsp_ring *ring,
                                             ew_dsp_depthwise *d, const int8_t *input,
                                             int32_t multiplier, ew_dsp_depthwise_line *line) {
    int32_t first = -s->pad_lines, next = first;
    int32_t slot = ring->padded >= 0 ? ring->padded : 0; /* of line `next` */
    for (int32_t i = 0; i < s->out_lines;
         i++, first += s->line_stride, d->out += s->out_line_step) {
        for (; next < first + 3; next++, slot = slot == 2 ? 0 : slot + 1) {
            if (next >= first) {
                ew_dsp_ring_line_s16(s, ring, input, next, slot);
            }
        }
        d->phase = slot; /* of line first + 3, and so of line `first` */
        if (multiplier == 1) {
            line(d);
        } else {
            ew_dsp_depthwise_multiplied(s, d, 2, line);
        }
    }
}

/* An image; `multiplier` is a constant where it is 1. */
EW_INLINE void ew_dsp_depthwise_image_s16(const ew_dsp_depthwise_shape *s, const int8_t *input,
                                          int8_t *output, const int32_t *stream, int8_t *scratch,
                                          int32_t multiplier, ew_dsp_depthwise_line *line) {
    ew_dsp_ring ring = ew_dsp_ring_of(s, 0, scratch);
    ew_dsp_depthwise d = {stream,
                          (const int16_t *)(const void *)scratch,
                          output,
                          4,
                          ring.how.plane_bytes,
                          0,
                          s->out_step,
                          s->out_length & 1,
                          (s->out_length / 2 - 1) * 256};
    for (int32_t slot = 0; slot < 3; slot++) {
        ew_dsp_ring_padding(&ring, slot);
    }
    for (int32_t c = 0; c < s->channels; c += 4) {
        /* The last four channels may hold some that are done: see ew_dsp_depthwise_image. */
        const int32_t first = ew_max(0, ew_min(c, s->channels - 4));
        d.channels = ew_min(4, s->channels - c);
        d.planes = (const int16_t *)(const void *)(scratch + (c - first) * d.plane_bytes);
        d.stream = stream + c * multiplier * EW_DSP_DEPTHWISE_WORDS;
        d.out = output + 2 * c * multiplier;
        ew_dsp_depthwise_channels_s16(s, &ring, &d, input + 2 * first, multiplier, line);
    }
}

EW_SHARED void ew_depthwise_conv_2d_s16_dsp_all(const ew_dsp_depthwise_shape *s,
                                                const int8_t *input, int8_t *output,
                                                const int32_t *stream, int8_t *scratch,
                                                ew_dsp_depthwise_line *line) {
    const int32_t out_count = s->out_lines * s->out_length * s->channels;
    for (int32_t b = 0; b < s->batches; b++, output += 2 * out_count) {
        ew_dsp_depthwise_image_s16(s, input, output, stream, scratch, 1, line);
        ew_clamp_s16_if_needed((int16_t *)(void *)output, out_count, s->act_min, s->act_max);
        input += 2 * s->in_lines * s->in_length * s->channels;
    }
}

/* Windows that are dilated, of stride 1 along each axis where they are, or with several outputs of
 * a channel. */
EW_SHARED void ew_depthwise_conv_2d_s16_dsp_parts(const ew_dsp_depthwise_shape *s,
                                                  const int8_t *input, int8_t *output,
                                                  const int32_t *stream, int8_t *scratch,
                                                  ew_dsp_depthwise_line *line) {
    const int32_t out_count = s->out_lines * s->out_length * s->channels * s->multiplier;
    for (int32_t b = 0; b < s->batches; b++, output += 2 * out_count) {
        for (int32_t i = 0; i < ew_min(s->dilation_lines, s->out_lines) * s->dilation; i++) {
            ew_dsp_depthwise_shape part;
            const int8_t *from = input;
            int8_t *to = output;
            ew_dsp_depthwise_part(s, i / s->dilation, i % s->dilation, &from, &to, &part);
            if (part.out_length > 0) {
                ew_dsp_depthwise_image_s16(&part, from, to, stream, scratch, s->multiplier, line);
            }
        }
        ew_clamp_s16_if_needed((int16_t *)(void *)output, out_count, s->act_min, s->act_max);
        input += 2 * s->in_lines * s->in_length * s->channels;
    }
}

/* input [batches][in_h][in_w][channels], output [batches][out_h][out_w][channels * multiplier]; the
 * same memory where they are of one size, or apart. Steps of the shape are in bytes. */
EW_INLINE void ew_depthwise_conv_2d_s16_dsp(const ew_dsp_depthwise_shape *s, const int16_t *input,
                                            int16_t *output, const int32_t *weights,
                                            int8_t *scratch) {
    const int8_t *const from = (const int8_t *)input;
    int8_t *const to = (int8_t *)output;
    if (s->dilation_lines == 1 && s->dilation == 1 && s->multiplier == 1) {
        ew_depthwise_conv_2d_s16_dsp_all(s, from, to, weights, scratch,
                                         ew_dsp_depthwise_s16_line_of(s));
    } else {
        ew_depthwise_conv_2d_s16_dsp_parts(s, from, to, weights, scratch,
                                           ew_dsp_depthwise_s16_line_of(s));
    }
}

#endif
