/* SPDX-License-Identifier: Apache-2.0 */
/*
 * int8 CONV_2D for DSP cores in as few bytes as possible: the products of
 * ew_dsp_gemm.h, with half of the bytes for what ends a channel, one way to
 * fill a block, and one function for all layers.
 *
 * Windows are gathered to a row of bytes, pixel by pixel, and widened into the
 * block. Pixels that are left over four are computed alone: the block holds one
 * of them four times, and all four results go to its place.
 *
 * The stream holds for each pair of channels (lo, hi), which are neighbours in
 * the output; of an odd number of them the second is in the first two pairs
 * bias * 32 + shift - 1 of lo, then of hi; input offset folded into the bias
 * for each four values two words of halfwords 256 * w[hi] + w[lo]: (k, k+2),
 * then (k+1, k+3) multiplier of lo, then of hi The constant of `linear` is (2 *
 * zero point + 1) << (shift - 1).
 */
#ifndef EW_CONV_2D_S8_COMPACT_H
#define EW_CONV_2D_S8_COMPACT_H

#include "ew_dsp_gemm.h"

/* As `ew_window` and what else a layer has, in half the bytes: there is one for
 * each layer. */
typedef struct {
    uint16_t in_h, in_w, in_c;
    uint16_t out_h, out_w;
    uint16_t k_h, k_w;
    uint16_t stride_h, stride_w;
    uint16_t dilation_h, dilation_w;
    uint16_t pad_top, pad_left;
    uint16_t batches;
    uint16_t out_c;
    uint16_t depth; /* values of a window, up to a multiple of 4 */
    int16_t act_min, act_max;
} ew_conv_2d_s8_compact_shape;

typedef struct {
    const int8_t *block;
    int32_t block_bytes; /* 8 * depth */
    int8_t *out;         /* pixel 0 */
    int32_t out_step;    /* bytes from a pixel to the next */
    const int32_t *stream;
    const int32_t *stream_end;
    int32_t constant; /* 2 * zero point of the output + 1 */
} ew_compact_gemm;

/* Twice a sum to its output; r2 multiplier, r3 constant << shift, r12 shift. */
/* clang-format off */
#define EW_COMPACT_GEMM_END(acc)                  \
    "add    r0, r3, " acc ", asr #31  \n\t"       \
    "smmlar " acc ", " acc ", r2, r0  \n\t"       \
    "asr    " acc ", " acc ", r12     \n\t"       \
    "ssat   " acc ", #8, " acc ", asr #1 \n\t"

/* Stack: block, its end, entry into the loop, out, out_step, stream_end, constant, first words of lo and hi.
   r0 block, r1 stream, r4-r7 lo, r8-r11 hi. At 3 a channel ends: r4-r7 twice its sums, r12 its first word. */
