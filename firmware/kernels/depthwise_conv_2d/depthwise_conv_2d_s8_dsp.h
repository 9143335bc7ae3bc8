/* SPDX-License-Identifier: Apache-2.0 */
/*
 * int8 DEPTHWISE_CONV_2D, 3 x 3, for DSP cores: two outputs of a channel at a time.
 *
 * Four channels are worked on together. Their input lines are split into planes of int16, three
 * lines of each as a ring in scratch: a line of the image is in slot (line mod 3), and the weights
 * are rotated instead of the lines. Word j of a plane holds values 2j and 2j + 1 of its line; the
 * words of the three slots lie side by side, so that one LDM loads three. For outputs x and x + 1
 * of stride 1, with words A = (a0, a1), B = (b0, b1) and weights (w0, w1), (w1, w2) of a line:
 *     SMLAD  y0 += a0 w0 + a1 w1    SMLATB y1 += a1 w0    SMLABT y0 += b0 w2    SMLAD  y1 += b0 w1
 * + b1 w2 Four instructions for six multiplications; three lines, requantisation, stores and the
 * loop are 25 for 18.
 *
 * A line runs along whichever axis wastes fewer outputs: lines are described by steps. A line of
 * output is written when all lines that it needs are in the ring, and four channels are finished
 * before the next four are read: the kernel may work in place, input and output at the same
 * address, where both have the same size.
 *
 * A dilated window of stride 1 sees only every dilation-th line and place: these are images of
 * their own, one after another. Where a channel has several outputs, a plane serves all of them.
 *
 * Weights and bias come multiplied by 2^s of their channel. Variant `relu`: s = 13 - shift, so that
 * one constant shift, part of the saturation, ends all channels; multiplier and constant as in
 * ew_dsp_gemm.h. Variant `linear`: s = 1.
 */
#ifndef EW_DEPTHWISE_CONV_2D_S8_DSP_H
#define EW_DEPTHWISE_CONV_2D_S8_DSP_H

#include <stddef.h>

#include "depthwise_conv_2d_dsp.h"

/* Of each channel in the stream: multiplier, constant, bias, shift of `linear`, then (w0, w1), (w1,
 * w2) of three lines. */
#define EW_DSP_DEPTHWISE_WORDS 10

/* One line of up to four channels. */
typedef struct {
    const int32_t *stream; /* of the first channel */
    const int16_t *planes;
    int8_t *out;
    int32_t channels;
    int32_t plane_bytes;
    int32_t phase; /* slot of the window's first line */
    int32_t out_step;
    int32_t odd;   /* 1 if the number of outputs is odd */
    int32_t pairs; /* (number of pairs of outputs - 1) * 256 */
} ew_dsp_depthwise;

/* clang-format off */
#define EW_DSP_DEPTHWISE_STRIDE_1                                          \
    "ldmia  r3!, {r0, r1, r2}         \n\t"                                \
    "smlad  r10, r0, r4, r10          \n\t" "smlatb r11, r0, r4, r11 \n\t" \
    "smlad  r10, r1, r6, r10          \n\t" "smlatb r11, r1, r6, r11 \n\t" \
    "smlad  r10, r2, r8, r10          \n\t" "smlatb r11, r2, r8, r11 \n\t" \
    "ldm    r3, {r0, r1, r2}          \n\t"                                \
    "smlabt r10, r0, r5, r10          \n\t" "smlad  r11, r0, r5, r11 \n\t" \
    "smlabt r10, r1, r7, r10          \n\t" "smlad  r11, r1, r7, r11 \n\t" \
    "smlabt r10, r2, r9, r10          \n\t" "smlad  r11, r2, r9, r11 \n\t"

#define EW_DSP_DEPTHWISE_STRIDE_2                                          \
    "ldmia  r3!, {r0, r1, r2}         \n\t"                                \
    "smlad  r10, r0, r4, r10          \n\t"                                \
    "smlad  r10, r1, r6, r10          \n\t"                                \
    "smlad  r10, r2, r8, r10          \n\t"                                \
    "ldmia  r3!, {r0, r1, r2}         \n\t"                                \
    "smlabt r10, r0, r5, r10          \n\t" "smlad  r11, r0, r4, r11 \n\t" \
    "smlabt r10, r1, r7, r10          \n\t" "smlad  r11, r1, r6, r11 \n\t" \
    "smlabt r10, r2, r9, r10          \n\t" "smlad  r11, r2, r8, r11 \n\t" \
    "ldm    r3, {r0, r1, r2}          \n\t"                                \
    "smlabt r11, r0, r5, r11          \n\t"                                \
    "smlabt r11, r1, r7, r11          \n\t"                                \
    "smlabt r11, r2, r9, r11          \n\t"

