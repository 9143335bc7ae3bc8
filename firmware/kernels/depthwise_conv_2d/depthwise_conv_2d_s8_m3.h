/* SPDX-License-Identifier: Apache-2.0 */
/*
 * int8 DEPTHWISE_CONV_2D for Armv7-M without DSP instructions: see depthwise_conv_2d_s8_swar.h.
 *
 * Windows of 3 x 3 have functions of their own, which do all rows of a channel. Two windows of the
 * upper half that are neighbours share the words between them: four or five words of a row of the
 * plane serve both, and one weight at a time both windows, in the upper half and in the lower.
 */
#ifndef EW_DEPTHWISE_CONV_2D_S8_M3_H
#define EW_DEPTHWISE_CONV_2D_S8_M3_H

#include "ew_swar_m3.h"

#include "depthwise_conv_2d_s8_swar.h"

/* Rows of the plane whose upper halves are all rows of the image or all padding, and so the
 * lower. */
typedef struct {
    const int8_t *upper, *lower;      /* of the channel that comes next, or a byte of padding */
    int32_t upper_step, lower_step;   /* from a pixel to the next; 0 in padding */
    uint32_t *to;                     /* in the plane */
    int32_t rows;                     /* > 0 */
    int32_t upper_after, lower_after; /* from the end of a row to the next */
    int32_t upper_next, lower_next;   /* from a channel to the next: 1, or 0 in padding */
} ew_depthwise_conv_2d_s8_m3_rows;

/* A channel's plane in `count` pieces, > 0, of rows of `bytes` that lie `gap` bytes apart: 7
 * instructions a word. */
EW_ASM void ew_depthwise_conv_2d_s8_m3_plane(ew_depthwise_conv_2d_s8_m3_rows *of EW_UNUSED,
                                             int32_t count EW_UNUSED, int32_t bytes EW_UNUSED,
                                             int32_t gap EW_UNUSED) {
    /* clang-format off */
#define EW_SWAR_M3_WORD                            \
        "ldrsb  r10, [r4]                     \n\t" \
        "ldrsb  r11, [r5]                     \n\t" \
        "add    r4, r4, r6                    \n\t" \
        "add    r5, r5, r7                    \n\t" \
        "add    r10, r10, r11, lsl #16        \n\t" \
        "str    r10, [r8], #4                 \n\t"
    EW_ASM_BODY(
        "push   {r4-r11, lr}                  \n"
        "1:                                   \n\t"
        "ldm    r0, {r4-r9}                   \n\t"
        "ldrd   r10, r11, [r0, #32]           \n\t"
        "add    r10, r10, r4                  \n\t"
        "add    r11, r11, r5                  \n\t"
        "strd   r10, r11, [r0]                \n"
        "2:                                   \n\t"
        "add    r12, r8, r2                   \n\t"
        "lsls   lr, r2, #29                   \n\t"
        "bmi    4f                            \n"
        "3:                                   \n\t"
        EW_SWAR_M3_WORD
        "4:                                   \n\t"
        EW_SWAR_M3_WORD
        "cmp    r8, r12                       \n\t"
        "bne    3b                            \n\t"
        "ldrd   r10, r11, [r0, #24]           \n\t"
        "add    r4, r4, r10                   \n\t"
        "add    r5, r5, r11                   \n\t"
        "add    r8, r8, r3                    \n\t"
        "subs   r9, r9, #1                    \n\t"
        "bne    2b                            \n\t"
        "add    r0, r0, #40                   \n\t"
        "subs   r1, r1, #1                    \n\t"
        "bne    1b                            \n\t"
        "pop    {r4-r11, pc}                  \n\t");
    /* clang-format on */
}

/* The pieces of an image's planes, up to three; rows that are padding in both halves are in none of
 * them. Returns their number. */
