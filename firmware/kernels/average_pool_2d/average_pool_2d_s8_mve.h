/* SPDX-License-Identifier: Apache-2.0 */
/*
 * int8 AVERAGE_POOL_2D for Helium: eight channels at a time, sums in int16, so windows have at most
 * 255 pixels. The division is a multiplication: with sums below 2^15 and counts below 2^8, (sum *
 * (2^24 / count + 1)) >> 24 is exact.
 */
#ifndef EW_AVERAGE_POOL_2D_S8_MVE_H
#define EW_AVERAGE_POOL_2D_S8_MVE_H

#include "ew_mve.h"
#include "pool_2d_s8.h"

/* |sum| / count, rounded, with the sign of the sum: four sums. */
EW_INLINE int32x4_t ew_average_pool_2d_s8_mve_divide(int32x4_t sum, int32_t count) {
    const uint32_t reciprocal = (1U << 24) / (uint32_t)count + 1;
    const uint32x4_t rounded = vreinterpretq_u32_s32(vaddq_n_s32(vabsq_s32(sum), count / 2));
    const int32x4_t mean =
        vreinterpretq_s32_u32(vmulhq_u32(vshlq_n_u32(rounded, 8), vdupq_n_u32(reciprocal)));
    const int32x4_t sign = vshrq_n_s32(sum, 31);
    return vsubq_s32(veorq_s32(mean, sign), sign);
}

/* Sums of eight channels, or those that `there` says, of a window whose first pixel is at `from`.
 */
EW_INLINE int16x8_t ew_average_pool_2d_s8_mve_sum(const int8_t *from, int32_t rows, int32_t columns,
                                                  int32_t row_step, int32_t step, int32_t whole,
                                                  mve_pred16_t there) {
    int16x8_t sum = vdupq_n_s16(0);
    for (; rows > 0; rows--, from += row_step) {
        const int8_t *pixel = from;
        EW_UNROLL(4)
        for (int32_t x = 0; x < columns; x++, pixel += step) {
            sum = vaddq_s16(sum, whole ? vldrbq_s16(pixel) : vldrbq_z_s16(pixel, there));
        }
    }
    return sum;
}

/*
 * input [batches][in_h][in_w][in_c], output [batches][out_h][out_w][in_c]. Eight channels are read
 * before they are written.
 */
EW_INLINE void ew_average_pool_2d_s8_mve(const ew_pool_2d_s8_shape *s, const int8_t *input,
                                         int8_t *output, int32_t act_min, int32_t act_max) {
    const ew_window *w = &s->window;
    const int32_t pixels = w->out_h * w->out_w;
    for (int32_t i = 0; i < s->batches * pixels; i++, output += w->in_c) {
        const ew_pool_area area = ew_pool_2d_s8_area(w, i % pixels);
        const int32_t rows = area.y1 - area.y0, columns = area.x1 - area.x0;
        const int8_t *image = input + (i / pixels) * w->in_h * w->in_w * w->in_c;
        const int8_t *first = image + (area.y0 * w->in_w + area.x0) * w->in_c;
        for (int32_t c = 0; c < w->in_c; c += 8) {
            const mve_pred16_t there = vctp16q((uint32_t)(w->in_c - c));
            const int16x8_t sum = ew_average_pool_2d_s8_mve_sum(
                first + c, rows, columns, w->in_w * w->in_c, w->in_c, c + 8 <= w->in_c, there);
            const int32x4_t even =
                ew_average_pool_2d_s8_mve_divide(vmovlbq_s16(sum), rows * columns);
            const int32x4_t odd =
                ew_average_pool_2d_s8_mve_divide(vmovltq_s16(sum), rows * columns);
            const int16x8_t mean = vmovntq_s32(vmovnbq_s32(sum, even), odd);
            const int16x8_t clamped = vminq_s16(vmaxq_s16(mean, vdupq_n_s16((int16_t)act_min)),
                                                vdupq_n_s16((int16_t)act_max));
            vstrbq_p_s16(output + c, clamped, there);
        }
    }
}

#endif