/* r0 multiplier, r1 constant, r2 out_step, lr outputs left * 256 + shift. */
#define EW_DSP_DEPTHWISE_RELU                     \
    "smmla  r11, r11, r0, r1          \n\t"       \
    "ssat   r11, #8, r11, asr #12     \n\t"       \
    "smmla  r10, r10, r0, r1          \n\t"       \
    "ssat   r10, #8, r10, asr #12     \n\t"
#define EW_DSP_DEPTHWISE_LINEAR                   \
    "smmulr r11, r11, r0              \n\t"       \
    "add    r11, r11, r11, asr #31    \n\t"       \
    "add    r11, r11, r1              \n\t"       \
    "asr    r11, r11, lr              \n\t"       \
    "ssat   r11, #8, r11              \n\t"       \
    "add    r1, r1, r10, asr #31      \n\t"       \
    "smmlar r10, r10, r0, r1          \n\t"       \
    "asr    r10, r10, lr              \n\t"       \
    "ssat   r10, #8, r10              \n\t"

/* Stack: 0 multiplier, constant, out_step; 12 bias twice; 20 one more output to do; 24 stream, planes, out, channels,
   plane_bytes, phase, out_step, odd, pairs. The last output of an odd count is one of a pair whose outputs both go to
   its place, the second first. STORE stores an output, of ITEM bytes. */
#define EW_DSP_DEPTHWISE_BODY(MACS, FINISH, STORE, ITEM)                 \
    "push   {r4-r11, lr}              \n\t"                              \
    "sub    sp, sp, #60               \n\t"                              \
    "ldm    r0, {r0-r8}               \n\t"                              \
    "add    r12, sp, #24              \n\t"                              \
    "stm    r12, {r0-r8}              \n"                                \
    "1:                               \n\t"                              \
    "ldr    r12, [sp, #24]            \n\t"                              \
    "ldm    r12!, {r0, r1, r2, lr}    \n\t"                              \
    "strd   r0, r1, [sp]              \n\t"                              \
    "strd   r2, r2, [sp, #12]         \n\t"                              \
    "ldrd   r0, r1, [sp, #48]         \n\t"                              \
    "str    r0, [sp, #8]              \n\t"                              \
    "str    r1, [sp, #20]             \n\t"                              \
    "ldr    r0, [sp, #44]             \n\t"                              \
    "cmp    r0, #1                    \n\t"                              \
    "blo    3f                        \n\t"                              \
    "beq    4f                        \n\t"                              \
    "ldm    r12!, {r8, r9}            \n\t" /* phase 2: slots 2, 0, 1 */ \
    "ldm    r12!, {r4-r7}             \n\t"                              \
    "b      5f                        \n"                                \
    "3:                               \n\t"                              \
    "ldm    r12!, {r4-r9}             \n\t"                              \
    "b      5f                        \n"                                \
    "4:                               \n\t" /* phase 1: slots 1, 2, 0 */ \
    "ldm    r12!, {r6-r9}             \n\t"                              \
    "ldm    r12!, {r4, r5}            \n"                                \
    "5:                               \n\t"                              \
    "str    r12, [sp, #24]            \n\t"                              \
    "ldrd   r3, r12, [sp, #28]        \n\t"                              \
    "ldr    r0, [sp, #56]             \n\t"                              \
    "adds   lr, lr, r0                \n\t"                              \
    "bmi    6f                        \n"                                \
    "2:                               \n\t"                              \
    "ldrd   r10, r11, [sp, #12]       \n\t" MACS                         \
    "ldm    sp, {r0, r1, r2}          \n\t" FINISH                       \
    STORE " r11, [r12, r2]            \n\t"                              \
    STORE " r10, [r12]                \n\t"                              \
    "add    r12, r12, r2, lsl #1      \n\t"                              \
    "subs   lr, lr, #256              \n\t"                              \
    "bpl    2b                        \n"                                \
    "6:                               \n\t"                              \
    "ldr    r0, [sp, #20]             \n\t"                              \
    "cbz    r0, 7f                    \n\t"                              \
    "mov    r0, #0                    \n\t"                              \
    "str    r0, [sp, #20]             \n\t"                              \
    "str    r0, [sp, #8]              \n\t"                              \
    "uxtb   lr, lr                    \n\t"                              \
    "b      2b                        \n"                                \
    "7:                               \n\t"                              \
    "add    r4, sp, #28               \n\t"                              \
    "ldm    r4, {r0-r3}               \n\t"                              \
    "add    r0, r0, r3                \n\t"                              \
    "add    r1, r1, #" ITEM "         \n\t"                              \
    "subs   r2, r2, #1                \n\t"                              \
    "stm    r4, {r0-r2}               \n\t"                              \
    "bne    1b                        \n\t"                              \
    "add    sp, sp, #60               \n\t"                              \
    "pop    {r4-r11, pc}              \n\t"
