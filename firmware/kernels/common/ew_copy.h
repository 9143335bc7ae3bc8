/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bytes copied from front to back, and bytes of one value, as fast as a core does it: vectors of
 * Helium, several words at a time on Armv7-M and later, words in C elsewhere.
 *
 *   ew_copy_element(to, from, bytes)  1, 2 or 4 bytes, which are read before any is written
 *   ew_copy_forward(to, from, bytes)  the places must not overlap, unless `to` <= `from`
 *   ew_fill(to, value, bytes)
 */
#ifndef EW_COPY_H
#define EW_COPY_H

#include "ew_kernel.h"

#if defined(__ARM_FEATURE_MVE)
#include <arm_mve.h>
#endif

#if defined(__GNUC__) && defined(__thumb2__) && defined(__ARM_FEATURE_UNALIGNED)

EW_INLINE void ew_copy_element(int8_t *to, const int8_t *from, int32_t bytes) {
    uint32_t word;
    uint16_t half;
    if (bytes == 4) {
        memcpy(&word, from, 4);
        memcpy(to, &word, 4);
    } else if (bytes == 2) {
        memcpy(&half, from, 2);
        memcpy(to, &half, 2);
    } else {
        *to = *from;
    }
}

/* A constant number of bytes, without a loop. */
EW_INLINE void ew_copy_few(int8_t *to, const int8_t *from, int32_t bytes) {
    int32_t i = 0;
    EW_UNROLL(2)
    for (; i + 16 <= bytes; i += 16) {
        uint32_t a, b, c, d;
        memcpy(&a, from + i, 4);
        memcpy(&b, from + i + 4, 4);
        memcpy(&c, from + i + 8, 4);
        memcpy(&d, from + i + 12, 4);
        memcpy(to + i, &a, 4);
        memcpy(to + i + 4, &b, 4);
        memcpy(to + i + 8, &c, 4);
        memcpy(to + i + 12, &d, 4);
    }
    EW_UNROLL(3)
    for (; i + 4 <= bytes; i += 4) {
        ew_copy_element(to + i, from + i, 4);
    }
    if (i + 2 <= bytes) {
        ew_copy_element(to + i, from + i, 2);
        i += 2;
    }
    if (i < bytes) {
        to[i] = from[i];
    }
}

/* Whether that is best: of more bytes a loop is. */
#define EW_COPY_IS_FEW(bytes, most) (__builtin_constant_p(bytes) && (bytes) <= (most))

#if defined(__ARM_FEATURE_MVE)

EW_INLINE void ew_copy_forward(int8_t *to, const int8_t *from, int32_t bytes) {
    int32_t left = bytes;
    if (EW_COPY_IS_FEW(bytes, 15)) {
        ew_copy_few(to, from, bytes);
        return;
    }
    if (bytes % 16 == 0 && EW_COPY_IS_FEW(bytes, 64)) {
        EW_UNROLL(4)
        for (; left > 0; left -= 16) {
            __asm__ volatile("vldrb.8 q0, [%[from]], #16\n\tvstrb.8 q0, [%[to]], #16"
                             : [from] "+&r"(from), [to] "+&r"(to)
                             :
                             : "q0", "memory");
        }
        return;
    }
    __asm__ volatile("wlstp.8 lr, %[left], 2f\n"
                     "1:\n\tvldrb.8 q0, [%[from]], #16\n\tvstrb.8 q0, [%[to]], #16"
                     "\n\tletp lr, 1b\n2:"
                     : [from] "+&r"(from), [to] "+&r"(to)
                     : [left] "r"(left)
                     : "q0", "lr", "memory");
}

EW_INLINE void ew_fill(int8_t *to, int32_t value, int32_t bytes) {
    const int8x16_t values = vdupq_n_s8((int8_t)value);
    __asm__ volatile("wlstp.8 lr, %[bytes], 2f\n"
                     "1:\n\tvstrb.8 %q[values], [%[to]], #16\n\tletp lr, 1b\n2:"
                     : [to] "+&r"(to)
                     : [bytes] "r"(bytes), [values] "w"(values)
                     : "lr", "memory");
}

#else

/* Words by eights where both places are aligned, by fours where not; then the rest. */
EW_ASM void ew_copy_words(int8_t *to EW_UNUSED, const int8_t *from EW_UNUSED,
                          int32_t bytes EW_UNUSED) {
    EW_ASM_BODY("orr r3, r0, r1\n\t"
                "lsls r3, r3, #30\n\t"
                "bne 3f\n\t"
                "subs r2, #32\n\t"
                "blo 2f\n\t"
                "push {r4-r9}\n"
                "1:\n\t"
                "ldm r1!, {r3-r9, r12}\n\t"
                "stm r0!, {r3-r9, r12}\n\t"
                "subs r2, #32\n\t"
                "bhs 1b\n\t"
                "pop {r4-r9}\n"
                "2:\n\t"
                "adds r2, #32\n\t"
                "beq 8f\n"
                "3:\n\t"
                "subs r2, #16\n\t"
                "blo 5f\n"
                "4:\n\t"
                "ldr r3, [r1], #4\n\t"
                "ldr r12, [r1], #4\n\t"
                "str r3, [r0], #4\n\t"
                "str r12, [r0], #4\n\t"
                "ldr r3, [r1], #4\n\t"
                "ldr r12, [r1], #4\n\t"
                "str r3, [r0], #4\n\t"
                "str r12, [r0], #4\n\t"
                "subs r2, #16\n\t"
                "bhs 4b\n"
                "5:\n\t"
                "lsls r3, r2, #29\n\t" /* carry: 8 bytes are left, sign: 4 */
                "bcc 6f\n\t"
                "ldr r3, [r1], #4\n\t"
                "ldr r12, [r1], #4\n\t"
                "str r3, [r0], #4\n\t"
                "str r12, [r0], #4\n"
                "6:\n\t"
                "bpl 7f\n\t"
                "ldr r3, [r1], #4\n\t"
                "str r3, [r0], #4\n"
                "7:\n\t"
                "lsls r2, r2, #31\n\t" /* carry: 2 bytes are left, sign: 1 */
                "itt cs\n\t"
                "ldrhcs r3, [r1], #2\n\t"
                "strhcs r3, [r0], #2\n\t"
                "itt mi\n\t"
                "ldrbmi r3, [r1]\n\t"
                "strbmi r3, [r0]\n"
                "8:\n\t"
                "bx lr\n\t");
}