EW_INLINE int32_t ew_depthwise_conv_2d_s8_m3_pieces(const ew_window *w, const int8_t *image,
                                                    const int8_t *padding, uint32_t *plane,
                                                    int32_t columns,
                                                    ew_depthwise_conv_2d_s8_m3_rows *of) {
    const int32_t pitch = w->in_w * w->in_c, after = pitch - columns * w->in_c;
    const int32_t below = ew_depthwise_conv_2d_s8_swar_half(w) * w->stride_h;
    const int32_t last = ew_depthwise_conv_2d_s8_swar_height(w) - w->pad_top;
    const int32_t most = columns > 0 ? 3 : 0;
    int32_t count = 0;
    for (int32_t i = 0; i < most; i++) {
        const int32_t upper = i > 0, lower = i < 2;
        const int32_t first = ew_max(upper ? 0 : -w->pad_top, lower ? -below : w->in_h - below);
        const int32_t end =
            ew_min(last, ew_min(upper ? w->in_h : 0, lower ? w->in_h - below : w->in_h));
        if (first < end) {
            const ew_depthwise_conv_2d_s8_m3_rows piece = {
                upper ? image + first * pitch : padding,
                lower ? image + (first + below) * pitch : padding,
                upper ? w->in_c : 0,
                lower ? w->in_c : 0,
                plane + (first + w->pad_top) * ew_depthwise_conv_2d_s8_swar_width(w) + w->pad_left,
                end - first,
                upper ? after : 0,
                lower ? after : 0,
                upper,
                lower};
            of[count++] = piece;
        }
    }
    return count;
}

/* A channel, for the functions below, which keep it on their stack. Distances in bytes. */
typedef struct {
    const uint32_t *plane;  /* where the next pair of windows begins */
    const int8_t *weights;  /* nine */
    int32_t factors[4];     /* as ew_swar_finish takes them */
    int8_t *out;            /* of the next pair of windows */
    int32_t far;            /* from there to the lower half, 0 where it has no such row */
    int32_t step;           /* from one window's output to the other's */
    int32_t both;           /* far + step */
    int32_t low;            /* the bias less 2^15 for each row of a window, see ew_swar_m3.h */
    int32_t pitch;          /* from a row of a window to the next, in the plane */
    const int16_t *singles; /* see ew_swar_windows_plain; 0 where there are none */
    const int8_t *row_end;  /* of the outputs of whole pairs in this row */
    int32_t odd_left;       /* 1 while an odd window of this row is left */
    int32_t rows;           /* of the upper half that are left, this one too */
    const uint32_t *row;    /* where the windows of this row begin */
    int32_t row_step;       /* from there to the next row's */
    int32_t out_row;        /* from a row of the output to the next */
    int32_t odd;            /* 1 if the number of windows in a row is odd */
    int32_t out_step;       /* from a pixel of the output to the next */
    int32_t odd_rows;       /* 1 if the lower half has a row less */
} ew_depthwise_conv_2d_s8_m3_channel;

/* clang-format off */
/* The three words of each of two windows that begin one or two words apart, times weights; r2 is
   2^15. */
#define EW_SWAR_M3_ROW_1(a, b)                         \
    "ldm    r0, {r3, r4, r5, r6}               \n\t"   \
    "ldrsb  r7, [r1], #1                       \n\t"   \
    "mla    " a ", r3, r7, r2                  \n\t"   \
    "mla    " b ", r4, r7, r2                  \n\t"   \
    "ldrsb  r7, [r1], #1                       \n\t"   \
    "mla    " a ", r4, r7, " a "               \n\t"   \
    "mla    " b ", r5, r7, " b "               \n\t"   \
    "ldrsb  r7, [r1], #1                       \n\t"   \
    "mla    " a ", r5, r7, " a "               \n\t"   \
    "mla    " b ", r6, r7, " b "               \n\t"
#define EW_SWAR_M3_ROW_2(a, b)                         \
    "ldm    r0, {r3, r4, r5, r6}               \n\t"   \
    "ldrsb  r7, [r1], #1                       \n\t"   \
    "mla    " a ", r3, r7, r2                  \n\t"   \
    "mla    " b ", r5, r7, r2                  \n\t"   \
    "ldrsb  r7, [r1], #1                       \n\t"   \
    "mla    " a ", r4, r7, " a "               \n\t"   \
    "mla    " b ", r6, r7, " b "               \n\t"   \
    "ldrsb  r7, [r1], #1                       \n\t"   \
    "ldr    r6, [r0, #16]                      \n\t"   \
    "mla    " a ", r5, r7, " a "               \n\t"   \
    "mla    " b ", r6, r7, " b "               \n\t"

