/* SPDX-License-Identifier: Apache-2.0 */
/*
 * int8 CONV_2D with three columns and a column stride of 1 for DSP cores: Winograd's F(2, 3) along
 * a row (Lavin and Gray, "Fast algorithms for convolutional neural networks", 2015, arXiv
 * 1509.09308), exact in integers.
 *
 * A tile is two neighbouring outputs. From its four columns d0..d3 and a row of weights g0..g2
 *     m0 = (d0 - d2) 2 g0    m1 = (d1 + d2)(g0 + g1 + g2)    m2 = (d2 - d1)(g0 - g1 + g2)    m3 =
 * (d1 - d3) 2 g2 2 y0 = m0 + m1 + m2    2 y1 = m1 - m2 - m3 are four products for six; they are
 * summed over rows and channels before the last step. The factor of 2 that makes the weights
 * integers is the one that requantisation wants. Columns are 9 bits, weights 10 bits, both in
 * int16.
 *
 * Four tiles by two channels at a time: 11 instructions for 16 products of int16, which stand for
 * 24 multiplications. Price: 8 bytes of weights for 3, and a block of 32 bytes for each row and
 * channel.
 *
 * Block: for each two values (k, k + 2), then (k + 1, k + 3), of a row and four channels: m0 of
 * four tiles, m1, m2, m3. Stream of two channels: twice the biases; weights of m1, m2, m0; ends;
 * weights of -m3; ends. Weights: for each two values the word of the first channel, then that of
 * the second. Ends and requantisation are those of ew_dsp_gemm.h, with s - 1 for s in `relu`.
 */
#ifndef EW_CONV_2D_S8_WINOGRAD_H
#define EW_CONV_2D_S8_WINOGRAD_H

#include "ew_dsp_gemm.h"
#include "window_s8.h"

typedef struct {
    ew_window window; /* k_w 3, stride_w 1, dilation_w 1, in_c a multiple of 4, out_w even */
    int32_t batches;
    int32_t out_c;
    int32_t stream; /* words of the stream */
    int32_t relu;   /* which of the two functions the stream is for */
    int32_t act_min, act_max;
} ew_conv_2d_s8_winograd_shape;

typedef struct {
    const int16_t *block;
    int32_t block_bytes; /* 64 for each two values */
    int8_t *out;         /* first output of the first tile */
    int32_t out_step;    /* bytes from a tile to the next */
    int8_t *out_second;  /* second output of the first tile */
    const int32_t *stream;
    const int32_t *stream_end;
} ew_dsp_winograd;

/* Two values of four tiles: 44 bytes of code. r0 block, r1 stream, r4-r7 first channel, r8-r11
 * second. */
/* clang-format off */
#define EW_DSP_WINOGRAD_STEP                      \
    "ldrd   r12, lr, [r1], #8         \n\t"       \
    "ldrd   r2, r3, [r0], #64         \n\t"       \
    "smlad  r4, r2, r12, r4           \n\t"       \
    "smlad  r5, r3, r12, r5           \n\t"       \
    "smlad  r8, r2, lr, r8            \n\t"       \
    "smlad  r9, r3, lr, r9            \n\t"       \
    "ldrd   r2, r3, [r0, #-56]        \n\t"       \
    "smlad  r6, r2, r12, r6           \n\t"       \
    "smlad  r7, r3, r12, r7           \n\t"       \
    "smlad  r10, r2, lr, r10          \n\t"       \
    "smlad  r11, r3, lr, r11          \n\t"

/* Adds up a component, at `offset` in the block, and goes on at label `then`. */
#define EW_DSP_WINOGRAD_SUM(offset, then)         \
    "ldrd   r0, r2, [sp, #32]         \n\t"       \
    "adr.w  r3, " then " + 1          \n\t"       \
    "add    r0, r0, #" offset "       \n\t"       \
    "add    r2, r0, r2                \n\t"       \
    "strd   r2, r3, [sp, #60]         \n\t"       \
    "ldr    pc, [sp, #40]             \n\t"

/* acc pairs m1 (on the stack) and m2 (in registers) become m1 - m2 (on the stack) and m1 + m2. */
#define EW_DSP_WINOGRAD_SPLIT(place, a, b)        \
    "ldrd   r2, r3, [sp, #" place "]  \n\t"       \
    "sub    r12, r2, " a "            \n\t"       \
    "add    " a ", r2, " a "          \n\t"       \
    "sub    lr, r3, " b "             \n\t"       \
    "add    " b ", r3, " b "          \n\t"       \
    "strd   r12, lr, [sp, #" place "] \n\t"