/* clang-format on */

EW_ASM void ew_dsp_depthwise_relu_1(const ew_dsp_depthwise *d EW_UNUSED) {
    EW_ASM_BODY(
        EW_DSP_DEPTHWISE_BODY(EW_DSP_DEPTHWISE_STRIDE_1, EW_DSP_DEPTHWISE_RELU, "strb", "1"));
}

EW_ASM void ew_dsp_depthwise_relu_2(const ew_dsp_depthwise *d EW_UNUSED) {
    EW_ASM_BODY(
        EW_DSP_DEPTHWISE_BODY(EW_DSP_DEPTHWISE_STRIDE_2, EW_DSP_DEPTHWISE_RELU, "strb", "1"));
}

EW_ASM void ew_dsp_depthwise_linear_1(const ew_dsp_depthwise *d EW_UNUSED) {
    EW_ASM_BODY(
        EW_DSP_DEPTHWISE_BODY(EW_DSP_DEPTHWISE_STRIDE_1, EW_DSP_DEPTHWISE_LINEAR, "strb", "1"));
}

EW_ASM void ew_dsp_depthwise_linear_2(const ew_dsp_depthwise *d EW_UNUSED) {
    EW_ASM_BODY(
        EW_DSP_DEPTHWISE_BODY(EW_DSP_DEPTHWISE_STRIDE_2, EW_DSP_DEPTHWISE_LINEAR, "strb", "1"));
}

/* Planes of three slots. */
EW_ASM void ew_dsp_split4(int8_t *plane EW_UNUSED, const int8_t *line EW_UNUSED,
                          const ew_dsp_split *how EW_UNUSED) {
    EW_ASM_BODY(EW_DSP_SPLIT4("12"));
}

/* Three lines of up to four planes in scratch. Words that lie in the padding from side to side are
 * set once. */
typedef struct {
    int8_t *planes;
    int32_t words;  /* of a line */
    int32_t skip;   /* of these, in the padding before the line */
    int32_t padded; /* a slot that holds a line of padding, or -1 */
    ew_dsp_split how;
} ew_dsp_ring;

/* A line of padding. */
EW_INLINE void ew_dsp_ring_padding(const ew_dsp_ring *ring, int32_t slot) {
    const uint32_t pair = ew_sxtb16((uint32_t)ring->how.zero_point);
    int8_t *to = ring->planes + 4 * slot;
    for (int32_t words = ring->words; words > 0;
         words--, to += 48) { /* a quarter of the words of four planes each turn */
        ew_store_word(to, pair);
        ew_store_word(to + 12, pair);
        ew_store_word(to + 24, pair);
        ew_store_word(to + 36, pair);
    }
}

typedef void ew_dsp_depthwise_line(const ew_dsp_depthwise *d);

/* The loop for a shape, which is a constant: others are left out. */
EW_INLINE ew_dsp_depthwise_line *ew_dsp_depthwise_line_of(const ew_dsp_depthwise_shape *s) {
    if (s->relu) {
        return s->stride == 1 ? ew_dsp_depthwise_relu_1 : ew_dsp_depthwise_relu_2;
    }
    return s->stride == 1 ? ew_dsp_depthwise_linear_1 : ew_dsp_depthwise_linear_2;
}

/* A line where a plane serves several outputs of `item` bytes. */
EW_INLINE void ew_dsp_depthwise_multiplied(const ew_dsp_depthwise_shape *s,
                                           const ew_dsp_depthwise *d, int32_t item,
                                           ew_dsp_depthwise_line *line) {
    ew_dsp_depthwise one = *d;
    one.channels = s->multiplier;
    one.plane_bytes = 0;
    for (int32_t c = 0; c < d->channels; c++) {
        line(&one);
        one.stream += s->multiplier * EW_DSP_DEPTHWISE_WORDS;
        one.planes += d->plane_bytes / 2;
        one.out += item * s->multiplier;
    }
}

