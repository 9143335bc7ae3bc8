/* SPDX-License-Identifier: Apache-2.0 */
/*
 * int16 FULLY_CONNECTED with int8 weights for Helium: four output channels at a time, by bytes.
 *
 * x = 256 * high + (low - 128) + 128, and all of these are bytes with a sign. VLD2 takes the two
 * apart as it loads, so that VMLADAVA adds 16 products of bytes, and a vector of 16 weights serves
 * both halves of x: 15 instructions for 64 values, where halfwords need 18. 128 times the weights
 * is in the biases. Sums wrap around; the compiler proves that they fit into 32 bits. One rounded
 * product makes them outputs: see ew_dsp_gemm_s16.h.
 */
#ifndef EW_FULLY_CONNECTED_S16_MVE_H
#define EW_FULLY_CONNECTED_S16_MVE_H

#include "ew_mve.h"

typedef struct {
    int32_t rows;
    int32_t depth;
    int32_t out_c;
    int32_t act_min, act_max;
} ew_fully_connected_s16_mve_shape;

/* A row. */
typedef struct {
    const int16_t *x;
    const int16_t *rest; /* 16 values behind the steps, or NULL */
    int32_t rounds;      /* of four steps */
    int32_t entry;       /* bytes of the loop that the first round passes over */
    int32_t low, high;
    const int8_t *w;
    const int32_t *factors;
    int32_t left; /* channels */
    int16_t *to;
} ew_fully_connected_s16_mve_quads;

/* clang-format off */

/* 16 values of x by four rows of w; high bytes to r2, r6, r10, lr, low ones to r0, r4, r8, r12. */
#define EW_FULLY_CONNECTED_S16_MVE_STEP                                                            \
    "vld20.8 {q0, q1}, [r1]\n\tvld21.8 {q0, q1}, [r1]!\n\tveor q0, q0, q3\n\t"                      \
    "vldrb.8 q2, [r3], #16\n\tvmladava.s8 r0, q0, q2\n\tvmladava.s8 r2, q1, q2\n\t"                  \
    "vldrb.8 q2, [r3], #16\n\tvmladava.s8 r4, q0, q2\n\tvmladava.s8 r6, q1, q2\n\t"                  \
    "vldrb.8 q2, [r3], #16\n\tvmladava.s8 r8, q0, q2\n\tvmladava.s8 r10, q1, q2\n\t"                 \
    "vldrb.8 q2, [r3], #16\n\tvmladava.s8 r12, q0, q2\n\tvmladava.s8 lr, q1, q2\n\t"

/* Bytes of a step, and of the end of the loop. */
#define EW_FULLY_CONNECTED_S16_MVE_STEP_BYTES 60
#define EW_FULLY_CONNECTED_S16_MVE_LOOP_BYTES 8

/* r7 `of`, r9 factors, r5 `to`. The loop begins in the middle where steps are no multiple of four. */
EW_ASM void ew_fully_connected_s16_mve_run(ew_fully_connected_s16_mve_quads *of EW_UNUSED) {
    EW_ASM_BODY(
        "push {r4-r11, lr}\n\tvpush {d8-d11}\n\tsub sp, sp, #4\n\t"
        "mov r7, r0\n\tadr r1, 2f\n\tldr r0, [r7, #12]\n\tadd r1, r1, r0\n\tstr r1, [r7, #12]\n\t"
        "ldrd r0, r2, [r7, #16]\n\tvdup.32 q4, r0\n\tvdup.32 q5, r2\n\t"
        "movs r0, #128\n\tvdup.8 q3, r0\n\t"
        "ldrd r3, r9, [r7, #24]\n\tldr r5, [r7, #36]\n"
        "1:\n\tldm r9!, {r0, r4, r8, r12}\n\tmovs r2, #0\n\tmovs r6, #0\n\tmov r10, r2\n\tmov lr, r2\n\t"
        "ldr r1, [r7]\n\tldr r11, [r7, #8]\n\tldr pc, [r7, #12]\n\t.align 2\n"
        "2:\n\t" EW_FULLY_CONNECTED_S16_MVE_STEP EW_FULLY_CONNECTED_S16_MVE_STEP
        EW_FULLY_CONNECTED_S16_MVE_STEP EW_FULLY_CONNECTED_S16_MVE_STEP
        "subs.w r11, r11, #1\n\tbne.w 2b\n\t"
        "ldr r1, [r7, #4]\n\tcbz r1, 3f\n\t" EW_FULLY_CONNECTED_S16_MVE_STEP
        "3:\n\tadd.w r0, r0, r2, lsl #8\n\tadd.w r4, r4, r6, lsl #8\n\t"
        "add.w r8, r8, r10, lsl #8\n\tadd.w r12, r12, lr, lsl #8\n\t"
        "vmov q0[2], q0[0], r0, r8\n\tvmov q0[3], q0[1], r4, r12\n\t"
        "vldrw.32 q1, [r9], #16\n\tvrmulh.s32 q0, q0, q1\n\t"
        "vmax.s32 q0, q0, q4\n\tvmin.s32 q0, q0, q5\n\t"
        "ldr r0, [r7, #32]\n\tvctp.32 r0\n\tvpst\n\tvstrht.32 q0, [r5], #8\n\t"
        "subs r0, #4\n\tstr r0, [r7, #32]\n\tbgt.w 1b\n\t"
        "add sp, sp, #4\n\tvpop {d8-d11}\n\tpop {r4-r11, pc}\n\t");
}
/* clang-format on */

/*
 * input [rows][depth], each row at a multiple of 4, output [rows][out_c]; they do not overlap. For
 * each four channels: weights [depth up to a multiple of 16 / 16][4][16], filled up with zeros, and
 * factors [bias + 128 * sum of the weights, multiplier][4].
 */
EW_INLINE void ew_fully_connected_s16_mve(const ew_fully_connected_s16_mve_shape *s,
                                          const int16_t *input, int16_t *output,
                                          const int8_t *weights, const int32_t *factors) {
    const int32_t steps = s->depth / 16, after = s->depth % 16, rounds = (steps + 3) / 4;
    const int32_t all = 4 * EW_FULLY_CONNECTED_S16_MVE_STEP_BYTES;
    const int32_t passed = steps > 0 ? (4 * rounds - steps) * EW_FULLY_CONNECTED_S16_MVE_STEP_BYTES
                                     : all + EW_FULLY_CONNECTED_S16_MVE_LOOP_BYTES;
    for (int32_t row = 0; row < s->rows; row++, input += s->depth, output += s->out_c) {
        int16_t rest[16] __attribute__((aligned(4))) = {0};
        ew_fully_connected_s16_mve_quads of = {input,      after > 0 ? rest : NULL,
                                               rounds,     passed + 1,
                                               s->act_min, s->act_max,
                                               weights,    factors,
                                               s->out_c,   output};
        if (after > 0) {
            memcpy(rest, input + 16 * steps, (size_t)(2 * after));
        }
        ew_fully_connected_s16_mve_run(&of);
    }
}

#endif
