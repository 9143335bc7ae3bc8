/* SPDX-License-Identifier: Apache-2.0 */
/* Helium helpers of the int8 kernels: copies to places apart, and from accumulators to outputs,
 * four lanes at a time. */
#ifndef EW_MVE_H
#define EW_MVE_H

#include <arm_mve.h>

#include "ew_copy.h"

/*
 * How accumulators become outputs. A layer has the first one that is exact for all its channels:
 * EW_MVE_RELU   |acc| < 2^30, right shifts 1..30, act_min >= out_zp: negative values are clamped,
 * so they may round up EW_MVE_SHORT  |acc| < 2^30, right shifts 1..30 EW_MVE_ANY    shifts -30..31,
 * wrapping around as TensorFlow Lite Micro does
 */
enum { EW_MVE_RELU, EW_MVE_SHORT, EW_MVE_ANY };

/* Where outputs go on the int8 scale. */
typedef struct {
    int32_t zero_point, low, high;
} ew_mve_range;

/* acc * multiplier / 2^31 * 2^shift, rounded twice; shift < 0 is to the right. */
EW_INLINE int32x4_t ew_mve_scale(int32x4_t acc, int32x4_t multiplier, int32x4_t shift,
                                 int32_t rounding) {
    if (rounding == EW_MVE_ANY) {
        const int32x4_t zero = vdupq_n_s32(0);
        const int32x4_t right = vminq_s32(shift, zero);
        const int32x4_t high = vqrdmulhq_s32(vshlq_s32(acc, vmaxq_s32(shift, zero)), multiplier);
        return vrshlq_s32(vaddq_s32(high, vshrq_n_s32(vandq_s32(high, right), 31)), right);
    }
    int32x4_t high = vqrdmulhq_s32(acc, multiplier);
    if (rounding == EW_MVE_SHORT) {
        high = vaddq_s32(high, vshrq_n_s32(high, 31)); /* halves away from zero */
    }
    return vrshlq_s32(high, shift);
}

/* Clamps; the lowest byte of each lane counts. `whole`: the range is -128..127. */
EW_INLINE int32x4_t ew_mve_clamp(int32x4_t moved, const ew_mve_range *range, int32_t whole) {
    if (whole) {
        /* in assembly, for the intrinsics cost two copies */
        __asm__("vqmovnb.s32 %q[x], %q[x]\n\tvqmovnb.s16 %q[x], %q[x]" : [x] "+w"(moved));
        return moved;
    }
    return vminq_s32(vmaxq_s32(moved, vdupq_n_s32(range->low)), vdupq_n_s32(range->high));
}

/* Adds the zero point and clamps. */
EW_INLINE int32x4_t ew_mve_place(int32x4_t scaled, const ew_mve_range *range, int32_t whole) {
    return ew_mve_clamp(vaddq_n_s32(scaled, range->zero_point), range, whole);
}

/* 16 bytes, or `bytes` and then zeros when they are fewer. */
EW_INLINE int8x16_t ew_mve_load(const int8_t *from, int32_t bytes) {
    return bytes >= 16 ? vldrbq_s8(from) : vldrbq_z_s8(from, vctp8q((uint32_t)bytes));
}

/*
 * Copies `bytes` bytes, 16 at a time, to places `step` bytes apart (16 or 48); returns where the
 * next 16 bytes would go. What lies behind the last byte stays. The places must not overlap.
 */
EW_INLINE int8_t *ew_mve_spread(int8_t *to, const int8_t *from, int32_t bytes, int32_t step) {
    int32_t left = bytes;
#define EW_MVE_VECTOR(step)                                                                        \
    __asm__ volatile("vldrb.8 q0, [%[from]], #16\n\tvstrb.8 q0, [%[to]], #" #step                  \
                     : [from] "+&r"(from), [to] "+&r"(to)                                          \
                     :                                                                             \
                     : "q0", "memory")
#define EW_MVE_SPREAD(step)                                                                        \
    __asm__ volatile("wlstp.8 lr, %[left], 2f\n"                                                   \
                     "1:\n\tvldrb.8 q0, [%[from]], #16\n\tvstrb.8 q0, [%[to]], #" #step            \
                     "\n\tletp lr, 1b\n2:"                                                         \
                     : [from] "+&r"(from), [to] "+&r"(to)                                          \
                     : [left] "r"(left)                                                            \
                     : "q0", "lr", "memory")
    if (bytes % 16 == 0 && bytes <= 64) { /* a constant, and no loop */
        EW_UNROLL(4)
        for (; left > 0; left -= 16) {
            if (step == 16) {
                EW_MVE_VECTOR(16);
            } else {
                EW_MVE_VECTOR(48);
            }
        }
    } else if (step == 16) {
        EW_MVE_SPREAD(16);
    } else {
        EW_MVE_SPREAD(48);
    }
#undef EW_MVE_SPREAD
#undef EW_MVE_VECTOR
    return to;
}

#endif