#define EW_COMPACT_GEMM_BODY                                                      \
    "push   {r4-r11, lr}              \n\t"                                       \
    "sub    sp, sp, #36               \n\t"                                       \
    "ldm    r0, {r0-r6}               \n\t"                                       \
    "strd   r2, r3, [sp, #12]         \n\t"                                       \
    "strd   r5, r6, [sp, #20]         \n\t"                                       \
    "lsrs   r6, r1, #4                \n\t" /* turns of the loop; the first  */   \
    "rsbs   r6, r6, #0                \n\t" /* round skips those over a      */   \
    "and    r6, r6, #3                \n\t" /* multiple of 4                 */   \
    "add    r6, r6, r6, lsl #1        \n\t"                                       \
    "adr.w  r7, 2f + 1                \n\t"                                       \
    "add    r6, r7, r6, lsl #4        \n\t"                                       \
    "adds   r1, r0, r1                \n\t"                                       \
    "strd   r0, r1, [sp]              \n\t"                                       \
    "str    r6, [sp, #8]              \n\t"                                       \
    "mov    r1, r4                    \n"                                         \
    "1:                               \n\t"                                       \
    "ldrd   r4, r8, [r1], #8          \n\t"                                       \
    "strd   r4, r8, [sp, #28]         \n\t"                                       \
    "asrs   r4, r4, #5                \n\t"                                       \
    "asr    r8, r8, #5                \n\t"                                       \
    "add    r8, r4, r8, lsl #8        \n\t"                                       \
    "ldr    r0, [sp]                  \n\t"                                       \
    "mov    r5, r4                    \n\t"                                       \
    "mov    r6, r4                    \n\t"                                       \
    "mov    r7, r4                    \n\t"                                       \
    "mov    r9, r8                    \n\t"                                       \
    "mov    r10, r8                   \n\t"                                       \
    "mov    r11, r8                   \n\t"                                       \
    "ldr    pc, [sp, #8]              \n"                                         \
    "2:                               \n\t"                                       \
    EW_DSP_GEMM_STEP EW_DSP_GEMM_STEP EW_DSP_GEMM_STEP EW_DSP_GEMM_STEP           \
    "ldr    r2, [sp, #4]              \n\t"                                       \
    "cmp    r0, r2                    \n\t"                                       \
    "bne.w  2b                        \n\t"                                       \
    "sub    r8, r8, r4                \n\t" "asr    r8, r8, #7        \n\t"       \
    "sub    r9, r9, r5                \n\t" "asr    r9, r9, #7        \n\t"       \
    "sub    r10, r10, r6              \n\t" "asr    r10, r10, #7      \n\t"       \
    "sub    r11, r11, r7              \n\t" "asr    r11, r11, #7      \n\t"       \
    "lsls   r4, r4, #1                \n\t" "lsls   r5, r5, #1        \n\t"       \
    "lsls   r6, r6, #1                \n\t" "lsls   r7, r7, #1        \n\t"       \
    "ldr    r12, [sp, #28]            \n\t"                                       \
    "bl     3f                        \n\t"                                       \
    "mov    r4, r8                    \n\t"                                       \
    "mov    r5, r9                    \n\t"                                       \
    "mov    r6, r10                   \n\t"                                       \
    "mov    r7, r11                   \n\t"                                       \
    "ldr    r12, [sp, #32]            \n\t"                                       \
    "bl     3f                        \n\t"                                       \
    "ldr    r2, [sp, #20]             \n\t"                                       \
    "cmp    r1, r2                    \n\t"                                       \
    "bne.w  1b                        \n\t"                                       \
    "add    sp, sp, #36               \n\t"                                       \
    "pop    {r4-r11, pc}              \n"                                         \
    "3:                               \n\t"                                       \
    "and    r12, r12, #31             \n\t"                                       \
    "ldr    r3, [sp, #24]             \n\t"                                       \
    "lsl    r3, r3, r12               \n\t"                                       \
    "ldr    r2, [r1], #4              \n\t"                                       \
    EW_COMPACT_GEMM_END("r4") EW_COMPACT_GEMM_END("r5")                           \
    EW_COMPACT_GEMM_END("r6") EW_COMPACT_GEMM_END("r7")                           \
    "ldrd   r0, r3, [sp, #12]         \n\t"                                       \
    "strb   r4, [r0]                  \n\t"                                       \
    "strb   r5, [r0, r3]              \n\t"                                       \
    "strb   r6, [r0, r3, lsl #1]      \n\t"                                       \
    "add    r3, r3, r3, lsl #1        \n\t"                                       \
    "strb   r7, [r0, r3]              \n\t"                                       \
    "adds   r0, r0, #1                \n\t"                                       \
    "str    r0, [sp, #12]             \n\t"                                       \
    "bx     lr                        \n\t"
/* clang-format on */

EW_ASM void ew_compact_gemm_four(const ew_compact_gemm *g EW_UNUSED) {
    EW_ASM_BODY(EW_COMPACT_GEMM_BODY);
}

/* The window of an output pixel as bytes: a row at once where all of it lies
 * inside the image. */
