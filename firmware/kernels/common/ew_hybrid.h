/* SPDX-License-Identifier: Apache-2.0 */
/* float32 values as int8 with a factor of their own, as LiteRT quantizes the inputs of hybrid
 * layers: whose data is float32 and whose weights are int8. */
#ifndef EW_HYBRID_H
#define EW_HYBRID_H

#include <math.h>

#include "ew_float.h"

/* real = scale * (q - zero_point) */
typedef struct {
    float scale;
    int32_t zero_point;
} ew_hybrid_factor;

/* The zero point that is exact at that end of -128..127 where rounding errs less. */
EW_INLINE int32_t ew_hybrid_zero_point(float low, float high, double scale) {
    const double from_low = -128.0 - (double)low / scale;
    const double from_high = 127.0 - (double)high / scale;
    const double error_low = 128.0 + fabs((double)low / scale);
    const double error_high = 127.0 + fabs((double)high / scale);
    const double zero = error_low < error_high ? from_low : from_high;
    return zero <= -128.0 ? -128 : zero >= 127.0 ? 127 : (int32_t)round(zero);
}

/* Between 0 and the ends of the values, in -128..127; or between -127 and 127 for +-their greatest
 * magnitude. */
EW_INLINE ew_hybrid_factor ew_hybrid_factor_of(const float *values, int32_t count,
                                               int32_t asymmetric) {
    float low = 0.0F, high = 0.0F;
    for (int32_t i = 0; i < count; i++) {
        low = values[i] < low ? values[i] : low;
        high = values[i] > high ? values[i] : high;
    }
    ew_hybrid_factor factor = {1.0F, 0};
    if (low < high && asymmetric) {
        const double scale = (double)(high - low) / 255.0;
        factor.scale = (float)scale;
        factor.zero_point = ew_hybrid_zero_point(low, high, scale);
    } else if (low < high) {
        factor.scale = (-low > high ? -low : high) / 127.0F;
    }
    return factor;
}

EW_INLINE ew_hybrid_factor ew_hybrid_quantize(const float *values, int32_t count,
                                              int32_t asymmetric, int8_t *output) {
    const ew_hybrid_factor factor = ew_hybrid_factor_of(values, count, asymmetric);
    const float inverse = 1.0F / factor.scale;
    const float low = asymmetric ? -128.0F : -127.0F;
    for (int32_t i = 0; i < count; i++) {
        const float q = (float)factor.zero_point + roundf(values[i] * inverse);
        output[i] = (int8_t)ew_clamp_f32(q, low, 127.0F);
    }
    return factor;
}

/* The sum of weights times quantized values. */
EW_INLINE int32_t ew_hybrid_dot(const int8_t *values, const int8_t *weights, int32_t count,
                                int32_t zero_point) {
    int32_t sum = 0;
    for (int32_t i = 0; i < count; i++) {
        sum += weights[i] * (values[i] - zero_point);
    }
    return sum;
}

#endif
