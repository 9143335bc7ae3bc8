/* SPDX-License-Identifier: Apache-2.0 */
/*
 * int8 DEPTHWISE_CONV_2D for DSP cores, windows of any lines and up to nine or ten places: four
 * outputs of a channel at a time.
 *
 * Lines are split into planes of int16 as in depthwise_conv_2d_s8_dsp.h, but the words of a line
 * lie together, and the lines of four channels: when the last place for these is full, those that
 * are still needed move to the front. For stride 1 an output at an even place and the one behind it
 * read the same words, each with pairs of weights of its own: a step takes a word of two pairs of
 * outputs and two words of weights, four SMLAD for up to eight multiplications. For stride 2 four
 * outputs read words one apart, with the same weights.
 */
#ifndef EW_DEPTHWISE_CONV_2D_S8_WINDOWS_H
#define EW_DEPTHWISE_CONV_2D_S8_WINDOWS_H

#include "depthwise_conv_2d_dsp.h"

/* Lines of a plane beside those of a window. */
#define EW_DSP_WINDOWS_SPARE 3

/* One line of the outputs of up to four channels, or of one. */
typedef struct {
    const int32_t *stream; /* of the first: multiplier, constant, bias, shift, pairs of weights */
    const int8_t *plane;   /* of the first: the window's first line */
    int8_t *out;
    int32_t channels;
    int32_t plane_bytes;
    int32_t pitch; /* bytes of a line */
    int32_t lines; /* of a window */
    int32_t out_step;
    int32_t outputs;
} ew_dsp_windows;

typedef void ew_dsp_windows_line(const ew_dsp_windows *d);

/* clang-format off */
/* r3 words of the line, r12 weights, r8-r11 sums. Two steps from word `a`, which is loaded, over `b` to `c`. */
#define EW_DSP_WINDOWS_TWO(a, b, c, at)                                    \
    "ldmia  r12!, {r4-r7}             \n\t"                                \
    "ldrd   " b ", " c ", [r3, #" at "] \n\t"                              \
    "smlad  r8, " a ", r4, r8         \n\t" "smlad  r9, " a ", r5, r9   \n\t" \
    "smlad  r10, " b ", r4, r10       \n\t" "smlad  r11, " b ", r5, r11 \n\t" \
    "smlad  r8, " b ", r6, r8         \n\t" "smlad  r9, " b ", r7, r9   \n\t" \
    "smlad  r10, " c ", r6, r10       \n\t" "smlad  r11, " c ", r7, r11 \n\t"
#define EW_DSP_WINDOWS_ONE(a, b, at)                                       \
    "ldmia  r12!, {r4, r5}            \n\t"                                \
    "ldr    " b ", [r3, #" at "]      \n\t"                                \
    "smlad  r8, " a ", r4, r8         \n\t" "smlad  r9, " a ", r5, r9   \n\t" \
    "smlad  r10, " b ", r4, r10       \n\t" "smlad  r11, " b ", r5, r11 \n\t"
#define EW_DSP_WINDOWS_1_1 "ldr r0, [r3] \n\t" EW_DSP_WINDOWS_ONE("r0", "r1", "4")
#define EW_DSP_WINDOWS_1_2 "ldr r0, [r3] \n\t" EW_DSP_WINDOWS_TWO("r0", "r1", "r2", "4")
#define EW_DSP_WINDOWS_1_3 EW_DSP_WINDOWS_1_2 EW_DSP_WINDOWS_ONE("r2", "r0", "12")
#define EW_DSP_WINDOWS_1_4 EW_DSP_WINDOWS_1_2 EW_DSP_WINDOWS_TWO("r2", "r0", "r1", "12")
#define EW_DSP_WINDOWS_1_5 EW_DSP_WINDOWS_1_4 EW_DSP_WINDOWS_ONE("r1", "r2", "20")

/* Stride 2: words a to d with the weights `w`. */
#define EW_DSP_WINDOWS_STEP(a, b, c, d, w)                                 \
    "smlad  r8, " a ", " w ", r8      \n\t" "smlad  r9, " b ", " w ", r9   \n\t" \
    "smlad  r10, " c ", " w ", r10    \n\t" "smlad  r11, " d ", " w ", r11 \n\t"
#define EW_DSP_WINDOWS_2(weights)                                          \
    "ldmia  r12!, {" weights "}       \n\t"                                \
    "ldm    r3, {r0, r1, r2, r7}      \n\t" EW_DSP_WINDOWS_STEP("r0", "r1", "r2", "r7", "r4")