/* Line `y` of the input, or padding, into a slot of the ring. */
EW_INLINE void ew_dsp_ring_line(const ew_dsp_depthwise_shape *s, ew_dsp_ring *ring,
                                const int8_t *input, int32_t y, int32_t slot) {
    const int8_t *line = input + y * s->in_line_step;
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
    if (s->channels >= 4) {
        ew_dsp_split4(ring->planes + 12 * ring->skip + 4 * slot, line, &ring->how);
    } else {
        ew_dsp_split_few(s, ring->planes + 4 * slot, line, &ring->how, ring->words, 12);
    }
}

/* All lines of up to four channels. */
EW_INLINE void ew_dsp_depthwise_channels(const ew_dsp_depthwise_shape *s, ew_dsp_ring *ring,
                                         ew_dsp_depthwise *d, const int8_t *input,
                                         int32_t multiplier, ew_dsp_depthwise_line *line) {
    int32_t first = -s->pad_lines, next = first;
    int32_t slot = ring->padded >= 0 ? ring->padded : 0; /* of line `next` */
    for (int32_t i = 0; i < s->out_lines;
         i++, first += s->line_stride, d->out += s->out_line_step) {
        for (; next < first + 3; next++, slot = slot == 2 ? 0 : slot + 1) {
            if (next >= first) {
                ew_dsp_ring_line(s, ring, input, next, slot);
            }
        }
        d->phase = slot; /* of line first + 3, and so of line `first` */
        if (multiplier == 1) {
            line(d);
        } else {
            ew_dsp_depthwise_multiplied(s, d, 1, line);
        }
    }
}

EW_INLINE ew_dsp_ring ew_dsp_ring_of(const ew_dsp_depthwise_shape *s, int32_t in_zp,
                                     int8_t *scratch) {
    const int32_t words = s->stride * ((s->out_length + 1) / 2) + 1,
                  skip = ew_min(s->pad / 2, words);
    const int32_t before = s->pad & 1;
    const int32_t pairs = ew_min((s->in_length + before) / 2, words - skip);
    const int32_t after = 2 * pairs - before < s->in_length && pairs < words - skip;
    const uint32_t zero_point = (uint32_t)(in_zp & 255) * 0x01010101U;
    const ew_dsp_ring ring = {scratch,
                              words,
                              skip,
                              0,
                              {s->in_step, pairs, 12 * words, before, (int32_t)zero_point, after}};
    return ring;
}

/* How the stream is stored: as it is, or `packed` (see depthwise_conv_2d_s8_compact.h), of which
 * four channels at a time are unpacked to `stream`. */
typedef struct {
    const int8_t *packed;
    int32_t out_zp;
} ew_dsp_depthwise_packed;

/* Bytes of a channel that is packed: bias, multiplier, shift of the stream, weights by line. */
#define EW_DSP_DEPTHWISE_PACKED 18

EW_INLINE void ew_dsp_depthwise_unpack(const ew_dsp_depthwise_shape *s,
                                       const ew_dsp_depthwise_packed *from, int32_t c,
                                       int32_t channels, int32_t *to) {
    const int8_t *p = from->packed + c * EW_DSP_DEPTHWISE_PACKED;
    for (; channels > 0; channels--, to += EW_DSP_DEPTHWISE_WORDS, p += EW_DSP_DEPTHWISE_PACKED) {
        const int32_t shift = p[8], up = s->relu ? shift : 1;
        to[0] = (int32_t)ew_load_word(p + 4);
        to[1] = s->relu ? (1 << (up - 2)) + (1 << 11) + from->out_zp * (1 << 12)
                        : (2 * from->out_zp + 1) * (1 << (shift - 1));
        to[2] = (int32_t)(ew_load_word(p) << up);
        to[3] = shift;
        for (int32_t line = 0; line < 3; line++) {
            const int8_t *w = p + 9 + 3 * line;
            const uint32_t middle = (uint32_t)w[1] << up;
            to[4 + 2 * line] = (int32_t)(((uint32_t)w[0] << up & 0xFFFFU) | middle << 16);
            to[5 + 2 * line] = (int32_t)((middle & 0xFFFFU) | (uint32_t)w[2] << up << 16);
        }
    }
}

/* An image; `multiplier` is a constant where it is 1. scratch: 4 planes, then the unpacked stream
 * of four channels. */
