/* SPDX-License-Identifier: Apache-2.0 */
/* SignalFramer in portable C: frames that overlap, of a stream that comes step by step. */
#ifndef EW_SIGNAL_FRAMER_REF_H
#define EW_SIGNAL_FRAMER_REF_H

#include "ew_kernel.h"

typedef struct {
    int32_t streams;
    int32_t frames;     /* of a call */
    int32_t size, step; /* of a frame, and from one to the next */
    int32_t kept;       /* samples that are kept from one frame to the next */
    int32_t prefill;    /* they are zeros at the start, else the first frames wait for them */
} ew_signal_framer_shape;

/* input [streams][frames][step], output [streams][frames][size], `valid` one byte. `state`: of each
 * stream the samples that are kept; before them, without prefill, how many of each there are. A
 * frame that is not yet complete is zeros, and makes the call invalid. */
EW_INLINE void ew_signal_framer_ref(const ew_signal_framer_shape *s, const int16_t *input,
                                    int16_t *output, int8_t *valid, int16_t *state) {
    const int32_t start = s->prefill ? s->kept : state[0];
    int16_t *kept = state + (s->prefill ? 0 : 1);
    int32_t there = start;
    *valid = 1;
    for (int32_t stream = 0; stream < s->streams; stream++, kept += s->kept) {
        there = start;
        for (int32_t f = 0; f < s->frames; f++, input += s->step, output += s->size) {
            const int32_t held = there + s->step;
            const int32_t old = ew_min(there, s->size);
            if (held >= s->size) {
                memcpy(output, kept, (size_t)old * sizeof *kept);
                memcpy(output + old, input, (size_t)(s->size - old) * sizeof *kept);
                const int32_t stays = ew_max(there - s->step, 0);
                const int32_t gone = s->step - (there - stays);
                memmove(kept, kept + (there - stays), (size_t)stays * sizeof *kept);
                memcpy(kept + stays, input + gone, (size_t)(s->step - gone) * sizeof *kept);
            } else {
                memset(output, 0, (size_t)s->size * sizeof *output);
                memcpy(kept + there, input, (size_t)s->step * sizeof *kept);
                there = held;
                *valid = 0;
            }
        }
    }
    if (!s->prefill) {
        state[0] = (int16_t)there;
    }
}

#endif
