/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the kernels for the DSP instructions of Armv7E-M and Armv8-M (Cortex-M4, M7, M33) stand on.
 *
 * Where every register counts, a kernel's core is an assembly function (EW_ASM): compilers spill
 * the accumulators of the same loop written in C. Such a function follows the procedure call
 * standard and touches no stack but its own.
 */
#ifndef EW_DSP_H
#define EW_DSP_H

#include "ew_kernel.h"

#if !defined(__ARM_FEATURE_DSP)
#error "this kernel needs the DSP instructions of Armv7E-M or Armv8-M"
#endif

/* Bytes 0 and 2 of x, each sign-extended to a halfword. */
EW_INLINE uint32_t ew_sxtb16(uint32_t x) {
    uint32_t y;
    __asm__("sxtb16 %0, %1" : "=r"(y) : "r"(x));
    return y;
}

/* Bytes 1 and 3 of x, each sign-extended to a halfword. */
EW_INLINE uint32_t ew_sxtb16_odd(uint32_t x) {
    uint32_t y;
    __asm__("sxtb16 %0, %1, ror #8" : "=r"(y) : "r"(x));
    return y;
}

/* Halfwords of a + bytes 0 and 2 of x. */
EW_INLINE uint32_t ew_sxtab16(uint32_t a, uint32_t x) {
    uint32_t y;
    __asm__("sxtab16 %0, %1, %2" : "=r"(y) : "r"(a), "r"(x));
    return y;
}

/* Halfwords of a + bytes 1 and 3 of x. */
EW_INLINE uint32_t ew_sxtab16_odd(uint32_t a, uint32_t x) {
    uint32_t y;
    __asm__("sxtab16 %0, %1, %2, ror #8" : "=r"(y) : "r"(a), "r"(x));
    return y;
}

/* Sums of halfwords, wrapping around. */
EW_INLINE uint32_t ew_sadd16(uint32_t a, uint32_t b) {
    uint32_t y;
    __asm__("sadd16 %0, %1, %2" : "=r"(y) : "r"(a), "r"(b));
    return y;
}

/* acc + both products of halfwords, wrapping around. */
EW_INLINE int32_t ew_smlad(int32_t a, int32_t b, int32_t acc) {
    int32_t y;
    __asm__("smlad %0, %1, %2, %3" : "=r"(y) : "r"(a), "r"(b), "r"(acc));
    return y;
}

/* (a * b + (c << 32) + 2^31) >> 32. */
EW_INLINE int32_t ew_smmlar(int32_t a, int32_t b, int32_t c) {
    int32_t y;
    __asm__("smmlar %0, %1, %2, %3" : "=r"(y) : "r"(a), "r"(b), "r"(c));
    return y;
}

/* x, saturated to -128..127. */
EW_INLINE int32_t ew_ssat8(int32_t x) {
    int32_t y;
    __asm__("ssat %0, #8, %1" : "=r"(y) : "r"(x));
    return y;
}

/* x, saturated to -32768..32767. */
EW_INLINE int32_t ew_ssat16(int32_t x) {
    int32_t y;
    __asm__("ssat %0, #16, %1" : "=r"(y) : "r"(x));
    return y;
}

/* x, saturated to 0..32767. */
EW_INLINE int32_t ew_usat15(int32_t x) {
    int32_t y;
    __asm__("usat %0, #15, %1" : "=r"(y) : "r"(x));
    return y;
}

/* The low halfwords of both, as one word. */
EW_INLINE uint32_t ew_pkhbt(int32_t low, int32_t high) {
    uint32_t y;
    __asm__("pkhbt %0, %1, %2, lsl #16" : "=r"(y) : "r"(low), "r"(high));
    return y;
}

/* a - 1 if x < 0, else a. */
EW_INLINE int32_t ew_add_sign(int32_t a, int32_t x) {
    int32_t y;
    __asm__("add %0, %1, %2, asr #31" : "=r"(y) : "r"(a), "r"(x));
    return y;
}

/* A word from any address. */
EW_INLINE uint32_t ew_load_word(const void *from) {
    uint32_t x;
    memcpy(&x, from, 4);
    return x;
}

/* A word to any address. */
EW_INLINE void ew_store_word(void *to, uint32_t x) {
    memcpy(to, &x, 4);
}

/* The larger of each pair of bytes. */
EW_INLINE uint32_t ew_max4(uint32_t a, uint32_t b) {
    uint32_t y;
    __asm__("ssub8 %0, %1, %2\n\tsel %0, %1, %2" : "=&r"(y) : "r"(a), "r"(b) : "cc");
    return y;
}

/* Four bytes of x, each brought into the range of the bytes of `low` and `high`. */
EW_INLINE uint32_t ew_clamp4(uint32_t x, uint32_t low, uint32_t high) {
    uint32_t t;
    __asm__("ssub8 %0, %1, %2\n\tsel %1, %1, %2\n\tssub8 %0, %3, %1\n\tsel %1, %1, %3"
            : "=&r"(t), "+&r"(x)
            : "r"(low), "r"(high)
            : "cc");
    return x;
}

/* Brings bytes into act_min..act_max, where a fused activation asks for more than the saturation to
 * int8. */
EW_SHARED void ew_clamp_s8_dsp(int8_t *data, int32_t bytes, int32_t act_min, int32_t act_max) {
#if !defined(__OPTIMIZE_SIZE__)
    const uint32_t low = (uint32_t)(act_min & 255) * 0x01010101U,
                   high = (uint32_t)(act_max & 255) * 0x01010101U;
    for (; bytes >= 4; bytes -= 4, data += 4) {
        ew_store_word(data, ew_clamp4(ew_load_word(data), low, high));
    }
#endif
    for (; bytes > 0; bytes--, data++) {
        *data = (int8_t)ew_clamp(*data, act_min, act_max);
    }
}

EW_INLINE void ew_clamp_if_needed(int8_t *data, int32_t bytes, int32_t act_min, int32_t act_max) {
    if (act_min > -128 || act_max < 127) {
        ew_clamp_s8_dsp(data, bytes, act_min, act_max);
    }
}

/* Brings values into act_min..act_max, where a fused activation asks for more than
 * saturation to -32768..32767 or 0..32767. */
EW_SHARED void ew_clamp_s16_dsp(int16_t *data, int32_t count, int32_t act_min, int32_t act_max) {
    for (; count > 0; count--, data++) {
        *data = (int16_t)ew_clamp(*data, act_min, act_max);
    }
}

EW_INLINE void ew_clamp_s16_if_needed(int16_t *data, int32_t count, int32_t act_min,
                                      int32_t act_max) {
    if ((act_min != -32768 && act_min != 0) || act_max < 32767) {
        ew_clamp_s16_dsp(data, count, act_min, act_max);
    }
}

#endif