EW_INLINE void ew_dsp_depthwise_image(const ew_dsp_depthwise_shape *s, const int8_t *input,
                                      int8_t *output, const int32_t *stream,
                                      const ew_dsp_depthwise_packed *packed, int32_t in_zp,
                                      int8_t *scratch, int32_t multiplier,
                                      ew_dsp_depthwise_line *line) {
    ew_dsp_ring ring = ew_dsp_ring_of(s, in_zp, scratch);
    int32_t *const unpacked = (int32_t *)(void *)(scratch + 4 * ring.how.plane_bytes);
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
        /* Four channels are read at a time. The last four may hold some that are done, and
         * overwritten where input and output are one: nothing is computed from these again. */
        const int32_t first = ew_max(0, ew_min(c, s->channels - 4));
        d.channels = ew_min(4, s->channels - c);
        d.planes = (const int16_t *)(const void *)(scratch + (c - first) * d.plane_bytes);
        d.stream = packed ? unpacked : stream + c * multiplier * EW_DSP_DEPTHWISE_WORDS;
        if (packed) {
            ew_dsp_depthwise_unpack(s, packed, c, d.channels, unpacked);
        }
        d.out = output + c * multiplier;
        ew_dsp_depthwise_channels(s, &ring, &d, input + first, multiplier, line);
    }
}

/* input [batches][in_h][in_w][channels], output [batches][out_h][out_w][channels]. */
EW_INLINE void ew_dsp_depthwise_batches(const ew_dsp_depthwise_shape *s, const int8_t *input,
                                        int8_t *output, const int32_t *stream,
                                        const ew_dsp_depthwise_packed *packed, int32_t in_zp,
                                        int8_t *scratch, ew_dsp_depthwise_line *line) {
    const int32_t in_bytes = s->in_lines * s->in_length * s->channels;
    const int32_t out_bytes = s->out_lines * s->out_length * s->channels;
    for (int32_t b = 0; b < s->batches; b++, input += in_bytes, output += out_bytes) {
        ew_dsp_depthwise_image(s, input, output, stream, packed, in_zp, scratch, 1, line);
        ew_clamp_if_needed(output, out_bytes, s->act_min, s->act_max);
    }
}

EW_SHARED void ew_depthwise_conv_2d_s8_dsp_all(const ew_dsp_depthwise_shape *s, const int8_t *input,
                                               int8_t *output, const int32_t *stream, int32_t in_zp,
                                               int8_t *scratch, ew_dsp_depthwise_line *line) {
    ew_dsp_depthwise_batches(s, input, output, stream, 0, in_zp, scratch, line);
}

/* Windows that are dilated, of stride 1 along each axis where they are, or with several outputs of
 * a channel. */
EW_SHARED void ew_depthwise_conv_2d_s8_dsp_parts(const ew_dsp_depthwise_shape *s,
                                                 const int8_t *input, int8_t *output,
                                                 const int32_t *stream, int32_t in_zp,
                                                 int8_t *scratch, ew_dsp_depthwise_line *line) {
    const int32_t in_bytes = s->in_lines * s->in_length * s->channels;
    const int32_t out_bytes = s->out_lines * s->out_length * s->channels * s->multiplier;
    for (int32_t b = 0; b < s->batches; b++, input += in_bytes, output += out_bytes) {
        for (int32_t i = 0; i < ew_min(s->dilation_lines, s->out_lines) * s->dilation; i++) {
            ew_dsp_depthwise_shape part;
            const int8_t *from = input;
            int8_t *to = output;
            ew_dsp_depthwise_part(s, i / s->dilation, i % s->dilation, &from, &to, &part);
            if (part.out_length > 0) {
                ew_dsp_depthwise_image(&part, from, to, stream, 0, in_zp, scratch, s->multiplier,
                                       line);
            }
        }
        ew_clamp_if_needed(output, out_bytes, s->act_min, s->act_max);
    }
}

/* weights: for each output the stream of EW_DSP_DEPTHWISE_WORDS; scratch: 4 planes. */
EW_INLINE void ew_depthwise_conv_2d_s8_dsp(const ew_dsp_depthwise_shape *s, const int8_t *input,
                                           int8_t *output, const int32_t *weights, int32_t in_zp,
                                           int8_t *scratch) {
    if (s->dilation_lines == 1 && s->dilation == 1 && s->multiplier == 1) {
        ew_depthwise_conv_2d_s8_dsp_all(s, input, output, weights, in_zp, scratch,
                                        ew_dsp_depthwise_line_of(s));
    } else {
        ew_depthwise_conv_2d_s8_dsp_parts(s, input, output, weights, in_zp, scratch,
                                          ew_dsp_depthwise_line_of(s));
    }
}

#endif
