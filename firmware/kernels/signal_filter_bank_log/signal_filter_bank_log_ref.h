/* SPDX-License-Identifier: Apache-2.0 */
/* SignalFilterBankLog in portable C: the natural logarithm, by a table and in the rounding of
 * TensorFlow Lite Micro. */
#ifndef EW_SIGNAL_FILTER_BANK_LOG_REF_H
#define EW_SIGNAL_FILTER_BANK_LOG_REF_H

#include "ew_bits.h"

typedef struct {
    int32_t channels;
    int32_t scale; /* of the output: what a logarithm of 1 is there */
    int32_t up;    /* bits that inputs are brought up by */
} ew_signal_filter_bank_log_shape;

/* The logarithm of x > 0 times `scale`. `table` [129]: log2(1 + i / 128) - i / 128, 16 bits behind
 * the point. */
EW_INLINE uint32_t ew_signal_log(uint32_t x, uint32_t scale, const int16_t *table) {
    const int32_t whole = ew_bits_u32(x) - 1;
    const uint32_t above = x - (UINT32_C(1) << whole);
    const int32_t part = (int32_t)(whole < 16 ? above << (16 - whole) : above >> (whole - 16));
    const int32_t place = part >> 9, rest = part & 511;
    const int32_t sag = table[place] + (((table[place + 1] - table[place]) * rest) >> 16);
    const uint32_t log2 = ((uint32_t)whole << 16) + (uint32_t)(part + sag);
    const uint32_t log = (uint32_t)((UINT64_C(45426) * log2 + (1U << 15)) >> 16);
    return (scale * log + (1U << 15)) >> 16;
}

/* input, output [channels]. */
EW_INLINE void ew_signal_filter_bank_log_ref(const ew_signal_filter_bank_log_shape *s,
                                             const uint32_t *input, int16_t *output,
                                             const int16_t *table) {
    for (int32_t c = 0; c < s->channels; c++) {
        const uint32_t x = input[c] << s->up;
        const uint32_t log = x > 1 ? ew_signal_log(x, (uint32_t)s->scale, table) : 0;
        output[c] = (int16_t)(log < INT16_MAX ? log : INT16_MAX);
    }
}

#endif