#define EW_DSP_WINOGRAD_CHANNEL(FINISH, place, a, b, c, d, STEP) \
    "ldr    r0, [sp, #" place "]      \n\t"                      \
    "ldm    r1!, {r2, r3, r12}        \n\t"                      \
    "add    r0, r0, r12, lsr #8       \n\t"                      \
    FINISH(a)                                                    \
    "strb   " a ", [r0]               \n\t" STEP                 \
    FINISH(b)                                                    \
    "strb   " b ", [r0, r4]           \n\t"                      \
    FINISH(c)                                                    \
    "strb   " c ", [r0, r4, lsl #1]   \n\t"                      \
    FINISH(d)                                                    \
    "add    r0, r0, r4                \n\t"                      \
    "strb   " d ", [r0, r4, lsl #1]   \n\t"

/* Requantises and stores both channels of four outputs. */
#define EW_DSP_WINOGRAD_STORE(FINISH, place)                                                            \
    EW_DSP_WINOGRAD_CHANNEL(FINISH, place, "r4", "r5", "r6", "r7", "ldr    r4, [sp, #48]         \n\t") \
    EW_DSP_WINOGRAD_CHANNEL(FINISH, place, "r8", "r9", "r10", "r11", "")

/* Stack: 0 eight sums; 32 block, block_bytes; 40 entry into the loop; 44 out, out_step, out_second, stream_end; 60 end
   of the component, where to go on. */
#define EW_DSP_WINOGRAD_BODY(FINISH)                                                    \
    "push   {r4-r11, lr}              \n\t"                                             \
    "sub    sp, sp, #68               \n\t"                                             \
    "ldm    r0, {r0-r5, r7}           \n\t"                                             \
    "strd   r0, r1, [sp, #32]         \n\t"                                             \
    "lsr    r6, r1, #6                \n\t"                                             \
    "rsb    r6, r6, #0                \n\t"                                             \
    "and    r6, r6, #7                \n\t"                                             \
    "add    r8, r6, r6, lsl #1        \n\t"                                             \
    "add    r8, r8, r6, lsl #3        \n\t" /* 11 instructions of 4 bytes */            \
    "adr.w  r9, 2f + 1                \n\t"                                             \
    "add    r6, r9, r8, lsl #2        \n\t"                                             \
    "strd   r6, r2, [sp, #40]         \n\t"                                             \
    "strd   r3, r4, [sp, #48]         \n\t"                                             \
    "str    r7, [sp, #56]             \n\t"                                             \
    "mov    r1, r5                    \n"                                               \
    "1:                               \n\t"                                             \
    "ldrd   r4, r8, [r1], #8          \n\t"                                             \
    "mov    r5, r4                    \n\t"                                             \
    "mov    r6, r4                    \n\t"                                             \
    "mov    r7, r4                    \n\t"                                             \
    "mov    r9, r8                    \n\t"                                             \
    "mov    r10, r8                   \n\t"                                             \
    "mov    r11, r8                   \n\t"                                             \
    EW_DSP_WINOGRAD_SUM("16", "3f")                                                     \
    "2:                               \n\t"                                             \
    EW_DSP_WINOGRAD_STEP EW_DSP_WINOGRAD_STEP EW_DSP_WINOGRAD_STEP EW_DSP_WINOGRAD_STEP \
    EW_DSP_WINOGRAD_STEP EW_DSP_WINOGRAD_STEP EW_DSP_WINOGRAD_STEP EW_DSP_WINOGRAD_STEP \
    "ldr    r2, [sp, #60]             \n\t"                                             \
    "cmp    r0, r2                    \n\t"                                             \
    "bne.w  2b                        \n\t"                                             \
    "ldr    pc, [sp, #64]             \n"                                               \
    "3:                               \n\t"                                             \
    "stm    sp, {r4-r11}              \n\t"                                             \
    "mov    r4, #0                    \n\t"                                             \
    "mov    r5, #0                    \n\t"                                             \
    "mov    r6, #0                    \n\t"                                             \
    "mov    r7, #0                    \n\t"                                             \
    "mov    r8, #0                    \n\t"                                             \
    "mov    r9, #0                    \n\t"                                             \
    "mov    r10, #0                   \n\t"                                             \
    "mov    r11, #0                   \n\t"                                             \
    EW_DSP_WINOGRAD_SUM("32", "4f")                                                     \
    "4:                               \n\t"                                             \
    EW_DSP_WINOGRAD_SPLIT("0", "r4", "r5")                                              \
    EW_DSP_WINOGRAD_SPLIT("8", "r6", "r7")                                              \
    EW_DSP_WINOGRAD_SPLIT("16", "r8", "r9")                                             \
    EW_DSP_WINOGRAD_SPLIT("24", "r10", "r11")                                           \
    EW_DSP_WINOGRAD_SUM("0", "5f")                                                      \
    "5:                               \n\t"                                             \
    EW_DSP_WINOGRAD_STORE(FINISH, "44")                                                 \
    "ldm    sp, {r4-r11}              \n\t"                                             \
    EW_DSP_WINOGRAD_SUM("48", "6f")                                                     \
    "6:                               \n\t"                                             \
    EW_DSP_WINOGRAD_STORE(FINISH, "52")                                                 \
    "ldr    r2, [sp, #56]             \n\t"                                             \
    "cmp    r1, r2                    \n\t"                                             \
    "bne.w  1b                        \n\t"                                             \
    "add    sp, sp, #68               \n\t"                                             \
    "pop    {r4-r11, pc}              \n\t"