EW_INLINE void ew_conv_2d_s8_compact_gather(const ew_conv_2d_s8_compact_shape *s,
                                            const int8_t *image, int32_t pixel, int32_t in_zp,
                                            int8_t *patch) {
    const int32_t x0 = pixel % s->out_w * s->stride_w - s->pad_left;
    const int32_t whole = s->dilation_w == 1 && x0 >= 0 && x0 + s->k_w <= s->in_w;
    const int32_t run = whole ? s->k_w : 1;
    int32_t y = pixel / s->out_w * s->stride_h - s->pad_top;
    memset(patch, in_zp, (size_t)s->depth);
    for (int32_t ky = 0; ky < s->k_h; ky++, y += s->dilation_h) {
        for (int32_t kx = 0, x = x0; kx < s->k_w; kx += run, x += s->dilation_w) {
            if ((uint32_t)y < (uint32_t)s->in_h && (uint32_t)x < (uint32_t)s->in_w) {
                memcpy(patch, image + (y * s->in_w + x) * s->in_c, (size_t)(run * s->in_c));
            }
            patch += run * s->in_c;
        }
    }
}

/* The window of an output pixel into a block, at the pixel's place in it. */
EW_INLINE void ew_conv_2d_s8_compact_fill(const ew_conv_2d_s8_compact_shape *s, const int8_t *patch,
                                          int8_t *to) {
    for (const int8_t *end = patch + s->depth; patch < end; patch += 4, to += 32) {
        const uint32_t x = ew_load_word(patch);
        ew_store_word(to, ew_sxtb16(x));
        ew_store_word(to + 16, ew_sxtb16_odd(x));
    }
}

EW_SHARED void ew_conv_2d_s8_compact_all(const ew_conv_2d_s8_compact_shape *s, const int8_t *input,
                                         int8_t *output, const int32_t *stream, int32_t in_zp,
                                         int32_t out_zp, int8_t *scratch) {
    const int32_t pixels = s->out_h * s->out_w, pair = (s->depth >> 1) + 4;
    int8_t *const patch = scratch + 8 * s->depth;
    for (int32_t b = 0; b < s->batches; b++, input += s->in_h * s->in_w * s->in_c) {
        for (int32_t pixel = 0, count; pixel < pixels; pixel += count, output += count * s->out_c) {
            const int32_t four = pixels - pixel < 4 ? 0 : -1; /* a mask */
            count = 1 + (four & 3);
            for (int32_t p = 0; p < 4; p++) {
                ew_conv_2d_s8_compact_gather(s, input, pixel + (p & four), in_zp, patch);
                ew_conv_2d_s8_compact_fill(s, patch, scratch + 4 * p);
            }
            ew_compact_gemm g = {scratch,       8 * s->depth,
                                 output,        s->out_c & four,
                                 stream,        stream + ((s->out_c + 1) >> 1) * pair,
                                 2 * out_zp + 1};
            if (s->out_c & 1) { /* channels 0 and 1, then 1 and 2, and so on */
                const int32_t *const end = g.stream_end;
                g.stream_end = stream + pair;
                ew_compact_gemm_four(&g);
                g.stream = g.stream_end;
                g.stream_end = end;
                g.out++;
            }
            ew_compact_gemm_four(&g);
            ew_clamp_if_needed(output, count * s->out_c, s->act_min, s->act_max);
        }
    }
}

/* input [batches][in_h][in_w][in_c], output [batches][out_h][out_w][out_c];
 * each may be at any address. The windows of four pixels, or of one that is
 * left over, are read whole before these are written. scratch: 9 * depth. */
EW_INLINE void ew_conv_2d_s8_compact(const ew_conv_2d_s8_compact_shape *s, const int8_t *input,
                                     int8_t *output, const int32_t *weights, int32_t in_zp,
                                     int32_t out_zp, int8_t *scratch) {
    ew_conv_2d_s8_compact_all(s, input, output, weights, in_zp, out_zp, scratch);
}

#endif