/* BYTES from a window's first word to that of its neighbour. */
#define EW_SWAR_M3_CHANNEL(ROW, BYTES, START)          \
    "push   {r4-r11, lr}                      \n\t"    \
    "sub    sp, sp, #88                       \n\t"    \
    "ldm    r0!, {r1-r11}                     \n\t"    \
    "stm    sp, {r1-r11}                      \n\t"    \
    "ldm    r0, {r1-r11}                      \n\t"    \
    "add    r12, sp, #44                      \n\t"    \
    "stm    r12, {r1-r11}                     \n\t"    \
    "ldr    r5, [sp, #24]                     \n\t"    \
    "b      2f                                \n"      \
    "1:                                       \n\t"    \
    "ldrd   r0, r1, [sp]                      \n\t"    \
    "mov    r2, #0x8000                       \n\t"    \
    "add    r3, r0, #2 * " BYTES "            \n\t"    \
    "str    r3, [sp]                          \n\t"    \
    ROW("r10", "r12")                                  \
    "ldr    r3, [sp, #44]                     \n\t"    \
    "asr    r11, r10, #16                     \n\t"    \
    "asr    lr, r12, #16                      \n\t"    \
    "add    r0, r0, r3                        \n\t"    \
    ROW("r8", "r9")                                    \
    "ldr    r3, [sp, #44]                     \n\t"    \
    EW_SWAR_M3_TOTALS                                  \
    "add    r0, r0, r3                        \n\t"    \
    ROW("r8", "r9")                                    \
    EW_SWAR_M3_TOTALS                                  \
    "ldr    r7, [sp, #48]                     \n\t"    \
    "cmp    r7, #0                            \n\t"    \
    "bne.w  6f                                \n"      \
    "3:                                       \n\t"    \
    "add    r0, sp, #8                        \n\t"    \
    "ldm    r0, {r0, r2-r9}                   \n\t"    \
    "sub    r10, r10, r11, lsl #16            \n\t"    \
    "sub    r12, r12, lr, lsl #16             \n\t"    \
    "add    r10, r10, r9                      \n\t"    \
    "add    r11, r11, r0                      \n\t"    \
    "add    r12, r12, r9                      \n\t"    \
    "add    lr, lr, r0                        \n\t"    \
    EW_SWAR_M3_END(START, "lr", "r4", "[r5, r8]")      \
    EW_SWAR_M3_END(START, "r12", "r4", "[r5, r7]")     \
    EW_SWAR_M3_END(START, "r11", "r4", "[r5, r6]")     \
    EW_SWAR_M3_END(START, "r10", "r4", "[r5]")         \
    "add    r5, r5, r7, lsl #1                \n\t"    \
    "str    r5, [sp, #24]                     \n"      \
    "2:                                       \n\t"    \
    "ldr    r9, [sp, #52]                     \n\t"    \
    "cmp    r5, r9                            \n\t"    \
    "bne.w  1b                                \n\t"    \
    /* Whole pairs are done: an odd window is one of a pair whose outputs both go to its place. */ \
    "ldr    r0, [sp, #56]                     \n\t"    \
    "cbz    r0, 4f                            \n\t"    \
    "ldr    r1, [sp, #28]                     \n\t"    \
    "mov    r0, #0                            \n\t"    \
    "str    r0, [sp, #56]                     \n\t"    \
    "strd   r0, r1, [sp, #32]                 \n\t"    \
    "b.w    1b                                \n"      \
    "4:                                       \n\t"    \
    "add    r0, sp, #60                       \n\t"    \
    "ldm    r0, {r0-r6}                       \n\t"    \
    "subs   r0, r0, #1                        \n\t"    \
    "beq.w  7f                                \n\t"    \
    "add    r1, r1, r2                        \n\t"    \
    "strd   r0, r1, [sp, #60]                 \n\t"    \
    "str    r1, [sp]                          \n\t"    \
    "mla    r7, r4, r5, r9                    \n\t"    \
    "add    r9, r9, r3                        \n\t"    \
    "strd   r9, r4, [sp, #52]                 \n\t"    \
    "cmp    r0, #1                            \n\t"    \
    "ldr    r8, [sp, #28]                     \n\t"    \
    "bne    5f                                \n\t"    \
    "cbz    r6, 5f                            \n\t"    \
    "mov    r8, #0                            \n"      \
    "5:                                       \n\t"    \
    "add    r6, r8, r5                        \n\t"    \
    "strd   r7, r8, [sp, #24]                 \n\t"    \
    "strd   r5, r6, [sp, #32]                 \n\t"    \
    "mov    r5, r7                            \n\t"    \
    "b      2b                                \n"      \
    "6:                                       \n\t"    \
    "ldr    r3, [sp, #44]                     \n\t"    \
    "add    r0, r0, r3                        \n\t"    \
    "ldrsh  r1, [r7], #2                      \n"      \
    "8:                                       \n\t"    \
    "ldrsh  r3, [r7], #2                      \n\t"    \
    "ldrsh  r6, [r7], #2                      \n\t"    \
    "add    r3, r0, r3, lsl #2                \n\t"    \
    "ldr    r4, [r3]                          \n\t"    \
    "ldr    r5, [r3, #" BYTES "]              \n\t"    \
    "mla    r8, r4, r6, r2                    \n\t"    \
    "mla    r9, r5, r6, r2                    \n\t"    \
    EW_SWAR_M3_TOTALS                                  \
    "sub    r10, r10, r2                      \n\t"    \
    "sub    r12, r12, r2                      \n\t"    \
    "subs   r1, r1, #1                        \n\t"    \
    "bne    8b                                \n\t"    \
    "b.w    3b                                \n"      \
    "7:                                       \n\t"    \
    "add    sp, sp, #88                       \n\t"    \
    "pop    {r4-r11, pc}                      \n\t"
