/* SPDX-License-Identifier: Apache-2.0 */
/* Bits and square roots of unsigned numbers, as the signal operators of TensorFlow Lite Micro count
 * and round them. */
#ifndef EW_BITS_H
#define EW_BITS_H

#include "ew_kernel.h"

/* Bits up to the highest one that is set: 0 of 0, 32 of 2^31. */
EW_INLINE int32_t ew_bits_u32(uint32_t x) {
#if defined(__GNUC__)
    return x ? 32 - __builtin_clz(x) : 0;
#else
    int32_t bits = 0;
    for (; x; x >>= 1) {
        bits++;
    }
    return bits;
#endif
}

EW_INLINE int32_t ew_bits_u64(uint64_t x) {
    const uint32_t high = (uint32_t)(x >> 32);
    return high ? 32 + ew_bits_u32(high) : ew_bits_u32((uint32_t)x);
}

/* Rounded to the nearest, but never up to 2^16. */
EW_INLINE uint32_t ew_root_u32(uint32_t x) {
    uint32_t root = 0;
    for (uint32_t bit = x ? UINT32_C(1) << ((ew_bits_u32(x) - 1) & ~1) : 0; bit; bit >>= 2) {
        const uint32_t next = root + bit;
        root >>= 1;
        if (x >= next) {
            x -= next;
            root += bit;
        }
    }
    return root + (x > root && root != UINT16_MAX);
}

/* The same; of a number below 2^32 that of ew_root_u32. */
EW_INLINE uint32_t ew_root_u64(uint64_t x) {
    if (x >> 32 == 0) {
        return ew_root_u32((uint32_t)x);
    }
    uint64_t root = 0;
    for (uint64_t bit = UINT64_C(1) << ((ew_bits_u64(x) - 1) & ~1); bit; bit >>= 2) {
        const uint64_t next = root + bit;
        root >>= 1;
        if (x >= next) {
            x -= next;
            root += bit;
        }
    }
    return (uint32_t)(root + (x > root && root != UINT32_MAX));
}

#endif