/* clang-format on */

EW_ASM void ew_dsp_winograd_relu(const ew_dsp_winograd *g EW_UNUSED) {
    EW_ASM_BODY(EW_DSP_WINOGRAD_BODY(EW_DSP_GEMM_LO_RELU));
}

EW_ASM void ew_dsp_winograd_linear(const ew_dsp_winograd *g EW_UNUSED) {
    EW_ASM_BODY(EW_DSP_WINOGRAD_BODY(EW_DSP_GEMM_FINISH));
}

/* The half of EW_DSP_WINOGRAD_TILE for bytes 0 and 2 (`ror` empty) or 1 and 3. */
/* clang-format off */
#define EW_DSP_WINOGRAD_HALF(ror, m0, m1, m2, m3) \
    "sxtb16 r8, r4" ror "             \n\t"       \
    "sxtb16 r9, r5" ror "             \n\t"       \
    "sxtb16 r10, r6" ror "            \n\t"       \
    "sxtb16 r11, r7" ror "            \n\t"       \
    "ssub16 r8, r8, r10               \n\t"       \
    "str    r8, [r0, #" m0 "]         \n\t"       \
    "sadd16 r8, r9, r10               \n\t"       \
    "str    r8, [r0, #" m1 "]         \n\t"       \
    "ssub16 r10, r10, r9              \n\t"       \
    "str    r10, [r0, #" m2 "]        \n\t"       \
    "ssub16 r11, r9, r11              \n\t"       \
    "str    r11, [r0, #" m3 "]        \n\t"
/* clang-format on */

/* Transforms `quads` times four channels of a tile's four columns. 31 instructions for four
 * channels. */
EW_ASM void ew_dsp_winograd_tile(int16_t *block EW_UNUSED, const int8_t *const columns[4] EW_UNUSED,
                                 int32_t quads EW_UNUSED) {
    /* clang-format off */
    EW_ASM_BODY(
        "push   {r4-r11, lr}         \n\t"
        "mov    lr, r2               \n\t"
        "ldm    r1, {r1, r2, r3, r12} \n"
        "1:                          \n\t"
        "ldr    r4, [r1], #4         \n\t"
        "ldr    r5, [r2], #4         \n\t"
        "ldr    r6, [r3], #4         \n\t"
        "ldr    r7, [r12], #4        \n\t"
        EW_DSP_WINOGRAD_HALF("", "0", "16", "32", "48")
        EW_DSP_WINOGRAD_HALF(", ror #8", "64", "80", "96", "112")
        "add    r0, r0, #128         \n\t"
        "subs   lr, lr, #1           \n\t"
        "bne    1b                   \n\t"
        "pop    {r4-r11, pc}         \n\t");
    /* clang-format on */
}

/* Scratch: the block, 8 * out_c bytes of a last block that is not whole, and a pixel of zero
 * points. */
typedef struct {
    int16_t *block;
    int32_t block_bytes;
    int8_t *tail;
    int8_t *padding;
} ew_conv_2d_s8_winograd_scratch;

