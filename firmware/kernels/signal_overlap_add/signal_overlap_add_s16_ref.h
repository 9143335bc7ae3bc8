/* SPDX-License-Identifier: Apache-2.0 */
/* SignalOverlapAdd of int16 in portable C: a stream out of frames that overlap. */
#ifndef EW_SIGNAL_OVERLAP_ADD_S16_REF_H
#define EW_SIGNAL_OVERLAP_ADD_S16_REF_H

#include "ew_signal.h"

/* input [streams][frames][size], output [streams][frames][step], state [streams][size - step]: what
 * frames before have for those to come. */
EW_INLINE void ew_signal_overlap_add_s16_ref(const ew_signal_overlap_add_shape *s,
                                             const int16_t *input, int16_t *output,
                                             int16_t *state) {
    const int32_t rest = s->size - s->step;
    for (int32_t stream = 0; stream < s->streams; stream++, state += rest) {
        for (int32_t f = 0; f < s->frames; f++, input += s->size, output += s->step) {
            for (int32_t i = 0; i < s->size; i++) {
                const int16_t before = i < rest ? state[i] : (int16_t)0;
                const int16_t sum = (int16_t)ew_clamp(input[i] + before, INT16_MIN, INT16_MAX);
                if (i < s->step) {
                    output[i] = sum;
                } else {
                    state[i - s->step] = sum;
                }
            }
        }
    }
}

#endif