/* clang-format on */

/* 85 instructions for the 36 products of two windows in each half, 88 of stride 2. */
EW_ASM void ew_depthwise_conv_2d_s8_m3_1(const ew_depthwise_conv_2d_s8_m3_channel *of EW_UNUSED) {
    EW_ASM_BODY(EW_SWAR_M3_CHANNEL(EW_SWAR_M3_ROW_1, "4", EW_SWAR_M3_HALF));
}

EW_ASM void ew_depthwise_conv_2d_s8_m3_2(const ew_depthwise_conv_2d_s8_m3_channel *of EW_UNUSED) {
    EW_ASM_BODY(EW_SWAR_M3_CHANNEL(EW_SWAR_M3_ROW_2, "8", EW_SWAR_M3_HALF));
}

/* For layers whose halves below zero matter. */
EW_ASM void
ew_depthwise_conv_2d_s8_m3_ties_1(const ew_depthwise_conv_2d_s8_m3_channel *of EW_UNUSED) {
    EW_ASM_BODY(EW_SWAR_M3_CHANNEL(EW_SWAR_M3_ROW_1, "4", EW_SWAR_M3_TIES));
}

EW_ASM void
ew_depthwise_conv_2d_s8_m3_ties_2(const ew_depthwise_conv_2d_s8_m3_channel *of EW_UNUSED) {
    EW_ASM_BODY(EW_SWAR_M3_CHANNEL(EW_SWAR_M3_ROW_2, "8", EW_SWAR_M3_TIES));
}

typedef void ew_depthwise_conv_2d_s8_m3_line(const ew_depthwise_conv_2d_s8_m3_channel *of);

/* The function for a shape, of which these fields are constants: others are left out. */
EW_INLINE ew_depthwise_conv_2d_s8_m3_line *
ew_depthwise_conv_2d_s8_m3_line_of(const ew_depthwise_conv_2d_s8_swar_shape *s) {
    if (s->ties) {
        return s->window.stride_w == 1 ? ew_depthwise_conv_2d_s8_m3_ties_1
                                       : ew_depthwise_conv_2d_s8_m3_ties_2;
    }
    return s->window.stride_w == 1 ? ew_depthwise_conv_2d_s8_m3_1 : ew_depthwise_conv_2d_s8_m3_2;
}

