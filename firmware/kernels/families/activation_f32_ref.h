/* SPDX-License-Identifier: Apache-2.0 */
/* float32 functions of single elements in portable C. */
#ifndef EW_ACTIVATION_F32_REF_H
#define EW_ACTIVATION_F32_REF_H

#include "ew_float.h"

enum {
    EW_CLAMP_F32,
    EW_LEAKY_RELU_F32,
    EW_LOGISTIC_F32,
    EW_TANH_F32,
    EW_ELU_F32,
    EW_HARD_SWISH_F32,
    EW_SQUARE_F32,
    EW_SQRT_F32,
    EW_RSQRT_F32,
    EW_ABS_F32,
    EW_NEG_F32,
    EW_FLOOR_F32,
    EW_CEIL_F32,
    EW_ROUND_F32,
    EW_EXP_F32,
    EW_LOG_F32,
    EW_SIN_F32,
    EW_COS_F32,
    EW_GELU_F32,
    EW_APPROXIMATE_GELU_F32
};

typedef struct {
    int32_t count; /* elements */
    int32_t kind;
} ew_activation_f32_shape;

/* 1 / (1 + exp(-x)); far from 0 it is 1, or exp(x). */
EW_INLINE float ew_logistic_f32(float x) {
    if (x > 16.619047164916992F) {
        return 1.0F;
    }
    return x < -9.0F ? expf(x) : 1.0F / (1.0F + expf(-x));
}

/* The nearest whole number, halves to the even one. */
EW_INLINE float ew_round_f32(float x) {
    const float below = floorf(x), part = x - below;
    const int below_is_even = below - 2.0F * floorf(below / 2.0F) < 1.0F;
    return part < 0.5F || (part <= 0.5F && below_is_even) ? below : below + 1.0F;
}

EW_INLINE float ew_gelu_f32(float x) {
    return 0.5F * x * erfcf(x * -0.70710678118654752F);
}

EW_INLINE float ew_approximate_gelu_f32(float x) {
    return 0.5F * x * (1.0F + tanhf(0.79788456080286536F * x * (1.0F + 0.044715F * x * x)));
}

/* a and b: ends of the clamp, or the slope of LEAKY_RELU below 0. */
EW_INLINE float ew_activation_f32(int32_t kind, float x, float a, float b) {
    switch (kind) {
    case EW_LEAKY_RELU_F32:
        return x > 0.0F ? x : x * a;
    case EW_LOGISTIC_F32:
        return ew_logistic_f32(x);
    case EW_TANH_F32:
        return tanhf(x);
    case EW_ELU_F32:
        return x < 0.0F ? expm1f(x) : x;
    case EW_HARD_SWISH_F32:
        return x * ew_clamp_f32(x + 3.0F, 0.0F, 6.0F) / 6.0F;
    case EW_SQUARE_F32:
        return x * x;
    case EW_SQRT_F32:
        return sqrtf(x);
    case EW_RSQRT_F32:
        return 1.0F / sqrtf(x);
    case EW_ABS_F32:
        return fabsf(x);
    case EW_NEG_F32:
        return -x;
    case EW_FLOOR_F32:
        return floorf(x);
    case EW_CEIL_F32:
        return ceilf(x);
    case EW_ROUND_F32:
        return ew_round_f32(x);
    case EW_EXP_F32:
        return expf(x);
    case EW_LOG_F32:
        return logf(x);
    case EW_SIN_F32:
        return sinf(x);
    case EW_COS_F32:
        return cosf(x);
    case EW_GELU_F32:
        return ew_gelu_f32(x);
    case EW_APPROXIMATE_GELU_F32:
        return ew_approximate_gelu_f32(x);
    default:
        return ew_clamp_f32(x, a, b);
    }
}

/* Input and output may be the same. */
EW_INLINE void ew_activation_f32_ref(const ew_activation_f32_shape *s, const float *input,
                                     float *output, float a, float b) {
    for (int32_t i = 0; i < s->count; i++) {
        output[i] = ew_activation_f32(s->kind, input[i], a, b);
    }
}

#endif
