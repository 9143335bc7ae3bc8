/* SPDX-License-Identifier: Apache-2.0 */
/* SignalWindow in portable C. */
#ifndef EW_SIGNAL_WINDOW_REF_H
#define EW_SIGNAL_WINDOW_REF_H

#include "ew_kernel.h"

typedef struct {
    int32_t frames, count;
    int32_t shift; /* of a product */
} ew_signal_window_shape;

/* input, output [frames][count], which may be one and the same; weights [count]. */
EW_INLINE void ew_signal_window_ref(const ew_signal_window_shape *s, const int16_t *input,
                                    int16_t *output, const int16_t *weights) {
    for (int32_t f = 0; f < s->frames; f++, input += s->count, output += s->count) {
        for (int32_t i = 0; i < s->count; i++) {
            const int32_t product = (input[i] * weights[i]) >> s->shift;
            output[i] = (int16_t)ew_clamp(product, INT16_MIN, INT16_MAX);
        }
    }
}

#endif