/* A constant number of bytes of one value, which `word` is four times. */
EW_INLINE void ew_fill_few(int8_t *to, uint32_t word, int32_t bytes) {
    int32_t i = 0;
    EW_UNROLL(8)
    for (; i + 4 <= bytes; i += 4) {
        memcpy(to + i, &word, 4);
    }
    EW_UNROLL(3)
    for (; i < bytes; i++) {
        to[i] = (int8_t)word;
    }
}

/* The same of any number. */
EW_ASM void ew_fill_words(int8_t *to EW_UNUSED, uint32_t word EW_UNUSED, int32_t bytes EW_UNUSED) {
    EW_ASM_BODY("lsls r3, r0, #30\n\t"
                "bne 3f\n\t"
                "subs r2, #32\n\t"
                "blo 2f\n\t"
                "push {r4, r5}\n\t"
                "mov r3, r1\n\t"
                "mov r4, r1\n\t"
                "mov r5, r1\n"
                "1:\n\t"
                "stm r0!, {r1, r3-r5}\n\t"
                "stm r0!, {r1, r3-r5}\n\t"
                "subs r2, #32\n\t"
                "bhs 1b\n\t"
                "pop {r4, r5}\n"
                "2:\n\t"
                "adds r2, #32\n\t"
                "beq 8f\n"
                "3:\n\t"
                "subs r2, #4\n\t"
                "blo 5f\n"
                "4:\n\t"
                "str r1, [r0], #4\n\t"
                "subs r2, #4\n\t"
                "bhs 4b\n"
                "5:\n\t"
                "lsls r2, r2, #31\n\t" /* carry: 2 bytes are left, sign: 1 */
                "it cs\n\t"
                "strhcs r1, [r0], #2\n\t"
                "it mi\n\t"
                "strbmi r1, [r0]\n"
                "8:\n\t"
                "bx lr\n\t");
}

EW_INLINE void ew_copy_forward(int8_t *to, const int8_t *from, int32_t bytes) {
    if (EW_COPY_IS_FEW(bytes, 32)) {
        ew_copy_few(to, from, bytes);
    } else {
        ew_copy_words(to, from, bytes);
    }
}

EW_INLINE void ew_fill(int8_t *to, int32_t value, int32_t bytes) {
    const uint32_t word = (uint32_t)(value & 255) * 0x01010101U;
    if (EW_COPY_IS_FEW(bytes, 32)) {
        ew_fill_few(to, word, bytes);
    } else {
        ew_fill_words(to, word, bytes);
    }
}

#endif

#else /* places that are no multiples of words take bytes */

EW_INLINE void ew_copy_element(int8_t *to, const int8_t *from, int32_t bytes) {
    uint8_t part[4];
    const uint8_t *in = (const uint8_t *)from;
    uint8_t *out = (uint8_t *)to;
    EW_UNROLL(4)
    for (int32_t i = 0; i < bytes; i++) {
        part[i] = in[i];
    }
    EW_UNROLL(4)
    for (int32_t i = 0; i < bytes; i++) {
        out[i] = part[i];
    }
}

#if defined(__GNUC__)
typedef uint32_t __attribute__((may_alias)) ew_copy_word;
#define EW_COPY_CAN_ALIAS(to, from) ((((uintptr_t)(to) | (uintptr_t)(from)) & 3U) == 0)
#else
typedef int8_t ew_copy_word;
#define EW_COPY_CAN_ALIAS(to, from) 0
#endif

/* Words where both places are aligned to them, bytes elsewhere. */
EW_SHARED void ew_copy_words(int8_t *to, const int8_t *from, int32_t bytes) {
    if (EW_COPY_CAN_ALIAS(to, from)) {
        ew_copy_word *word = (ew_copy_word *)(void *)to;
        const ew_copy_word *source = (const ew_copy_word *)(const void *)from;
        const int32_t words = bytes / 4;
        EW_UNROLL(4)
        for (int32_t i = 0; i < words; i++) {
            word[i] = source[i];
        }
        to += 4 * words;
        from += 4 * words;
        bytes -= 4 * words;
    }
    for (int32_t i = 0; i < bytes; i++) {
        to[i] = from[i];
    }
}

EW_INLINE void ew_copy_forward(int8_t *to, const int8_t *from, int32_t bytes) {
    if (bytes > 12) {
        ew_copy_words(to, from, bytes);
        return;
    }
    EW_UNROLL(12)
    for (int32_t i = 0; i < bytes; i++) {
        ((uint8_t *)to)[i] = ((const uint8_t *)from)[i];
    }
}

EW_INLINE void ew_fill(int8_t *to, int32_t value, int32_t bytes) {
    memset(to, value, (size_t)bytes);
}

#endif

#endif
