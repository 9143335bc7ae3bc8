/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Three rows of bytes by four, from the products to the outputs: the inner loop of Helium's
 * convolution.
 *
 * VMLADAVA adds 16 products to a core register. Three rows of x by two rows of w need six of the
 * seven even registers there are, and read 5 vectors for 6 multiplications: 11 instructions for 96
 * products. Then come the other two rows, and the twelve sums are requantised in three vectors. It
 * is assembly because it takes twelve core registers and seven vectors, and a compiler would spill.
 */
#ifndef EW_MVE_DOT_H
#define EW_MVE_DOT_H

#include "ew_mve.h"

/* What is the same for all channels; all constants. */
typedef struct {
    int32_t steps;    /* 16 bytes of each row */
    int32_t rounding; /* EW_MVE_RELU, _SHORT or _ANY */
    int32_t zero_point, low, high;
} ew_mve_quad;

/* Sums of row p of x and of the four rows of w as `ew_mve_quad_run` takes them. */
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

/* The same as `ew_mve_quad_run` for any rounding, and in a build for debugging. */
EW_INLINE void ew_mve_quad_plain(const ew_mve_quad *of, const int8_t *x, const int8_t *w,
                                 const int32_t *factors, int8_t *const to[3]) {
    const ew_mve_range range = {of->zero_point, of->low, of->high};
    for (int32_t p = 2; p >= 0; p--) {
        const int32x4_t acc =
            vaddq_s32(ew_mve_dot_plain(x + 16 * p, w, of->steps), vldrwq_s32(factors));
        const int32x4_t scaled =
            ew_mve_scale(acc, vldrwq_s32(factors + 4), vldrwq_s32(factors + 8), of->rounding);
        vstrbq_s32(to[p], ew_mve_place(scaled, &range, 0));
    }
}

#if defined(__OPTIMIZE__)

/* clang-format off */

/* 16 bytes of each row; `mac` is vmladav.s8 for the first step, vmladava.s8 for the others. */
#define EW_MVE_STEP(mac)                                                                                               \
    "vldrw.32 q3, [%[w]], #16\n\t"                                                                                     \
    "vldrw.32 q1, [%[x], #16]\n\t" mac " r4, q1, q3\n\t"                                                            \
    "vldrw.32 q2, [%[x], #32]\n\t" mac " r6, q2, q3\n\t"                                                            \
    "vldrw.32 q0, [%[x]], #48\n\t" mac " r2, q0, q3\n\t"                                                            \
    "vldrw.32 q3, [%[w]], #16\n\t" mac " r8, q0, q3\n\t" mac " r10, q1, q3\n\t" mac " r12, q2, q3\n\t"

#define EW_MVE_STEPS(count) ".rept " count "\n\t" EW_MVE_STEP("vmladava.s8") ".endr\n\t"

/* Two rows of w, in rounds of four steps after the first; sums go to lanes a and b = a + 2 of q4, q5, q6. */
#define EW_MVE_PAIR(a, b)                                                                                              \
    EW_MVE_STEP("vmladav.s8")                                                                                          \
    ".if %c[steps] > 8\n\t"                                                                                            \
    "mov lr, #(%c[steps] - 1) / 4\n\tdls lr, lr\n"                                                                     \
    "1:\n\t" EW_MVE_STEPS("4") "le lr, 1b\n\t" EW_MVE_STEPS("(%c[steps] - 1) %% 4")                                    \
    ".else\n\t" EW_MVE_STEPS("%c[steps] - 1") ".endif\n\t"                                                             \
    "vmov q4[" b "], q4[" a "], r2, r8\n\t"                                                                      \
    "vmov q5[" b "], q5[" a "], r4, r10\n\t"                                                                      \
    "vmov q6[" b "], q6[" a "], r6, r12\n\t"

/* Back to the start of x, in two parts for what does not fit an instruction. */
#define EW_MVE_BACK                                                                                                    \
    "sub %[x], %[x], #(%c[steps] * 48) & 0xFFF\n\t"                                                                    \
    ".if %c[steps] * 48 > 0xFFF\n\tsub %[x], %[x], #(%c[steps] * 48) & 0xFF000\n\t.endif\n\t"

