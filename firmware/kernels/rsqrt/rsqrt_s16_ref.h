/* SPDX-License-Identifier: Apache-2.0 */
/* int16 RSQRT in portable C. */
#ifndef EW_RSQRT_S16_REF_H
#define EW_RSQRT_S16_REF_H

#include "ew_inverse_root.h"

typedef struct {
    int32_t count; /* elements */
} ew_rsqrt_s16_shape;

/* Numbers of 0 and below give 32767. Shifts are -30..11. Input and output may be the same. */
EW_INLINE void ew_rsqrt_s16_ref(const ew_rsqrt_s16_shape *s, const int16_t *input, int16_t *output,
                                int32_t multiplier, int32_t shift) {
    for (int32_t i = 0; i < s->count; i++) {
        const ew_inverse_root_factor root = ew_inverse_root(input[i] > 0 ? input[i] : 0);
        const int32_t fine = ew_requantize(1, root.multiplier, root.shift - 20);
        const int32_t value = ew_requantize(fine, multiplier, shift + 20);
        output[i] = (int16_t)(input[i] > 0 ? ew_clamp(value, INT16_MIN, INT16_MAX) : INT16_MAX);
    }
}

#endif
