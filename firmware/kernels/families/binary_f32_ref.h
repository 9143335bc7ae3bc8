/* SPDX-License-Identifier: Apache-2.0 */
/* float32 functions of two elements in portable C. */
#ifndef EW_BINARY_F32_REF_H
#define EW_BINARY_F32_REF_H

#include "binary_s8.h"
#include "ew_float.h"

enum {
    EW_MAXIMUM_F32,
    EW_MINIMUM_F32,
    EW_SQUARED_DIFFERENCE_F32,
    EW_PRELU_F32,
    EW_DIV_F32,
    EW_POW_F32,
    EW_FLOOR_DIV_F32,
    EW_FLOOR_MOD_F32
};

typedef struct {
    ew_binary_s8_shape loops;
    int32_t function;
} ew_binary_f32_shape;

/* The rest of x / y, of y's sign. */
EW_INLINE float ew_floor_mod_f32(float x, float y) {
    const float rest = fmodf(x, y);
    return (rest < 0.0F && y > 0.0F) || (rest > 0.0F && y < 0.0F) ? rest + y : rest;
}

EW_INLINE float ew_binary_f32(int32_t function, float x, float y) {
    switch (function) {
    case EW_MAXIMUM_F32:
        return x > y ? x : y;
    case EW_MINIMUM_F32:
        return x < y ? x : y;
    case EW_SQUARED_DIFFERENCE_F32:
        return (x - y) * (x - y);
    case EW_PRELU_F32:
        return x >= 0.0F ? x : x * y;
    case EW_DIV_F32:
        return x / y;
    case EW_POW_F32:
        return powf(x, y);
    case EW_FLOOR_DIV_F32:
        return floorf(x / y);
    default:
        return ew_floor_mod_f32(x, y);
    }
}

/* The clamp is that of DIV alone. Reads
 * element i of each input before it writes element i of the output. */
EW_INLINE void ew_binary_f32_ref(const ew_binary_f32_shape *s, const float *a, const float *b,
                                 float *output, float act_min, float act_max) {
    const ew_binary_s8_shape *loops = &s->loops;
    EW_BINARY_S8_LOOPS(loops) {
        const float value =
            ew_binary_f32(s->function, a[EW_BINARY_S8_A(loops)], b[EW_BINARY_S8_B(loops)]);
        *output++ = s->function == EW_DIV_F32 ? ew_clamp_f32(value, act_min, act_max) : value;
    }
}

#endif