#define EW_DSP_WINDOWS_SECOND "ldr r0, [r3, #16] \n\t" EW_DSP_WINDOWS_STEP("r1", "r2", "r7", "r0", "r5")
#define EW_DSP_WINDOWS_THIRD  "ldr r1, [r3, #20] \n\t" EW_DSP_WINDOWS_STEP("r2", "r7", "r0", "r1", "r6")
#define EW_DSP_WINDOWS_2_1 EW_DSP_WINDOWS_2("r4")
#define EW_DSP_WINDOWS_2_2 EW_DSP_WINDOWS_2("r4, r5") EW_DSP_WINDOWS_SECOND
#define EW_DSP_WINDOWS_2_3 EW_DSP_WINDOWS_2("r4-r6") EW_DSP_WINDOWS_SECOND EW_DSP_WINDOWS_THIRD
#define EW_DSP_WINDOWS_2_4 EW_DSP_WINDOWS_2_3                              \
    "ldr r4, [r12], #4 \n\t ldr r2, [r3, #24] \n\t" EW_DSP_WINDOWS_STEP("r7", "r0", "r1", "r2", "r4")
#define EW_DSP_WINDOWS_2_5 EW_DSP_WINDOWS_2_4                              \
    "ldr r4, [r12], #4 \n\t ldr r7, [r3, #28] \n\t" EW_DSP_WINDOWS_STEP("r0", "r1", "r2", "r7", "r4")

/* r0 multiplier, r1 constant, r2 shift. */
#define EW_DSP_WINDOWS_RELU(y)                                             \
    "smmla  " y ", " y ", r0, r1      \n\t"                                \
    "ssat   " y ", #8, " y ", asr #12 \n\t"
#define EW_DSP_WINDOWS_LINEAR(y)                                           \
    "add    r4, r1, " y ", asr #31    \n\t"                                \
    "smmlar " y ", " y ", r0, r4      \n\t"                                \
    "asr    " y ", " y ", r2          \n\t"                                \
    "ssat   " y ", #8, " y "          \n\t"

/* Stack: 0 multiplier, constant, bias, shift; 16 weights; 20 words; 24 out; 28 outputs left; 32 stream, plane, out,
   channels, plane_bytes, pitch, lines, out_step, outputs. `block`: bytes of a line from four outputs to the next.
   STORE, item: how an output is stored, and its bytes. */
#define EW_DSP_WINDOWS_BODY(ROW, FINISH, STORE, item, block)               \
    "push   {r4-r11, lr}              \n\t"                                \
    "sub    sp, sp, #68               \n\t"                                \
    "ldm    r0, {r0-r8}               \n\t"                                \
    "add    r12, sp, #32              \n\t"                                \
    "stm    r12, {r0-r8}              \n"                                  \
    "1:                               \n\t"                                \
    "ldr    r12, [sp, #32]            \n\t"                                \
    "ldmia  r12!, {r0-r3}             \n\t"                                \
    "stm    sp, {r0-r3}               \n\t"                                \
    "str    r12, [sp, #16]            \n\t"                                \
    "ldrd   r4, r5, [sp, #36]         \n\t"                                \
    "ldr    r6, [sp, #64]             \n\t"                                \
    "strd   r4, r5, [sp, #20]         \n\t"                                \
    "str    r6, [sp, #28]             \n"                                  \
    "2:                               \n\t"                                \
    "ldrd   r12, r3, [sp, #16]        \n\t"                                \
    "ldr    lr, [sp, #56]             \n\t"                                \
    "ldr    r8, [sp, #8]              \n\t"                                \
    "mov    r9, r8                    \n\t"                                \
    "mov    r10, r8                   \n\t"                                \
    "mov    r11, r8                   \n"                                  \
    "3:                               \n\t" ROW                            \
    "ldr    r6, [sp, #52]             \n\t"                                \
    "add    r3, r3, r6                \n\t"                                \
    "subs   lr, lr, #1                \n\t"                                \
    "bne    3b                        \n\t"                                \
    "ldrd   r0, r1, [sp]              \n\t"                                \
    "ldr    r2, [sp, #12]             \n\t"                                \
    FINISH("r8") FINISH("r9") FINISH("r10") FINISH("r11")                  \
    "ldrd   r2, r3, [sp, #24]         \n\t"                                \
    "ldr    r5, [sp, #60]             \n\t"                                \
    STORE " r8, [r2]                  \n\t"                                \
    "subs   r3, r3, #4                \n\t"                                \
    "blt    4f                        \n\t"                                \
    STORE " r9, [r2, r5]              \n\t"                                \
    "add    r2, r2, r5, lsl #1        \n\t"                                \
    STORE " r10, [r2]                 \n\t"                                \
    STORE " r11, [r2, r5]             \n\t"                                \
    "beq    5f                        \n\t"                                \
    "add    r2, r2, r5, lsl #1        \n\t"                                \
    "strd   r2, r3, [sp, #24]         \n\t"                                \
    "ldr    r3, [sp, #20]             \n\t"                                \
    "add    r3, r3, #" block "        \n\t"                                \
    "str    r3, [sp, #20]             \n\t"                                \
    "b      2b                        \n"                                  \
    "4:                               \n\t" /* one to three were left */   \
    "adds   r3, r3, #2                \n\t"                                \
    "blt    5f                        \n\t"                                \
    STORE " r9, [r2, r5]              \n\t"                                \
    "beq    5f                        \n\t"                                \
    STORE " r10, [r2, r5, lsl #1]     \n"                                  \
    "5:                               \n\t"                                \
    "str    r12, [sp, #32]            \n\t"                                \
    "add    r4, sp, #36               \n\t"                                \
    "ldm    r4, {r0-r3}               \n\t"                                \
    "add    r0, r0, r3                \n\t"                                \
    "add    r1, r1, #" item "         \n\t"                                \
    "subs   r2, r2, #1                \n\t"                                \
    "stm    r4, {r0-r2}               \n\t"                                \
    "bne    1b                        \n\t"                                \
    "add    sp, sp, #68               \n\t"                                \
    "pop    {r4-r11, pc}              \n\t"
