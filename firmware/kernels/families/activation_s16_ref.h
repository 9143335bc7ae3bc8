/* SPDX-License-Identifier: Apache-2.0 */
/* int16 functions of single elements in portable C: LOGISTIC, TANH, RELU and its kin. */
#ifndef EW_ACTIVATION_S16_REF_H
#define EW_ACTIVATION_S16_REF_H

#include "ew_wide.h"

enum { EW_LOGISTIC_S16 = 0, EW_TANH_S16 = 1 };

typedef struct {
    int32_t count; /* elements */
    int32_t kind;
} ew_activation_s16_shape;

/* Input and output may be the same. */
EW_INLINE void ew_activation_s16_ref(const ew_activation_s16_shape *s, const int16_t *input,
                                     int16_t *output, const uint16_t *table, int32_t multiplier,
                                     int32_t shift) {
    for (int32_t i = 0; i < s->count; i++) {
        output[i] =
            (int16_t)(s->kind == EW_TANH_S16 ? ew_tanh_s16(input[i], table, multiplier, shift)
                                             : ew_logistic_s16(input[i], table, multiplier, shift));
    }
}

#endif