/* The tile whose first output is (oy, ox), as number `tile` of the block. */
EW_INLINE void ew_conv_2d_s8_winograd_fill(const ew_window *w, const int8_t *image, int32_t oy,
                                           int32_t ox, int32_t tile,
                                           const ew_conv_2d_s8_winograd_scratch *to) {
    const int32_t x0 = ox - w->pad_left;
    int16_t *block = to->block + 2 * tile;
    int32_t y = oy * w->stride_h - w->pad_top;
    for (int32_t ky = 0; ky < w->k_h; ky++, y += w->dilation_h, block += 16 * w->in_c) {
        const int8_t *row = image + (y * w->in_w + x0) * w->in_c;
        const int8_t *from[4];
        for (int32_t i = 0; i < 4; i++, row += w->in_c) {
            const int32_t inside =
                (uint32_t)y < (uint32_t)w->in_h && (uint32_t)(x0 + i) < (uint32_t)w->in_w;
            from[i] = inside ? row : to->padding;
        }
        ew_dsp_winograd_tile(block, from, w->in_c / 4);
    }
}

/* All channels of the `count` tiles in the block. */
EW_INLINE void ew_conv_2d_s8_winograd_tiles(const ew_conv_2d_s8_winograd_shape *s,
                                            const int32_t *stream, int8_t *output, int32_t count,
                                            const ew_conv_2d_s8_winograd_scratch *from) {
    int8_t *out = count == 4 ? output : from->tail;
    const ew_dsp_winograd g = {from->block, from->block_bytes, out, 2 * s->out_c, out + s->out_c,
                               stream,      stream + s->stream};
    if (s->relu) {
        ew_dsp_winograd_relu(&g);
    } else {
        ew_dsp_winograd_linear(&g);
    }
    if (count < 4) {
        memcpy(output, from->tail, (size_t)(2 * count * s->out_c));
    }
    ew_clamp_if_needed(output, 2 * count * s->out_c, s->act_min, s->act_max);
}

EW_INLINE void ew_conv_2d_s8_winograd_image(const ew_conv_2d_s8_winograd_shape *s,
                                            const int8_t *image, int8_t *output,
                                            const int32_t *stream,
                                            const ew_conv_2d_s8_winograd_scratch *scratch) {
    const ew_window *w = &s->window;
    int32_t oy = 0, ox = 0;
    for (int32_t left = w->out_h * w->out_w / 2; left > 0; left -= 4, output += 8 * s->out_c) {
        const int32_t count = ew_min(left, 4);
        for (int32_t tile = 0; tile < count; tile++) {
            ew_conv_2d_s8_winograd_fill(w, image, oy, ox, tile, scratch);
            ox += 2;
            if (ox == w->out_w) {
                ox = 0;
                oy++;
            }
        }
        ew_conv_2d_s8_winograd_tiles(s, stream, output, count, scratch);
    }
}

/*
 * input [batches][in_h][in_w][in_c], output [batches][out_h][out_w][out_c]; each may be at any
 * address. The windows of eight pixels are read whole before the pixels are written.
 */
EW_SHARED void ew_conv_2d_s8_winograd_shared(const ew_conv_2d_s8_winograd_shape *s,
                                             const int8_t *input, int8_t *output,
                                             const int32_t *stream, int32_t in_zp,
                                             int8_t *scratch) {
    const ew_window *w = &s->window;
    const int32_t block_bytes = 32 * w->k_h * w->in_c, pixels = w->out_h * w->out_w;
    int8_t *const tail = scratch + block_bytes;
    const ew_conv_2d_s8_winograd_scratch places = {(int16_t *)(void *)scratch, block_bytes, tail,
                                                   pixels % 8 == 0 ? tail : tail + 8 * s->out_c};
    memset(places.padding, in_zp, (size_t)w->in_c);
    for (int32_t b = 0; b < s->batches; b++) {
        ew_conv_2d_s8_winograd_image(s, input, output, stream, &places);
        input += w->in_h * w->in_w * w->in_c;
        output += pixels * s->out_c;
    }
}

EW_INLINE void ew_conv_2d_s8_winograd(const ew_conv_2d_s8_winograd_shape *s, const int8_t *input,
                                      int8_t *output, const int32_t *weights, int32_t in_zp,
                                      int8_t *scratch) {
    ew_conv_2d_s8_winograd_shared(s, input, output, weights, in_zp, scratch);
}

#endif