/* clang-format on */

#define EW_DSP_WINDOWS_LINE(name, stride, steps, FINISH, STORE, item, block)                       \
    EW_ASM void ew_dsp_windows_##name##_##stride##_##steps(const ew_dsp_windows *d EW_UNUSED) {    \
        EW_ASM_BODY(                                                                               \
            EW_DSP_WINDOWS_BODY(EW_DSP_WINDOWS_##stride##_##steps, FINISH, STORE, item, block));   \
    }
#define EW_DSP_WINDOWS_LINES(steps)                                                                \
    EW_DSP_WINDOWS_LINE(relu, 1, steps, EW_DSP_WINDOWS_RELU, "strb", "1", "8")                     \
    EW_DSP_WINDOWS_LINE(linear, 1, steps, EW_DSP_WINDOWS_LINEAR, "strb", "1", "8")                 \
    EW_DSP_WINDOWS_LINE(relu, 2, steps, EW_DSP_WINDOWS_RELU, "strb", "1", "16")                    \
    EW_DSP_WINDOWS_LINE(linear, 2, steps, EW_DSP_WINDOWS_LINEAR, "strb", "1", "16")
EW_DSP_WINDOWS_LINES(1)
EW_DSP_WINDOWS_LINES(2)
EW_DSP_WINDOWS_LINES(3)
EW_DSP_WINDOWS_LINES(4)
EW_DSP_WINDOWS_LINES(5)

EW_ASM void ew_dsp_split4_lines(int8_t *plane EW_UNUSED, const int8_t *line EW_UNUSED,
                                const ew_dsp_split *how EW_UNUSED) {
    EW_ASM_BODY(EW_DSP_SPLIT4("4"));
}

/* Words of a window's line that are read for a pair of outputs, or of stride 2 for one. */
EW_INLINE int32_t ew_dsp_windows_steps(const ew_dsp_depthwise_shape *s) {
    return (s->taps + 3 - s->stride) / 2;
}

/* The loop for a shape, which is a constant: others are left out. */
#define EW_DSP_WINDOWS_OF(s, relu_, linear_, steps)                                                \
    ((s)->stride == 1                                                                              \
         ? (s)->relu ? ew_dsp_windows_##relu_##_1_##steps : ew_dsp_windows_##linear_##_1_##steps   \
     : (s)->relu ? ew_dsp_windows_##relu_##_2_##steps                                              \
                 : ew_dsp_windows_##linear_##_2_##steps)
#define EW_DSP_WINDOWS_LINE_OF(s, relu_, linear_)                                                  \
    (ew_dsp_windows_steps(s) == 1   ? EW_DSP_WINDOWS_OF(s, relu_, linear_, 1)                      \
     : ew_dsp_windows_steps(s) == 2 ? EW_DSP_WINDOWS_OF(s, relu_, linear_, 2)                      \
     : ew_dsp_windows_steps(s) == 3 ? EW_DSP_WINDOWS_OF(s, relu_, linear_, 3)                      \
     : ew_dsp_windows_steps(s) == 4 ? EW_DSP_WINDOWS_OF(s, relu_, linear_, 4)                      \
                                    : EW_DSP_WINDOWS_OF(s, relu_, linear_, 5))

/* A line of the image, four channels or fewer, to the places of its words at `to`. */
typedef void ew_dsp_windows_read(const ew_dsp_depthwise_shape *s, int8_t *to, const int8_t *line,
                                 const ew_dsp_split *how, int32_t words, int32_t skip);

EW_INLINE void ew_dsp_windows_read_s8(const ew_dsp_depthwise_shape *s, int8_t *to,
                                      const int8_t *line, const ew_dsp_split *how, int32_t words,
                                      int32_t skip) {
    if (s->channels >= 4) {
        ew_dsp_split4_lines(to + 4 * skip, line, how);
    } else {
        ew_dsp_split_few(s, to, line, how, words, 4);
    }
}

/* The planes of up to four channels, line by line: those of a line lie together. */
typedef struct {
    int8_t *planes;
    int32_t words; /* of a line */
    int32_t lines; /* that there is room for */
    int32_t top;   /* the first line, of the image or of the padding */
    int32_t next;  /* the one to be read next */
    ew_dsp_split how;
    int32_t skip; /* words in the padding before a line */
} ew_dsp_planes;

/* `times` times four words that are all the same. */
EW_INLINE void ew_dsp_planes_fill(int8_t *to, int32_t times, uint32_t pair) {
    for (; times > 0; times--, to += 16) {
        ew_store_word(to, pair);
        ew_store_word(to + 4, pair);
        ew_store_word(to + 8, pair);
        ew_store_word(to + 12, pair);
    }
}

/* `times` times four words, at least once, to an address below theirs. */
EW_INLINE void ew_dsp_planes_move(int8_t *to, const int8_t *from, int32_t times) {
    __asm__ volatile("1:\n\tldmia %[from]!, {r4, r5, r6, r8}\n\t"
                     "subs %[times], %[times], #1\n\t"
                     "stmia %[to]!, {r4, r5, r6, r8}\n\tbgt 1b"
                     : [to] "+r"(to), [from] "+r"(from), [times] "+r"(times)
                     :
                     : "r4", "r5", "r6", "r8", "cc", "memory");
}

EW_INLINE ew_dsp_planes ew_dsp_planes_of(const ew_dsp_depthwise_shape *s, int32_t in_zp,
                                         int8_t *scratch) {
    const int32_t words = 2 * s->stride * ((s->out_length + 3) / 4) + ew_dsp_windows_steps(s) - 1;
    const int32_t lines = ew_min((s->out_lines - 1) * s->line_stride + s->taps_lines,
                                 s->taps_lines + EW_DSP_WINDOWS_SPARE);
    const int32_t skip = ew_min(s->pad / 2, words), before = s->pad & 1;
    const int32_t pairs = ew_min((s->in_length + before) / 2, words - skip);
    const int32_t after = 2 * pairs - before < s->in_length && pairs < words - skip;
    const uint32_t zero_point = (uint32_t)(in_zp & 255) * 0x01010101U;
    const ew_dsp_planes planes = {
        scratch, words, lines,
        0,       0,     {s->in_step, pairs, 4 * words, before, (int32_t)zero_point, after},
        skip};
    ew_dsp_planes_fill(scratch, words * lines, ew_sxtb16(zero_point));
    return planes;
}

/* The next line of the input, or of the padding, to its place. */
EW_INLINE void ew_dsp_planes_load(const ew_dsp_depthwise_shape *s, ew_dsp_planes *p,
                                  const int8_t *input, ew_dsp_windows_read *read) {
    int8_t *const to = p->planes + 16 * p->words * (p->next - p->top);
    const int8_t *line = input + p->next * s->in_line_step;
    if ((uint32_t)p->next >= (uint32_t)s->in_lines) {
        ew_dsp_planes_fill(to, p->words, ew_sxtb16((uint32_t)p->how.zero_point));
    } else {
        read(s, to, line, &p->how, p->words, p->skip);
    }
    p->next++;
}

/* Has the lines of a window from line `first` on in the planes. */
EW_INLINE void ew_dsp_planes_window(const ew_dsp_depthwise_shape *s, ew_dsp_planes *p,
                                    const int8_t *input, int32_t first, ew_dsp_windows_read *read) {
    const int32_t end = first + s->taps_lines;
    if (end - p->top > p->lines) {
        const int32_t kept = p->next - first;
        if (kept > 0) {
            ew_dsp_planes_move(p->planes, p->planes + 16 * p->words * (first - p->top),
                               kept * p->words);
        } else {
            p->next = first;
        }
        p->top = first;
    }
    while (p->next < end) {
        ew_dsp_planes_load(s, p, input, read);
    }
}

/* An image of values of `item` bytes. scratch: 4 planes. */
EW_INLINE void ew_dsp_windows_image(const ew_dsp_depthwise_shape *s, const int8_t *input,
                                    int8_t *output, const int32_t *stream, int32_t in_zp,
                                    int8_t *scratch, ew_dsp_windows_line *line, int32_t item,
                                    ew_dsp_windows_read *read) {
    ew_dsp_planes planes = ew_dsp_planes_of(s, in_zp, scratch);
    const int32_t many = s->multiplier > 1; /* outputs of a channel, one channel at a time */
    const int32_t pairs = ew_dsp_windows_steps(s) * (3 - s->stride);
    const int32_t words = (4 + s->taps_lines * pairs) * s->multiplier;
    ew_dsp_windows d = {stream,
                        scratch,
                        output,
                        s->multiplier,
                        many ? 0 : planes.how.plane_bytes,
                        16 * planes.words,
                        s->taps_lines,
                        s->out_step,
                        s->out_length};
    for (int32_t c = 0; c < s->channels; c += 4) {
        /* Four channels are read at a time. The last four may hold some that are done, and
         * overwritten where input and output are one: nothing is computed from these again. */
        const int32_t from = ew_max(0, ew_min(c, s->channels - 4));
        const int32_t channels = ew_min(4, s->channels - c);
        planes.top = planes.next = -s->pad_lines;
        for (int32_t i = 0; i < s->out_lines; i++) {
            const int32_t first = i * s->line_stride - s->pad_lines;
            ew_dsp_planes_window(s, &planes, input + item * from, first, read);
            d.channels = many ? s->multiplier : channels;
            for (int32_t k = c; k < c + channels; k += many ? 1 : channels) {
                d.stream = stream + k * words;
                d.plane =
                    scratch + (k - from) * planes.how.plane_bytes + (first - planes.top) * d.pitch;
                d.out = output + i * s->out_line_step + item * k * s->multiplier;
                line(&d);
            }
        }
    }
}

/* An image, in the parts that its dilation makes of it. */
EW_INLINE void ew_dsp_windows_parts(const ew_dsp_depthwise_shape *s, const int8_t *input,
                                    int8_t *output, const int32_t *stream, int32_t in_zp,
                                    int8_t *scratch, ew_dsp_windows_line *line, int32_t item,
                                    ew_dsp_windows_read *read) {
    for (int32_t i = 0; i < ew_min(s->dilation_lines, s->out_lines) * s->dilation; i++) {
        ew_dsp_depthwise_shape part;
        const int8_t *from = input;
        int8_t *to = output;
        ew_dsp_depthwise_part(s, i / s->dilation, i % s->dilation, &from, &to, &part);
        if (part.out_length > 0) {
            ew_dsp_windows_image(&part, from, to, stream, in_zp, scratch, line, item, read);
        }
    }
}

EW_SHARED void ew_depthwise_conv_2d_s8_windows_all(const ew_dsp_depthwise_shape *s,
                                                   const int8_t *input, int8_t *output,
                                                   const int32_t *stream, int32_t in_zp,
                                                   int8_t *scratch, ew_dsp_windows_line *line) {
    const int32_t in_bytes = s->in_lines * s->in_length * s->channels;
    const int32_t out_bytes = s->out_lines * s->out_length * s->channels * s->multiplier;
    for (int32_t b = 0; b < s->batches; b++, input += in_bytes, output += out_bytes) {
        ew_dsp_windows_parts(s, input, output, stream, in_zp, scratch, line, 1,
                             ew_dsp_windows_read_s8);
        ew_clamp_if_needed(output, out_bytes, s->act_min, s->act_max);
    }
}

/* input [batches][in_h][in_w][channels], output [batches][out_h][out_w][channels * multiplier];
 * weights: for each output multiplier, constant, bias, shift, words of pairs; scratch: 4 planes. */
EW_INLINE void ew_depthwise_conv_2d_s8_windows(const ew_dsp_depthwise_shape *s, const int8_t *input,
                                               int8_t *output, const int32_t *weights,
                                               int32_t in_zp, int8_t *scratch) {
    ew_depthwise_conv_2d_s8_windows_all(s, input, output, weights, in_zp, scratch,
                                        EW_DSP_WINDOWS_LINE_OF(s, relu, linear));
}

#endif
