/* SPDX-License-Identifier: Apache-2.0 */
/* SignalPCAN in portable C: per-channel gain control by the noise, then a compression of small
 * values. */
#ifndef EW_SIGNAL_PCAN_REF_H
#define EW_SIGNAL_PCAN_REF_H

#include "ew_bits.h"

typedef struct {
    int32_t channels;
    int32_t shift; /* of signal times gain, which has 12 bits behind the point then */
} ew_signal_pcan_shape;

/* The gain for an amount of noise: parabolas between powers of two, three numbers of `table` each
 * in every four, behind the gains of 0, 1 and 2. */
EW_INLINE uint32_t ew_signal_gain(uint32_t noise, const int16_t *table) {
    if (noise <= 2) {
        return (uint32_t)(int32_t)table[noise];
    }
    const int32_t bits = ew_bits_u32(noise);
    const int16_t *part = table + (4 * bits - 6);
    const uint32_t shifted = bits < 11 ? noise << (11 - bits) : noise >> (bits - 11);
    const int32_t place = (int32_t)(shifted & 0x3FF);
    const uint32_t slope = (uint32_t)((part[2] * place) >> 5) + ((uint32_t)(int32_t)part[1] << 5);
    const int32_t more = (int32_t)(slope * (uint32_t)place + (1U << 14)) >> 15;
    return (uint32_t)(int32_t)(int16_t)(uint16_t)((uint32_t)more + (uint32_t)(int32_t)part[0]);
}

/* x^2 / 4 below 2, x - 1 from there on; 12 bits behind the point become 6. */
EW_INLINE uint32_t ew_signal_shrink(uint32_t x) {
    return x < 2U << 12 ? (x * x) >> 20 : (x >> 6) - (1U << 6);
}

/* input, noise, output [channels]; output may be the input. table [125]. */
EW_INLINE void ew_signal_pcan_ref(const ew_signal_pcan_shape *s, const uint32_t *input,
                                  const uint32_t *noise, uint32_t *output, const int16_t *table) {
    for (int32_t c = 0; c < s->channels; c++) {
        const uint64_t product = (uint64_t)input[c] * ew_signal_gain(noise[c], table);
        output[c] = ew_signal_shrink((uint32_t)(product >> s->shift));
    }
}

#endif
