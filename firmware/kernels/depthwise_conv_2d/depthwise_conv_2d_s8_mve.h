/* SPDX-License-Identifier: Apache-2.0 */
/*
 * int8 DEPTHWISE_CONV_2D for Helium: 16 channels of a pixel at a time.
 *
 * Rows of the image are copied to a ring in scratch, 16 channels of all pixels after one another,
 * with the input's zero point around them. Products are summed in int16 as long as weights allow it
 * (`run` taps: sum|w| * 128 < 2^15), then widened. Even and odd bytes widen apart, twice, and
 * narrow the same way back, so channels end up in order again.
 */
#ifndef EW_DEPTHWISE_CONV_2D_S8_MVE_H
#define EW_DEPTHWISE_CONV_2D_S8_MVE_H

#include "ew_mve.h"
#include "window_s8.h"

typedef struct {
    int32_t batches;
    ew_window window;
    int32_t run;      /* taps that are summed in int16 */
    int32_t rounding; /* EW_MVE_RELU, _SHORT or _ANY */
    int32_t whole;    /* see ew_mve_place */
} ew_depthwise_conv_2d_s8_mve_shape;

/* Rows of the ring, pixels of a row of it, and bytes of 16 channels of a row. */
EW_INLINE int32_t ew_depthwise_conv_2d_s8_mve_rows(const ew_window *w) {
    return (w->k_h - 1) * w->dilation_h + 1;
}

EW_INLINE int32_t ew_depthwise_conv_2d_s8_mve_pitch(const ew_window *w) {
    return 16 * ((w->out_w - 1) * w->stride_w + (w->k_w - 1) * w->dilation_w + 1);
}

/* Up to 16 channels of `pixels` pixels, at least one, that are `step` bytes apart, to vectors;
 * returns what follows these. What is behind the last channel becomes 0. */
EW_INLINE int8_t *ew_depthwise_conv_2d_s8_mve_take(int8_t *to, const int8_t *from, int32_t step,
                                                   int32_t pixels, int32_t channels) {
    if (channels < 16) {
        const mve_pred16_t there = vctp8q((uint32_t)channels);
        for (; pixels > 0; pixels--, to += 16, from += step) {
            vstrbq_s8(to, vldrbq_z_s8(from, there));
        }
        return to;
    }
    __asm__ volatile("dls lr, %[pixels]\n"
                     "1:\n\tvldrb.u8 q0, [%[from]]\n\tadd %[from], %[from], %[step]\n\t"
                     "vstrb.8 q0, [%[to]], #16\n\tle lr, 1b"
                     : [to] "+&r"(to), [from] "+&r"(from)
                     : [pixels] "r"(pixels), [step] "r"(step)
                     : "q0", "lr", "cc", "memory");
    return to;
}

EW_INLINE int8_t *ew_depthwise_conv_2d_s8_mve_pad(int8_t *to, int8_t in_zp, int32_t pixels) {
    ew_fill(to, in_zp, 16 * pixels);
    return to + 16 * pixels;
}

/* Row y of the image, all zero points when it lies outside, to a row of the ring. */
EW_INLINE void ew_depthwise_conv_2d_s8_mve_load(const ew_window *w, const int8_t *image, int32_t y,
                                                int8_t *to, int8_t in_zp) {
    const int32_t pixels = ew_depthwise_conv_2d_s8_mve_pitch(w) / 16;
    const int32_t first = y < 0 || y >= w->in_h ? pixels : w->pad_left;
    const int32_t last = ew_min(w->pad_left + w->in_w, pixels);
    const int8_t *from = image + y * w->in_w * w->in_c;
    for (int32_t left = w->in_c; left > 0; left -= 16, from += 16) {
        to = ew_depthwise_conv_2d_s8_mve_pad(to, in_zp, first);
        if (first < last) {
            to = ew_depthwise_conv_2d_s8_mve_take(to, from, w->in_c, last - first, left);
        }
        if (pixels > ew_max(first, last)) {
            to = ew_depthwise_conv_2d_s8_mve_pad(to, in_zp, pixels - ew_max(first, last));
        }
    }
}

