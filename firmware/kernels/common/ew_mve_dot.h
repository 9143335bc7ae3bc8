/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Three rows of bytes by four, from the products to the outputs: the inner loop of Helium's
 * convolution.
 *
 * VMLADAVA adds 16 products to a core register. Three rows of x by two rows of w need six of the
 * seven even registers there are, and read 5 vectors for 6 multiplications: 11 instructions for 96
 * products. Then come the other two rows, and the twelve sums are requantised in three vectors. It
 * is assembly because it takes all core registers and seven vectors, and a compiler would spill.
 * One function serves all shapes.
 */
#ifndef EW_MVE_DOT_H
#define EW_MVE_DOT_H

#include "ew_mve.h"

/* What is the same for all channels of three rows; ew_mve_quads_of makes it. */
typedef struct {
    const int8_t *x; /* [steps][3][16] */
    int32_t rounds;  /* of four steps, after the first */
    int32_t entry;   /* bytes of the loop that the first round passes over */
    int32_t entries[2];
    int32_t zero_point, low, high;
    const int32_t *end; /* of the factors */
    int32_t steps;      /* 16 bytes of each row */
} ew_mve_quads;

/*
 * Lane c of to[p] = requantised row p of x times row c of w, for each quad: w [2][steps][2][16]
 * with the rows in the order 0, 2, 1, 3; x and w lie at multiples of 4. factors [bias, multiplier,
 * shift][4].
 */
typedef void ew_mve_quads_run(ew_mve_quads *of, const int8_t *w, const int32_t *factors,
                              int8_t *const to[3]);

/* Sums of row p of x and of the four rows of w. */
EW_INLINE int32x4_t ew_mve_dot_plain(const int8_t *x, const int8_t *w, int32_t steps) {
    int32_t sums[4] = {0, 0, 0, 0};
    for (int32_t pair = 0; pair < 2; pair++) {
        for (int32_t step = 0; step < steps; step++, w += 32) {
            const int8x16_t row = vldrbq_s8(x + 48 * step);
            sums[pair] = vmladavaq_s8(sums[pair], row, vldrbq_s8(w));
            sums[pair + 2] = vmladavaq_s8(sums[pair + 2], row, vldrbq_s8(w + 16));
        }
    }
    return vldrwq_s32(sums);
}

/* Any rounding. */
EW_SHARED void ew_mve_quads_any(ew_mve_quads *of, const int8_t *w, const int32_t *factors,
                                int8_t *const to[3]) {
    const ew_mve_range range = {of->zero_point, of->low, of->high};
    for (int32_t c = 0; factors < of->end; c++, w += 64 * of->steps, factors += 12) {
        for (int32_t p = 2; p >= 0; p--) {
            const int32x4_t acc =
                vaddq_s32(ew_mve_dot_plain(of->x + 16 * p, w, of->steps), vldrwq_s32(factors));
            const int32x4_t scaled =
                ew_mve_scale(acc, vldrwq_s32(factors + 4), vldrwq_s32(factors + 8), EW_MVE_ANY);
            vstrbq_s32(to[p] + 4 * c, ew_mve_place(scaled, &range, 0));
        }
    }
}

/* clang-format off */

/* 16 bytes of each row; `mac` is vmladav.s8 for the first step, vmladava.s8 for the others. */
#define EW_MVE_STEP(mac)                                                                          \
    "vldrw.32 q3, [r7], #16\n\t"                                                                   \
    "vldrw.32 q1, [r9, #16]\n\t" mac " r4, q1, q3\n\t"                                             \
    "vldrw.32 q2, [r9, #32]\n\t" mac " r6, q2, q3\n\t"                                             \
    "vldrw.32 q0, [r9], #48\n\t" mac " r2, q0, q3\n\t"                                             \
    "vldrw.32 q3, [r7], #16\n\t" mac " r8, q0, q3\n\t" mac " r10, q1, q3\n\t" mac " r12, q2, q3\n\t"
#define EW_MVE_MORE EW_MVE_STEP("vmladava.s8")

/* Bytes of a step, and of LE. */
#define EW_MVE_STEP_BYTES 44
#define EW_MVE_LE_BYTES   4

/* Two rows of w; sums go to lanes a and b = a + 2 of q4, q5, q6. The loop does four steps a round, those after the
   first: where they are no multiple of four it begins in the middle, at `entry`. */
#define EW_MVE_PAIR(a, b, entry, loop)                                                             \
    "ldr r9, [r11]\n\t" EW_MVE_STEP("vmladav.s8")                                                  \
    "ldr lr, [r11, #4]\n\tldr pc, [r11, #" entry "]\n"                                             \
    loop ":\n\t" EW_MVE_MORE EW_MVE_MORE EW_MVE_MORE EW_MVE_MORE "le lr, " loop "b\n\t"            \
    "vmov q4[" b "], q4[" a "], r2, r8\n\t"                                                        \
    "vmov q5[" b "], q5[" a "], r4, r10\n\t"                                                       \
    "vmov q6[" b "], q6[" a "], r6, r12\n\t"

