/* SPDX-License-Identifier: Apache-2.0 */
/* SignalStacker in portable C: a frame together with those before and after it. */
#ifndef EW_SIGNAL_STACKER_REF_H
#define EW_SIGNAL_STACKER_REF_H

#include "ew_kernel.h"

typedef struct {
    int32_t channels;
    int32_t left, frames; /* frames before the one that is looked at, and of the whole stack */
    int32_t step;         /* frames from one stack to the next */
} ew_signal_stacker_shape;

/* input [channels], output [frames][channels], `valid` one byte. `state`: how many frames are kept,
 * whether there was a first one, and [frames - 1][channels]. The first frame stands for those
 * before it. A stack that is not complete is zeros, and not valid. */
EW_INLINE void ew_signal_stacker_ref(const ew_signal_stacker_shape *s, const int16_t *input,
                                     int16_t *output, int8_t *valid, int16_t *state) {
    const size_t frame = (size_t)s->channels * sizeof *input;
    int16_t *kept = state + 2;
    int32_t there = state[0];
    const int32_t copies = state[1] ? 1 : s->left + 1; /* of this frame */
    state[1] = 1;
    *valid = there + copies >= s->frames;
    int16_t *stack = *valid ? output : kept;
    memcpy(output, kept, *valid ? (size_t)there * frame : 0);
    for (int32_t i = 0; i < copies; i++) {
        memcpy(stack + (there + i) * s->channels, input, frame);
    }
    there += copies;
    if (*valid) {
        there -= s->step;
        memcpy(kept, output + s->step * s->channels, (size_t)there * frame);
    } else {
        memset(output, 0, (size_t)s->frames * frame);
    }
    state[0] = (int16_t)there;
}

#endif
