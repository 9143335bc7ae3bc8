/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the kernels of DEPTHWISE_CONV_2D for DSP cores have in common: the shape, lines that are
 * split into planes of int16, a plane for each of four channels, and the images that a dilated
 * window sees.
 */
#ifndef EW_DEPTHWISE_CONV_2D_DSP_H
#define EW_DEPTHWISE_CONV_2D_DSP_H

#include "ew_dsp.h"

typedef struct {
    int32_t batches;
    int32_t channels;
    int32_t in_lines, in_length;   /* of the input image, along the chosen axes */
    int32_t in_line_step, in_step; /* bytes from a line, and from a place on it, to the next */
    int32_t out_lines, out_length;
    int32_t out_line_step, out_step;
    int32_t line_stride, stride; /* of windows; `stride` along the line is 1 or 2 */
    int32_t pad_lines, pad;
    int32_t taps_lines, taps; /* of a window: 3 and 3 */
    int32_t dilation_lines, dilation;
    int32_t multiplier; /* outputs of a channel */
    int32_t relu;
    int32_t act_min, act_max;
} ew_dsp_depthwise_shape;

/* How a line of four channels is split into planes: pairs of places, of which the first may begin,
   and one after the last may end, in the padding. */
typedef struct {
    int32_t step;  /* bytes from a place to the next */
    int32_t pairs; /* without the one that ends in the padding */
    int32_t plane_bytes;
    int32_t before;     /* 1 if the first pair begins in the padding */
    int32_t zero_point; /* as a byte, four times */
    int32_t after;      /* 1 if a pair is left that ends in the padding */
} ew_dsp_split;

/* clang-format off */
/* Four channels of a line to planes; `step` is how far the words of a line are apart, in bytes. */
#define EW_DSP_SPLIT4(step) \
    "push   {r4-r9, r11, lr}     \n\t"                                       \
    "ldm    r2, {r2-r5, r8, r9}  \n\t"                                       \
    "add    r12, r0, r4          \n\t"                                       \
    "add    lr, r12, r4          \n\t"                                       \
    "add    r11, lr, r4          \n\t"                                       \
    "cbz    r3, 3f               \n\t"                                       \
    "cbz    r5, 1f               \n\t"                                       \
    "mov    r4, r8               \n\t"                                       \
    "ldr    r5, [r1]             \n\t"                                       \
    "add    r1, r1, r2           \n\t"                                       \
    "b      2f                   \n"                                         \
    "1:                          \n\t"                                       \
    "ldr    r4, [r1]             \n\t"                                       \
    "ldr    r5, [r1, r2]         \n\t"                                       \
    "add    r1, r1, r2, lsl #1   \n"                                         \
    "2:                          \n\t"                                       \
    "pkhbt  r6, r4, r5, lsl #16  \n\t" /* channels 0 and 1 of both places */ \
    "pkhtb  r7, r5, r4, asr #16  \n\t" /* channels 2 and 3 */                \
    "sxtb16 r4, r6               \n\t"                                       \
    "sxtb16 r6, r6, ror #8       \n\t"                                       \
    "sxtb16 r5, r7               \n\t"                                       \
    "sxtb16 r7, r7, ror #8       \n\t"                                       \
    "str    r4, [r0], #" step "      \n\t"                                   \
    "str    r6, [r12], #" step "     \n\t"                                   \
    "str    r5, [lr], #" step "      \n\t"                                   \
    "str    r7, [r11], #" step "     \n\t"                                   \
    "subs   r3, r3, #1           \n\t"                                       \
    "bgt    1b                   \n"                                         \
    "3:                          \n\t"                                       \
    "cmp    r9, #0               \n\t"                                       \
    "beq    4f                   \n\t"                                       \
    "mov    r9, #0               \n\t"                                       \
    "ldr    r4, [r1]             \n\t"                                       \
    "mov    r5, r8               \n\t"                                       \
    "b      2b                   \n"                                         \
    "4:                          \n\t"                                       \
    "pop    {r4-r9, r11, pc}     \n\t"
/* clang-format on */

/* A line of an image of fewer than four channels, place by place; `words` of it, `step` bytes
 * apart. */
EW_INLINE void ew_dsp_split_few(const ew_dsp_depthwise_shape *s, int8_t *plane, const int8_t *line,
                                const ew_dsp_split *how, int32_t words, int32_t step) {
    for (int32_t c = 0; c < s->channels; c++) {
        int8_t *to = plane + c * how->plane_bytes;
        for (int32_t x = -s->pad; x < 2 * words - s->pad; x++) {
            const int32_t inside = (uint32_t)x < (uint32_t)s->in_length;
            const int16_t value =
                (int16_t)(inside ? line[x * s->in_step + c] : (int8_t)how->zero_point);
            memcpy(to + ((x + s->pad) & 1) * 2, &value, 2);
            to += ((x + s->pad) & 1) * step;
        }
    }
}

/* Every `dilation`th place of an axis, from output `from` on: what its windows reach is an axis of
 * its own, of `in` places from `first` on, with `out` outputs and `pad` places before them. */
typedef struct {
    int32_t first, in, out, pad;
} ew_dsp_places;

EW_INLINE ew_dsp_places ew_dsp_places_of(int32_t from, int32_t dilation, int32_t in, int32_t out,
                                         int32_t pad) {
    const int32_t first = (from + dilation * pad - pad) % dilation;
    const ew_dsp_places places = {first, first < in ? (in - first + dilation - 1) / dilation : 0,
                                  (out - from + dilation - 1) / dilation,
                                  (first + pad - from) / dilation};
    return places;
}

/* One of the images that a dilated window sees apart from one another. */
EW_INLINE void ew_dsp_depthwise_part(const ew_dsp_depthwise_shape *s, int32_t line, int32_t place,
                                     const int8_t **input, int8_t **output,
                                     ew_dsp_depthwise_shape *part) {
    const ew_dsp_places lines =
        ew_dsp_places_of(line, s->dilation_lines, s->in_lines, s->out_lines, s->pad_lines);
    const ew_dsp_places places =
        ew_dsp_places_of(place, s->dilation, s->in_length, s->out_length, s->pad);
    *part = *s;
    part->in_lines = places.in > 0 ? lines.in : 0;
    part->in_length = places.in;
    part->out_lines = lines.out;
    part->out_length = places.out;
    part->pad_lines = lines.pad;
    part->pad = places.pad;
    *input += lines.first * s->in_line_step + places.first * s->in_step;
    *output += line * s->out_line_step + place * s->out_step;
    part->in_line_step *= s->dilation_lines;
    part->out_line_step *= s->dilation_lines;
    part->in_step *= s->dilation;
    part->out_step *= s->dilation;
}

#endif