/* What all channels have in common. */
EW_INLINE ew_depthwise_conv_2d_s8_m3_channel
ew_depthwise_conv_2d_s8_m3_channels(const ew_window *w, const uint32_t *plane) {
    const int32_t half = ew_depthwise_conv_2d_s8_swar_half(w);
    const int32_t width = 4 * ew_depthwise_conv_2d_s8_swar_width(w), step = w->in_c;
    const int32_t far = w->out_h > 1 ? half * w->out_w * step : 0;
    const ew_depthwise_conv_2d_s8_m3_channel found = {plane,
                                                      0,
                                                      {0, 0, 0, 0},
                                                      0,
                                                      far,
                                                      step,
                                                      far + step,
                                                      0,
                                                      w->dilation_h * width,
                                                      0,
                                                      0,
                                                      w->out_w & 1,
                                                      half,
                                                      plane,
                                                      w->stride_h * width,
                                                      w->out_w * step,
                                                      w->out_w & 1,
                                                      step,
                                                      w->out_h & 1};
    return found;
}

EW_SHARED void ew_depthwise_conv_2d_s8_m3_three(const ew_depthwise_conv_2d_s8_swar_shape *s,
                                                const int8_t *input, int8_t *output,
                                                const int8_t *weights, const int16_t *singles,
                                                const int32_t *factors, int32_t in_zp,
                                                uint32_t *scratch,
                                                ew_depthwise_conv_2d_s8_m3_line *line) {
    const ew_window *w = &s->window;
    const int32_t width = ew_depthwise_conv_2d_s8_swar_width(w);
    const int32_t words = width * ew_depthwise_conv_2d_s8_swar_height(w);
    const int32_t columns = ew_min(w->in_w, width - w->pad_left);
    int8_t *const padding = (int8_t *)(scratch + words);
    ew_depthwise_conv_2d_s8_m3_channel of = ew_depthwise_conv_2d_s8_m3_channels(w, scratch);
    ew_depthwise_conv_2d_s8_m3_rows rows[3];
    *padding = (int8_t)in_zp;
    for (int32_t i = 0; i < words; i++) {
        scratch[i] = (uint32_t)in_zp * 0x10001U;
    }
    for (int32_t b = 0; b < s->batches; b++) {
        const int16_t *more = singles;
        const int32_t *ends = factors;
        const int32_t pieces =
            ew_depthwise_conv_2d_s8_m3_pieces(w, input, padding, scratch, columns, rows);
        of.weights = weights;
        for (int32_t c = 0; c < w->in_c; c++, of.weights += 9, ends += 4) {
            if (pieces > 0) {
                ew_depthwise_conv_2d_s8_m3_plane(rows, pieces, 4 * columns, 4 * (width - columns));
            }
            memcpy(of.factors, ends, sizeof of.factors);
            of.low = of.factors[0] - 3 * (1 << 15);
            of.out = output + c;
            of.row_end = of.out + (w->out_w & ~1) * w->in_c;
            of.singles = *more ? more : 0;
            line(&of);
            more += 1 + 2 * *more;
        }
        input += w->in_h * w->in_w * w->in_c;
        output += w->out_h * w->out_w * w->in_c;
    }
}

/* As ew_depthwise_conv_2d_s8_swar; scratch with `pairs`: the plane of words, and two more. */
EW_INLINE void ew_depthwise_conv_2d_s8_m3(const ew_depthwise_conv_2d_s8_swar_shape *s,
                                          const int8_t *input, int8_t *output,
                                          const int8_t *weights, const int16_t *singles,
                                          const int32_t *factors, int32_t in_zp, int32_t act_min,
                                          int32_t act_max, uint32_t *scratch) {
    if (s->pairs) {
        ew_depthwise_conv_2d_s8_m3_three(s, input, output, weights, singles, factors, in_zp,
                                         scratch, ew_depthwise_conv_2d_s8_m3_line_of(s));
        if (s->finish == EW_SWAR_CLAMP) {
            const int32_t bytes = s->batches * s->window.out_h * s->window.out_w * s->window.in_c;
            for (int32_t i = 0; i < bytes; i++) {
                output[i] = (int8_t)ew_clamp(output[i], act_min, act_max);
            }
        }
    } else {
        ew_depthwise_conv_2d_s8_swar(s, input, output, weights, singles, factors, in_zp, act_min,
                                     act_max, scratch);
    }
}

#endif