#define EW_MVE_THREE(op, with) op " q4, q4, " with "\n\t" op " q5, q5, " with "\n\t" op " q6, q6, " with "\n\t"
#define EW_MVE_AWAY(x) "vshr.s32 q0, " x ", #31\n\tvadd.i32 " x ", " x ", q0\n\t" /* halves away from zero */
#define EW_MVE_ALL(value) "mvn r2, #~(" value ")\n\tvdup.32 q0, r2\n\t"

/* clang-format on */

/*
 * Lane c of to[p] = requantised row p of x times row c of w: x [steps][3][16], w [2][steps][2][16]
 * with the rows in the order 0, 2, 1, 3; both lie at multiples of 4. factors [bias, multiplier,
 * shift][4]. w, factors and to move on.
 */
EW_INLINE void ew_mve_quad_run(const ew_mve_quad *of, const int8_t *x, const int8_t **w,
                               const int32_t **factors, int8_t *to[3]) {
    register int8_t *o0 __asm__("r0") = to[0];
    register int8_t *o1 __asm__("r1") = to[1];
    register int8_t *o2 __asm__("r3") = to[2];
    register const int32_t *f __asm__("r5") = *factors;
    register const int8_t *rows __asm__("r7") = *w;
    register const int8_t *from __asm__("r9") = x;
    /* clang-format off */
    __asm__ volatile(
        EW_MVE_PAIR("0", "2") EW_MVE_BACK EW_MVE_PAIR("1", "3")
        "vldrw.32 q0, [%[f]], #16\n\t" EW_MVE_THREE("vadd.i32", "q0")
        "vldrw.32 q0, [%[f]], #16\n\t" EW_MVE_THREE("vqrdmulh.s32", "q0")
        ".if %c[fix]\n\t" EW_MVE_AWAY("q4") EW_MVE_AWAY("q5") EW_MVE_AWAY("q6") ".endif\n\t"
        "vldrw.32 q0, [%[f]], #16\n\t" EW_MVE_THREE("vrshl.s32", "q0")
        "mvn r2, #~(%c[zero])\n\t" EW_MVE_THREE("vadd.i32", "r2")
        ".if %c[high] - %c[low] == 255\n\t"
        "vqmovnb.s32 q4, q4\n\tvqmovnb.s32 q5, q5\n\tvqmovnb.s32 q6, q6\n\t"
        "vqmovnb.s16 q4, q4\n\tvqmovnb.s16 q5, q5\n\tvqmovnb.s16 q6, q6\n\t"
        ".else\n\t"
        EW_MVE_ALL("%c[low]") EW_MVE_THREE("vmax.s32", "q0")
        EW_MVE_ALL("%c[high]") EW_MVE_THREE("vmin.s32", "q0")
        ".endif\n\t"
        "vstrb.32 q6, [%[o2]], #4\n\tvstrb.32 q5, [%[o1]], #4\n\tvstrb.32 q4, [%[o0]], #4" EW_LINES_16
        : [x] "+r"(from), [w] "+r"(rows), [f] "+r"(f), [o0] "+r"(o0), [o1] "+r"(o1), [o2] "+r"(o2)
        : [steps] "i"(of->steps), [fix] "i"(of->rounding == EW_MVE_SHORT), [zero] "i"(of->zero_point),
          [low] "i"(of->low), [high] "i"(of->high)
        : "q0", "q1", "q2", "q3", "q4", "q5", "q6", "r2", "r4", "r6", "r8", "r10", "r12", "lr", "cc", "memory");
    /* clang-format on */
    *w = rows;
    *factors = f;
    to[0] = o0;
    to[1] = o1;
    to[2] = o2;
}

#else

EW_INLINE void ew_mve_quad_run(const ew_mve_quad *of, const int8_t *x, const int8_t **w,
                               const int32_t **factors, int8_t *to[3]) {
    ew_mve_quad_plain(of, x, *w, *factors, to);
    *w += 64 * of->steps;
    *factors += 12;
    for (int32_t p = 0; p < 3; p++) {
        to[p] += 4;
    }
}

#endif
#endif
