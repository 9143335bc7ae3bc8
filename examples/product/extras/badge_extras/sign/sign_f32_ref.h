/* SIGN of float32, as TensorFlow computes it. */
#ifndef EW_SIGN_F32_REF_H
#define EW_SIGN_F32_REF_H

#include "ew_kernel.h"

typedef struct {
    int32_t count;
} ew_sign_f32_shape;

EW_INLINE void ew_sign_f32_ref(const ew_sign_f32_shape *s, const float *input, float *output) {
    for (int32_t i = 0; i < s->count; i++)
        output[i] = (float)((input[i] > 0.0F) - (input[i] < 0.0F));
}

#endif
