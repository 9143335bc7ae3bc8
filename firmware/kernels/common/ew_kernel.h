/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What all kernels stand on: how they are inlined, and arithmetic that is defined for every input.
 *
 * Kernels take their shape as a constant and are inlined into one function for each distinct shape.
 * Signed numbers are two's complement and >> of a negative one is arithmetic, as in every compiler
 * for the supported cores.
 */
#ifndef EW_KERNEL_H
#define EW_KERNEL_H

#include <stdint.h>
#include <string.h>

#include "ew_types.h"

#if defined(__GNUC__)
/* Inner loops in assembly are longer than the 4095 characters that C99 asks of all compilers. */
#pragma GCC diagnostic ignored "-Woverlength-strings"
#endif

#define EW_PRAGMA(text) _Pragma(#text)
#if defined(__clang__)
#define EW_INLINE    static inline __attribute__((always_inline, unused))
#define EW_NOINLINE  __attribute__((noinline)) EW_CODE
#define EW_UNUSED    __attribute__((unused))
#define EW_UNROLL(n) EW_PRAGMA(clang loop unroll_count(n))
#elif defined(__GNUC__)
#define EW_INLINE    static inline __attribute__((always_inline, unused))
#define EW_NOINLINE  __attribute__((noinline)) EW_CODE
#define EW_UNUSED    __attribute__((unused))
#define EW_UNROLL(n) EW_PRAGMA(GCC unroll n)
#else
#define EW_INLINE   static inline
#define EW_NOINLINE EW_CODE
#define EW_UNUSED
#define EW_UNROLL(n)
#endif

/* Shared by all layers that use it: out of line, and not changed by what one caller knows. */
#define EW_SHARED static EW_NOINLINE EW_UNUSED

#if defined(__arm__)
/* A function whose body is one asm statement. The compiler must not change how it is called. ADR
 * counts from words. */
#if defined(__clang__)
#define EW_ASM static EW_CODE __attribute__((naked, noinline, unused, aligned(4)))
#else
#define EW_ASM static EW_CODE __attribute__((naked, noinline, noipa, unused, aligned(4)))
#endif
#define EW_ASM_BODY(text) __asm__ volatile(text ::: "memory")
#endif

/* Inline, but where code is to be small (-Os): there once, and called. */
#if defined(__OPTIMIZE_SIZE__)
#define EW_SMALL EW_SHARED
#else
#define EW_SMALL EW_INLINE
#endif

/* GCC takes assembly for four bytes a line, and places constants and long branches by that. So
 * assembly that repeats itself (.rept) ends in empty lines, one for each word that it is longer. */
#define EW_LINES_16   "\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n"
#define EW_LINES_64   EW_LINES_16 EW_LINES_16 EW_LINES_16 EW_LINES_16
#define EW_LINES_256  EW_LINES_64 EW_LINES_64 EW_LINES_64 EW_LINES_64
#define EW_LINES_1024 EW_LINES_256 EW_LINES_256 EW_LINES_256 EW_LINES_256

EW_INLINE int32_t ew_min(int32_t a, int32_t b) {
    return a < b ? a : b;
}

EW_INLINE int32_t ew_max(int32_t a, int32_t b) {
    return a > b ? a : b;
}

EW_INLINE int32_t ew_clamp(int32_t x, int32_t low, int32_t high) {
    return ew_min(ew_max(x, low), high);
}

/* a + b, wrapping around. */
EW_INLINE int32_t ew_add_wrap(int32_t a, int32_t b) {
    return (int32_t)((uint32_t)a + (uint32_t)b);
}

/* acc + a * b, wrapping around as two's complement does. |a * b| < 2^31. */
EW_INLINE int32_t ew_mla(int32_t acc, int32_t a, int32_t b) {
    return ew_add_wrap(acc, a * b);
}

/* Copies `bytes` bytes in words; the places must not overlap. Cheaper than a call of memcpy for a
 * few dozen bytes. */
EW_INLINE void ew_copy(int8_t *to, const int8_t *from, int32_t bytes) {
    int32_t i = 0;
    for (; i + 4 <= bytes; i += 4) {
        memcpy(to + i, from + i, 4);
    }
    for (; i < bytes; i++) {
        to[i] = from[i];
    }
}

#endif
