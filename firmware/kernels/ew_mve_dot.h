/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sums of products of three rows by four rows of bytes: the inner loop of Helium's convolution.
 *
 * VMLADAVA adds 16 products to a core register. Three rows of x by two rows of w need six of the
 * seven even registers there are, and read 5 vectors for 6 multiplications: 11 instructions for 96
 * products. It is assembly because the six accumulators, the two pointers and the loop counter
 * leave a compiler no register to spill from.
 */
#ifndef EW_MVE_DOT_H
#define EW_MVE_DOT_H

#include "ew_mve.h"

#if defined(__OPTIMIZE__)

/* 16 bytes of each row; `mac` is vmladav.s8 for the first step, vmladava.s8 for the others. */
#define EW_MVE_DOT_STEP(mac)                                                                       \
    "vldrw.32 q3, [%[w]], #16\n\t"                                                                 \
    "vldrw.32 q1, [%[x], #16]\n\t" mac " %[s1], q1, q3\n\t"                                        \
    "vldrw.32 q2, [%[x], #32]\n\t" mac " %[s2], q2, q3\n\t"                                        \
    "vldrw.32 q0, [%[x]], #48\n\t" mac " %[s0], q0, q3\n\t"                                        \
    "vldrw.32 q3, [%[w]], #16\n\t" mac " %[s3], q0, q3\n\t" mac " %[s4], q1, q3\n\t" mac           \
    " %[s5], q2, q3\n\t"

#define EW_MVE_DOT_TWO_STEPS EW_MVE_DOT_STEP("vmladava.s8") EW_MVE_DOT_STEP("vmladava.s8")

/* Two rows of w; sums go to lanes a and b, where b = a + 2. */
#define EW_MVE_DOT_PAIR(a, b)                                                                      \
    EW_MVE_DOT_STEP("vmladav.s8")                                                                  \
    ".if %c[steps] > 4\n\t"                                                                        \
    "mov lr, %[twos]\n\t"                                                                          \
    "dls lr, lr\n"                                                                                 \
    "1:\n\t" EW_MVE_DOT_TWO_STEPS "le lr, 1b\n\t"                                                  \
    ".elseif %c[steps] > 2\n\t" EW_MVE_DOT_TWO_STEPS ".endif\n\t"                                  \
    ".if (%c[steps] & 1) == 0\n\t" EW_MVE_DOT_STEP(                                                \
        "vmladava.s8") ".endif\n\t"                                                                \
                       "vmov %q[v0][" #b "], %q[v0][" #a "], %[s0], %[s3]\n\t"                     \
                       "vmov %q[v1][" #b "], %q[v1][" #a "], %[s1], %[s4]\n\t"                     \
                       "vmov %q[v2][" #b "], %q[v2][" #a "], %[s2], %[s5]\n\t"

/*
 * sum[p], lane c = row p of x times row c of w. `steps` (a constant): 16 bytes of each row; x
 * [steps][3][16] and w [2][steps][2][16], the rows of w in the order 0, 2, 1, 3. Both lie at
 * multiples of 4. Returns the end of w.
 */
#define EW_MVE_DOT_3X4(sum, x_start, w_start, count)                                               \
    do {                                                                                           \
        const int8_t *x_ = (x_start);                                                              \
        int32_t s0_, s1_, s2_, s3_, s4_, s5_;                                                      \
        __asm__ volatile(                                                                          \
            EW_MVE_DOT_PAIR(0, 2) "sub %[x], %[x], %[back]\n\t" EW_MVE_DOT_PAIR(1, 3)              \
            : [x] "+&r"(x_), [w] "+&r"(w_start), [s0] "=&Te"(s0_), [s1] "=&Te"(s1_),               \
              [s2] "=&Te"(s2_), [s3] "=&Te"(s3_), [s4] "=&Te"(s4_), [s5] "=&Te"(s5_),              \
              [v0] "=&w"((sum)[0]), [v1] "=&w"((sum)[1]), [v2] "=&w"((sum)[2])                     \
            : [steps] "i"(count), [twos] "i"(((count)-1) / 2), [back] "i"(48 * (count))            \
            : "q0", "q1", "q2", "q3", "lr", "cc", "memory");                                       \
    } while (0)

#else /* a build for debugging: steps are no constant for the compiler */

#define EW_MVE_DOT_3X4(sum, x_start, w_start, count)                                               \
    do {                                                                                           \
        static const int32_t lane_[4] = {0, 2, 1, 3};                                              \
        int32_t sums_[3][4] = {{0}};                                                               \
        for (int32_t pair_ = 0; pair_ < 2; pair_++) {                                              \
            for (int32_t step_ = 0; step_ < (count); step_++, (w_start) += 32) {                   \
                for (int32_t p_ = 0; p_ < 3; p_++) {                                               \
                    const int8x16_t row_ = vldrbq_s8((x_start) + 48 * step_ + 16 * p_);            \
                    int32_t *const at_ = sums_[p_];                                                \
                    at_[lane_[2 * pair_]] =                                                        \
                        vmladavaq_s8(at_[lane_[2 * pair_]], row_, vldrbq_s8(w_start));             \
                    at_[lane_[2 * pair_ + 1]] =                                                    \
                        vmladavaq_s8(at_[lane_[2 * pair_ + 1]], row_, vldrbq_s8((w_start) + 16));  \
                }                                                                                  \
            }                                                                                      \
        }                                                                                          \
        for (int32_t p_ = 0; p_ < 3; p_++) {                                                       \
            (sum)[p_] = vldrwq_s32(sums_[p_]);                                                     \
        }                                                                                          \
    } while (0)

#endif
#endif