/* Accumulators of 16 channels: lane i of acc[j] is channel 4 * i + {0, 2, 1, 3}[j]. */
#if defined(__OPTIMIZE__)

/*
 * In assembly, for a compiler orders the loads so that it has to spill. Four accumulators, two sums
 * and two temporary vectors are all there are: after the first product of a run w is read twice.
 */
EW_INLINE void ew_depthwise_conv_2d_s8_mve_sum(const ew_depthwise_conv_2d_s8_mve_shape *s,
                                               const int8_t *const *rows, int32_t at,
                                               const int8_t *weights, int32x4_t acc[4]) {
    const ew_window *w = &s->window;
    const int32_t taps = w->k_h * w->k_w;
    int16x8_t even = vuninitializedq_s16(), odd = vuninitializedq_s16();
    const int8_t *x = rows[0];
    EW_UNROLL(64)
    for (int32_t t = 0; t < taps; t++) {
        if (t % w->k_w == 0) {
            x = rows[t / w->k_w] + at;
        }
        if (t % s->run == 0) {
            __asm__ volatile(
                "vldrb.8 q0, [%[x]], #%c[next]\n\tvldrb.8 q1, [%[w]], #16\n\t"
                "vmullb.s8 %q[even], q0, q1\n\tvmullt.s8 %q[odd], q0, q1"
                : [x] "+&r"(x), [w] "+&r"(weights), [even] "=&w"(even), [odd] "=&w"(odd)
                : [next] "i"(16 * w->dilation_w)
                : "q0", "q1", "memory");
        } else {
            __asm__ volatile(
                "vldrb.8 q0, [%[x]], #%c[next]\n\tvldrb.8 q1, [%[w]]\n\t"
                "vmullb.s8 q1, q0, q1\n\tvadd.i16 %q[even], %q[even], q1\n\t"
                "vldrb.8 q1, [%[w]], #16\n\t"
                "vmullt.s8 q1, q0, q1\n\tvadd.i16 %q[odd], %q[odd], q1"
                : [x] "+&r"(x), [w] "+&r"(weights), [even] "+&w"(even), [odd] "+&w"(odd)
                : [next] "i"(16 * w->dilation_w)
                : "q0", "q1", "memory");
        }
        if (t % s->run == s->run - 1 || t == taps - 1) {
            __asm__ volatile(
                "vmovlb.s16 q0, %q[even]\n\tvadd.i32 %q[a], %q[a], q0\n\t"
                "vmovlt.s16 q0, %q[even]\n\tvadd.i32 %q[b], %q[b], q0\n\t"
                "vmovlb.s16 q0, %q[odd]\n\tvadd.i32 %q[c], %q[c], q0\n\t"
                "vmovlt.s16 q0, %q[odd]\n\tvadd.i32 %q[d], %q[d], q0"
                : [a] "+w"(acc[0]), [b] "+w"(acc[1]), [c] "+w"(acc[2]), [d] "+w"(acc[3])
                : [even] "w"(even), [odd] "w"(odd)
                : "q0");
        }
    }
}

#else

