/* SPDX-License-Identifier: Apache-2.0 */
/* Real values and the integers that stand for them: what the helpers of a model's header call. */
#ifndef EW_VALUES_H
#define EW_VALUES_H

#include <stdint.h>

/* A conversion that C++ takes for no cast of C's. */
#ifdef __cplusplus
#define EW_AS(type, value) type(value)
#else
#define EW_AS(type, value) ((type)(value))
#endif

/* The integer in low..high that stands for a real value: rounded half away from zero, saturated;
 * NaN gives low. Bounds lie within 16 bits. This is what TensorFlow Lite's QUANTIZE does. */
static inline int32_t ew_value_quantize(float value, float scale, int32_t zero_point, int32_t low,
                                        int32_t high) {
    const float steps = value / scale;
    if (steps >= EW_AS(float, high - zero_point)) {
        return high;
    }
    if (steps > EW_AS(float, low - zero_point)) {
        const int32_t whole = EW_AS(int32_t, steps);
        const float rest = steps - EW_AS(float, whole);
        return whole + (rest >= 0.5F) - (rest <= -0.5F) + zero_point;
    }
    return low;
}

/* The real value that an integer stands for. */
static inline float ew_value_real(int32_t quantized, float scale, int32_t zero_point) {
    return EW_AS(float, quantized - zero_point) * scale;
}

#endif