#define EW_MVE_THREE(op, with) op " q4, q4, " with "\n\t" op " q5, q5, " with "\n\t" op " q6, q6, " with "\n\t"
#define EW_MVE_AWAY(x) "vshr.s32 q0, " x ", #31\n\tvadd.i32 " x ", " x ", q0\n\t" /* halves away from zero */
#define EW_MVE_ALL(at) "ldr r2, [r11, #" at "]\n\tvdup.32 q0, r2\n\t"

#define EW_MVE_SHORT_FIX EW_MVE_AWAY("q4") EW_MVE_AWAY("q5") EW_MVE_AWAY("q6")
#define EW_MVE_RELU_FIX ""
#define EW_MVE_WHOLE                                                                               \
    "vqmovnb.s32 q4, q4\n\tvqmovnb.s32 q5, q5\n\tvqmovnb.s32 q6, q6\n\t"                           \
    "vqmovnb.s16 q4, q4\n\tvqmovnb.s16 q5, q5\n\tvqmovnb.s16 q6, q6\n\t"
#define EW_MVE_CLAMP                                                                               \
    EW_MVE_ALL("24") EW_MVE_THREE("vmax.s32", "q0") EW_MVE_ALL("28") EW_MVE_THREE("vmin.s32", "q0")

/* r0, r1, r3 outputs; r5 factors; r7 w; r9 x; r11 `of`; r2 to r12, even, sums. */
#define EW_MVE_QUADS_BODY(FIX, CLAMP)                                                              \
    "push {r4-r11, lr}\n\tvpush {d8-d13}\n\tsub sp, sp, #4\n\t"                                    \
    "mov r11, r0\n\tmov r7, r1\n\tmov r5, r2\n\t"                                                  \
    "ldr r0, [r11, #8]\n\tadr r1, 1f\n\tadr r2, 2f\n\tadd r1, r1, r0\n\tadd r2, r2, r0\n\t"        \
    "strd r1, r2, [r11, #12]\n\tldm r3, {r0, r1, r3}\n"                                            \
    "5:\n\t" EW_MVE_PAIR("0", "2", "12", "1") EW_MVE_PAIR("1", "3", "16", "2")                     \
    "vldrw.32 q0, [r5], #16\n\t" EW_MVE_THREE("vadd.i32", "q0")                                    \
    "vldrw.32 q0, [r5], #16\n\t" EW_MVE_THREE("vqrdmulh.s32", "q0") FIX                            \
    "vldrw.32 q0, [r5], #16\n\t" EW_MVE_THREE("vrshl.s32", "q0")                                   \
    "ldr r2, [r11, #20]\n\t" EW_MVE_THREE("vadd.i32", "r2") CLAMP                                  \
    "vstrb.32 q6, [r3], #4\n\tvstrb.32 q5, [r1], #4\n\tvstrb.32 q4, [r0], #4\n\t"                  \
    "ldr r2, [r11, #32]\n\tcmp r5, r2\n\tbne.w 5b\n\t"                                             \
    "add sp, sp, #4\n\tvpop {d8-d13}\n\tpop {r4-r11, pc}\n\t"

#define EW_MVE_QUADS(name, FIX, CLAMP)                                                             \
    EW_ASM void ew_mve_quads_##name(ew_mve_quads *of EW_UNUSED, const int8_t *w EW_UNUSED,   \
                                    const int32_t *factors EW_UNUSED, int8_t *const to[3] EW_UNUSED) { \
        EW_ASM_BODY(EW_MVE_QUADS_BODY(FIX, CLAMP));                                                \
    }
EW_MVE_QUADS(relu, EW_MVE_RELU_FIX, EW_MVE_WHOLE)
EW_MVE_QUADS(relu_clamped, EW_MVE_RELU_FIX, EW_MVE_CLAMP)
EW_MVE_QUADS(short, EW_MVE_SHORT_FIX, EW_MVE_WHOLE)
EW_MVE_QUADS(short_clamped, EW_MVE_SHORT_FIX, EW_MVE_CLAMP)
/* clang-format on */

/* For rows of x of some steps, with a rounding and a range of its own. */
EW_INLINE ew_mve_quads ew_mve_quads_of(const int8_t *x, int32_t steps, int32_t zero_point,
                                       int32_t low, int32_t high) {
    const int32_t rounds = (steps + 2) / 4;
    const int32_t passed = steps == 1 ? 4 * EW_MVE_STEP_BYTES + EW_MVE_LE_BYTES
                                      : (4 * rounds - (steps - 1)) * EW_MVE_STEP_BYTES;
    const ew_mve_quads of = {x, rounds, passed + 1, {0, 0}, zero_point, low, high, 0, steps};
    return of;
}

/* The one for a rounding and a range, which are constants: others are left out. */
EW_INLINE ew_mve_quads_run *ew_mve_quads_run_of(int32_t rounding, int32_t whole) {
    if (rounding == EW_MVE_ANY) {
        return ew_mve_quads_any;
    }
    if (rounding == EW_MVE_RELU) {
        return whole ? ew_mve_quads_relu : ew_mve_quads_relu_clamped;
    }
    return whole ? ew_mve_quads_short : ew_mve_quads_short_clamped;
}

#endif
