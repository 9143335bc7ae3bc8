/* SPDX-License-Identifier: Apache-2.0 */
/* SignalDelay in portable C: a stream, so many samples later. */
#ifndef EW_SIGNAL_DELAY_REF_H
#define EW_SIGNAL_DELAY_REF_H

#include "ew_kernel.h"

typedef struct {
    int32_t streams, count; /* samples of a call */
    int32_t delay;
} ew_signal_delay_shape;

/* input, output [streams][count], state [streams][delay]. They do not overlap. */
EW_INLINE void ew_signal_delay_ref(const ew_signal_delay_shape *s, const int16_t *input,
                                   int16_t *output, int16_t *state) {
    const int32_t old = ew_min(s->delay, s->count); /* samples that come out of the state */
    const size_t size = sizeof *input;
    for (int32_t stream = 0; stream < s->streams; stream++) {
        memcpy(output, state, (size_t)old * size);
        memcpy(output + old, input, (size_t)(s->count - old) * size);
        memmove(state, state + old, (size_t)(s->delay - old) * size);
        memcpy(state + (s->delay - old), input + (s->count - old), (size_t)old * size);
        input += s->count;
        output += s->count;
        state += s->delay;
    }
}

#endif
