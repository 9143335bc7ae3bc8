/* SPDX-License-Identifier: Apache-2.0 */
/* SignalOverlapAdd of float32 in portable C: a stream out of frames that overlap. */
#ifndef EW_SIGNAL_OVERLAP_ADD_F32_REF_H
#define EW_SIGNAL_OVERLAP_ADD_F32_REF_H

#include "ew_signal.h"

/* input [streams][frames][size], output [streams][frames][step], state [streams][size - step]: what
 * frames before have for those to come. */
EW_INLINE void ew_signal_overlap_add_f32_ref(const ew_signal_overlap_add_shape *s,
                                             const float *input, float *output, float *state) {
    const int32_t rest = s->size - s->step;
    for (int32_t stream = 0; stream < s->streams; stream++, state += rest) {
        for (int32_t f = 0; f < s->frames; f++, input += s->size, output += s->step) {
            for (int32_t i = 0; i < s->size; i++) {
                const float before = i < rest ? state[i] : (float)0;
                const float sum = before + input[i];
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