EW_INLINE void ew_depthwise_conv_2d_s8_mve_sum(const ew_depthwise_conv_2d_s8_mve_shape *s,
                                               const int8_t *const *rows, int32_t at,
                                               const int8_t *weights, int32x4_t acc[4]) {
    const ew_window *w = &s->window;
    const int32_t taps = w->k_h * w->k_w;
    int16x8_t even = vuninitializedq_s16(), odd = vuninitializedq_s16();
    EW_UNROLL(64)
    for (int32_t t = 0; t < taps; t++) {
        const int8x16_t x = vldrbq_s8(rows[t / w->k_w] + at + t % w->k_w * w->dilation_w * 16);
        const int8x16_t k = vldrbq_s8(weights + 16 * t);
        even = t % s->run ? vaddq_s16(even, vmullbq_int_s8(x, k)) : vmullbq_int_s8(x, k);
        odd = t % s->run ? vaddq_s16(odd, vmulltq_int_s8(x, k)) : vmulltq_int_s8(x, k);
        if (t % s->run == s->run - 1 || t == taps - 1) {
            acc[0] = vaddq_s32(acc[0], vmovlbq_s16(even));
            acc[1] = vaddq_s32(acc[1], vmovltq_s16(even));
            acc[2] = vaddq_s32(acc[2], vmovlbq_s16(odd));
            acc[3] = vaddq_s32(acc[3], vmovltq_s16(odd));
        }
    }
}

#endif

/* ew_mve_scale with factors from memory: a compiler would compute each address. */
#if defined(__OPTIMIZE__)
#define EW_DEPTHWISE_CONV_2D_S8_MVE_SCALE(acc, factors, j, rounding)                               \
    __asm__("vldrw.32 q0, [%[f], #%c[multiplier]]\n\tvqrdmulh.s32 %q[a], %q[a], q0\n\t"            \
            ".if %c[fix]\n\tvshr.s32 q0, %q[a], #31\n\tvadd.i32 %q[a], %q[a], q0\n\t.endif\n\t"    \
            "vldrw.32 q0, [%[f], #%c[right]]\n\tvrshl.s32 %q[a], %q[a], q0"                        \
            : [a] "+w"(acc)                                                                        \
            : [f] "r"(factors), [multiplier] "i"(64 + 16 * (j)), [right] "i"(128 + 16 * (j)),      \
              [fix] "i"((rounding) == EW_MVE_SHORT)                                                \
            : "q0", "memory")
#else
#define EW_DEPTHWISE_CONV_2D_S8_MVE_SCALE(acc, factors, j, rounding)                               \
    ((acc) = ew_mve_scale(acc, vldrwq_s32((factors) + 16 + 4 * (j)),                               \
                          vldrwq_s32((factors) + 32 + 4 * (j)), rounding))
#endif

/* 16 outputs from their accumulators. */
EW_INLINE int8x16_t ew_depthwise_conv_2d_s8_mve_finish(const ew_depthwise_conv_2d_s8_mve_shape *s,
                                                       int32x4_t acc[4], const int32_t *factors,
                                                       const ew_mve_range *range) {
    EW_UNROLL(4)
    for (int32_t j = 0; j < 4; j++) {
        if (s->rounding != EW_MVE_ANY) {
            EW_DEPTHWISE_CONV_2D_S8_MVE_SCALE(acc[j], factors, j, s->rounding);
            continue;
        }
        acc[j] = ew_mve_scale(acc[j], vldrwq_s32(factors + 16 + 4 * j),
                              vldrwq_s32(factors + 32 + 4 * j), EW_MVE_ANY);
        acc[j] = vaddq_n_s32(acc[j], range->zero_point);
    }
    const int32_t zero_point =
        s->rounding == EW_MVE_ANY ? 0 : range->zero_point; /* added with saturation below */
    __asm__(
        "vqmovnb.s32 %q[a], %q[a]\n\tvqmovnt.s32 %q[a], %q[b]\n\tvqadd.s16 %q[a], %q[a], %[zp]\n\t"
        "vqmovnb.s32 %q[c], %q[c]\n\tvqmovnt.s32 %q[c], %q[d]\n\tvqadd.s16 %q[c], %q[c], %[zp]\n\t"
        "vqmovnb.s16 %q[a], %q[a]\n\tvqmovnt.s16 %q[a], %q[c]"
        : [a] "+&w"(acc[0]), [c] "+&w"(acc[2])
        : [b] "w"(acc[1]), [d] "w"(acc[3]), [zp] "r"(zero_point));
    const int8x16_t all = vreinterpretq_s8_s32(acc[0]);
    return s->whole ? all
                    : vminq_s8(vmaxq_s8(all, vdupq_n_s8((int8_t)range->low)),
                               vdupq_n_s8((int8_t)range->high));
}

/* A row of the output. */
EW_INLINE void ew_depthwise_conv_2d_s8_mve_row(const ew_depthwise_conv_2d_s8_mve_shape *s,
                                               const int8_t *const *rows, int8_t *output,
                                               const int8_t *weights, const int32_t *factors,
                                               const ew_mve_range *range) {
    const ew_window *w = &s->window;
    for (int32_t c = 0, at = 0; c < w->in_c; c += 16, at += ew_depthwise_conv_2d_s8_mve_pitch(w)) {
        int8_t *to = output + c;
        for (int32_t ox = 0; ox < w->out_w; ox++, to += w->in_c) {
            int32x4_t acc[4] = {vldrwq_s32(factors), vldrwq_s32(factors + 4),
                                vldrwq_s32(factors + 8), vldrwq_s32(factors + 12)};
            ew_depthwise_conv_2d_s8_mve_sum(s, rows, at + ox * w->stride_w * 16, weights, acc);
            const int8x16_t all = ew_depthwise_conv_2d_s8_mve_finish(s, acc, factors, range);
            if (w->in_c % 16 == 0) {
                vstrbq_s8(to, all);
            } else {
                vstrbq_p_s8(to, all, vctp8q((uint32_t)(w->in_c - c)));
            }
        }
        weights += w->k_h * w->k_w * 16;
        factors += 48;
    }
}

#define EW_DEPTHWISE_CONV_2D_S8_MVE_ROWS 16 /* k_h is at most that */

/*
 * input [batches][in_h][in_w][in_c], output [batches][out_h][out_w][in_c]. For each 16 channels:
 * weights [taps][16], factors [bias, multiplier, shift][16] in the order of accumulators. scratch:
 * see _mve_depthwise.scratch_bytes. The output may overlap the input: a row is written when the
 * input rows of its windows are in the ring.
 */
EW_INLINE void ew_depthwise_conv_2d_s8_mve(const ew_depthwise_conv_2d_s8_mve_shape *shape,
                                           const int8_t *input, int8_t *output,
                                           const int8_t *weights, const int32_t *factors,
                                           int32_t in_zp, int32_t out_zp, int32_t act_min,
                                           int32_t act_max, int8_t *scratch) {
    const ew_depthwise_conv_2d_s8_mve_shape own = *shape, *const s = &own; /* stays in registers */
    const ew_window *w = &s->window;
    const ew_mve_range range = {out_zp, act_min, act_max};
    const int32_t ring = ew_depthwise_conv_2d_s8_mve_rows(w);
    const int32_t row_bytes = ew_depthwise_conv_2d_s8_mve_pitch(w) * ((w->in_c + 15) / 16);
    for (int32_t b = 0; b < s->batches; b++, input += w->in_h * w->in_w * w->in_c) {
        int32_t next = -w->pad_top; /* row of the image to load */
        for (int32_t oy = 0; oy < w->out_h; oy++, output += w->out_w * w->in_c) {
            const int32_t y0 = oy * w->stride_h - w->pad_top;
            const int8_t *rows[EW_DEPTHWISE_CONV_2D_S8_MVE_ROWS];
            for (next = ew_max(next, y0); next < y0 + ring; next++) {
                int8_t *to = scratch + (next + w->pad_top) % ring * row_bytes;
                ew_depthwise_conv_2d_s8_mve_load(w, input, next, to, (int8_t)in_zp);
            }
            for (int32_t ky = 0; ky < w->k_h; ky++) {
                rows[ky] = scratch + (y0 + w->pad_top + ky * w->dilation_h) % ring * row_bytes;
            }
            ew_depthwise_conv_2d_s8_mve_row(s, rows, output, weights, factors, &range);
        }
    }
}

#endif
