/* SPDX-License-Identifier: Apache-2.0 */
/*
 * int8 DEPTHWISE_CONV_2D for Helium, images of few channels: 16 taps of one output at a time.
 *
 * Each channel has a plane in scratch, in which the rows that a window reaches over lie as a ring,
 * with the bytes of a column side by side: so all bytes of a window do, and one VMLADAV multiplies
 * 16 of them. A row of the image is in slot (row mod rows), and the weights are there once for each
 * row that may be first, instead of rows that move. Eight sums are requantised at once,
 * to the whole range of int8.
 */
#ifndef EW_DEPTHWISE_CONV_2D_S8_MVE_PLANES_H
#define EW_DEPTHWISE_CONV_2D_S8_MVE_PLANES_H

#include "ew_mve.h"
#include "window_s8.h"

typedef struct {
    int32_t batches;
    ew_window window;
    int32_t rounding; /* EW_MVE_RELU or _SHORT */
} ew_depthwise_conv_2d_s8_mve_planes_shape;

/* Rows of a plane, columns, and vectors of a window. */
EW_INLINE int32_t ew_mve_planes_rows(const ew_window *w) {
    return (w->k_h - 1) * w->dilation_h + 1;
}

EW_INLINE int32_t ew_mve_planes_columns(const ew_window *w) {
    return (w->out_w - 1) * w->stride_w + w->k_w;
}

EW_INLINE int32_t ew_mve_planes_vectors(const ew_window *w) {
    return (w->k_w * ew_mve_planes_rows(w) + 15) / 16;
}

/* `bytes` bytes that are `apart` apart to places that are `step` apart. */
EW_INLINE void ew_mve_planes_spread(int8_t *to, const int8_t *from, int32_t bytes, uint32_t apart,
                                    uint32_t step) {
    const uint8x16_t number = vidupq_n_u8(0, 1);
    const uint8x16_t at = vmulq_n_u8(number, (uint8_t)apart),
                     place = vmulq_n_u8(number, (uint8_t)step);
    __asm__ volatile(
        "wlstp.8 lr, %[bytes], 2f\n"
        "1:\n\tvldrb.u8 q0, [%[from], %q[at]]\n\tadd %[from], %[from], %[next]\n\t"
        "vstrb.8 q0, [%[to], %q[place]]\n\tadd %[to], %[to], %[after]\n\tletp lr, 1b\n2:"
        : [to] "+&r"(to), [from] "+&r"(from)
        : [bytes] "r"(bytes), [at] "w"(at), [place] "w"(place), [next] "r"(16 * apart),
          [after] "r"(16 * step)
        : "q0", "lr", "memory");
}

/* Row y of the image to a slot of all planes, all zero points when it lies outside. */
EW_INLINE void ew_mve_planes_load(const ew_window *w, const int8_t *image, int32_t y, int8_t *slot,
                                  int8_t in_zp) {
    const int32_t rows = ew_mve_planes_rows(w), columns = ew_mve_planes_columns(w);
    const int32_t inside = ew_min(w->in_w, columns - w->pad_left);
    const int8_t *from = image + y * w->in_w * w->in_c;
    for (int32_t c = 0; c < w->in_c; c++, slot += rows * columns) {
        if (y >= 0 && y < w->in_h) {
            ew_mve_planes_spread(slot + w->pad_left * rows, from + c, inside, (uint32_t)w->in_c,
                                 (uint32_t)rows);
        } else {
            ew_mve_planes_spread(slot, &in_zp, columns, 0, (uint32_t)rows);
        }
    }
}

/* What becomes of the sums of a channel. */
typedef struct {
    int32_t bias, multiplier, shift; /* shift < 0 is to the right */
} ew_mve_planes_factors;

#if defined(__OPTIMIZE__)

/* clang-format off */
#define EW_MVE_PLANES_SUM(to)                                                                      \
    ".if %c[vectors] > 1\n\tvldrb.8 q1, [%[x], #16]\n\tvmladav.s8 " to ", q1, %q[second]\n\t"      \
    "vldrb.8 q1, [%[x]], #%c[step]\n\tvmladava.s8 " to ", q1, %q[first]\n\t"                       \
    ".else\n\tvldrb.8 q1, [%[x]], #%c[step]\n\tvmladav.s8 " to ", q1, %q[first]\n\t.endif\n\t"
#define EW_MVE_PLANES_FOUR(q)                                                                      \
    EW_MVE_PLANES_SUM("r0") EW_MVE_PLANES_SUM("r2") EW_MVE_PLANES_SUM("r4") EW_MVE_PLANES_SUM("r6") \
    "vmov " q "[2], " q "[0], r0, r4\n\tvmov " q "[3], " q "[1], r2, r6\n\t"                       \
    "vadd.i32 " q ", " q ", %[bias]\n\tvqrdmulh.s32 " q ", " q ", %[multiplier]\n\t"
#define EW_MVE_PLANES_AWAY(q, with) "vshr.s32 " with ", " q ", #31\n\tvadd.i32 " q ", " q ", " with "\n\t"

/* `eights` times eight outputs of a channel; `places` are those of the outputs 0, 4, 1, 5, ... */
EW_INLINE void ew_mve_planes_run(const ew_depthwise_conv_2d_s8_mve_planes_shape *s, const int8_t *x,
                                 const int8_t *weights, const ew_mve_planes_factors *of,
                                 int32_t out_zp, int8_t *to, uint16x8_t places,
                                 int32_t eights) {
    const ew_window *w = &s->window;
    const int8x16_t first = vldrbq_s8(weights);
    const int8x16_t second = ew_mve_planes_vectors(w) > 1 ? vldrbq_s8(weights + 16) : first;
    __asm__ volatile(
        "dls lr, %[eights]\n"
        "1:\n\t" EW_MVE_PLANES_FOUR("q0")
        ".if %c[fix]\n\t" EW_MVE_PLANES_AWAY("q0", "q1") ".endif\n\t"
        "vrshl.s32 q0, %[shift]\n\tvqmovnb.s32 q0, q0\n\t"
        EW_MVE_PLANES_FOUR("q2")
        ".if %c[fix]\n\t" EW_MVE_PLANES_AWAY("q2", "q1") ".endif\n\t"
        "vrshl.s32 q2, %[shift]\n\tvqmovnt.s32 q0, q2\n\t"
        "vqadd.s16 q0, q0, %[zero]\n\tvqmovnb.s16 q0, q0\n\t"
        "vstrb.16 q0, [%[to], %q[places]]\n\tadd %[to], %[to], %[next]\n\tle lr, 1b"
        : [x] "+&r"(x), [to] "+&r"(to)
        : [first] "w"(first), [second] "w"(second), [eights] "r"(eights), [bias] "r"(of->bias),
          [multiplier] "r"(of->multiplier), [shift] "r"(of->shift), [zero] "r"(out_zp),
          [next] "r"(8 * w->in_c), [places] "w"(places),
          [step] "i"(w->stride_w * ew_mve_planes_rows(w)), [vectors] "i"(ew_mve_planes_vectors(w)),
          [fix] "i"(s->rounding == EW_MVE_SHORT)
        : "q0", "q1", "q2", "r0", "r2", "r4", "r6", "lr", "cc", "memory");
}
/* clang-format on */

#else

EW_INLINE void ew_mve_planes_run(const ew_depthwise_conv_2d_s8_mve_planes_shape *s, const int8_t *x,
                                 const int8_t *weights, const ew_mve_planes_factors *of,
                                 int32_t out_zp, int8_t *to, uint16x8_t places, int32_t eights) {
    const ew_window *w = &s->window;
    uint16_t place[8];
    vstrhq_u16(place, places);
    for (; eights > 0; eights--, to += 8 * w->in_c) {
        for (int32_t i = 0; i < 8; i++, x += w->stride_w * ew_mve_planes_rows(w)) {
            int32_t sum = of->bias;
            for (int32_t v = 0; v < ew_mve_planes_vectors(w); v++) {
                sum = vmladavaq_s8(sum, vldrbq_s8(x + 16 * v), vldrbq_s8(weights + 16 * v));
            }
            const int32x4_t scaled = ew_mve_scale(vdupq_n_s32(sum), vdupq_n_s32(of->multiplier),
                                                  vdupq_n_s32(of->shift), s->rounding);
            to[place[i % 4 * 2 + i / 4]] =
                (int8_t)ew_clamp(vgetq_lane_s32(scaled, 0) + out_zp, -128, 127);
        }
    }
}

#endif

/* A row of the output; `phase` is the slot of its windows' first row. */
EW_INLINE void ew_mve_planes_row(const ew_depthwise_conv_2d_s8_mve_planes_shape *s,
                                 const int8_t *planes, int32_t phase, int8_t *output,
                                 const int8_t *weights, const int32_t *factors, int32_t out_zp) {
    const ew_window *w = &s->window;
    const int32_t rows = ew_mve_planes_rows(w), plane = rows * ew_mve_planes_columns(w);
    const int32_t bytes = 16 * ew_mve_planes_vectors(w), last = w->out_w - 8;
    const uint16x8_t lane = vidupq_n_u16(0, 1);
    const uint16x8_t output_of =
        vaddq_u16(vshrq_n_u16(lane, 1), vshlq_n_u16(vandq_u16(lane, vdupq_n_u16(1)), 2));
    const uint16x8_t places = vmulq_n_u16(output_of, (uint16_t)w->in_c);
    weights += phase * bytes;
    for (int32_t c = 0; c < w->in_c; c++, factors += 3, planes += plane, weights += rows * bytes) {
        const ew_mve_planes_factors of = {factors[0], factors[1], factors[2]};
        const int8_t *x = planes;
        int8_t *to = output + c;
        /* The last eight begin among those before where there are no eight of their own. */
        for (int32_t eights = w->out_w / 8, more = w->out_w & 7; eights > 0;
             eights = more > 0, more = 0) {
            ew_mve_planes_run(s, x, weights, &of, out_zp, to, places, eights);
            x = planes + last * w->stride_w * rows;
            to = output + last * w->in_c + c;
        }
    }
}

/*
 * input [batches][in_h][in_w][in_c], output [batches][out_h][out_w][in_c]. For each channel:
 * weights [rows: which slot is first][columns of a window][slots], filled up to vectors, factors
 * [bias, multiplier, shift]. scratch: the planes, and 16 bytes for each vector of a window. The
 * output may overlap the input: a row is written when the input rows of its windows are in the
 * planes.
 */
EW_INLINE void ew_depthwise_conv_2d_s8_mve_planes(
    const ew_depthwise_conv_2d_s8_mve_planes_shape *shape, const int8_t *input, int8_t *output,
    const int8_t *weights, const int32_t *factors, int32_t in_zp, int32_t out_zp, int8_t *scratch) {
    const ew_depthwise_conv_2d_s8_mve_planes_shape own = *shape, *const s = &own;
    const ew_window *w = &s->window;
    const int32_t rows = ew_mve_planes_rows(w);
    for (int32_t b = 0; b < s->batches; b++, input += w->in_h * w->in_w * w->in_c) {
        int32_t next = -w->pad_top; /* row of the image to load */
        ew_fill(scratch, (int8_t)in_zp, w->in_c * rows * ew_mve_planes_columns(w));
        for (int32_t oy = 0; oy < w->out_h; oy++, output += w->out_w * w->in_c) {
            const int32_t y0 = oy * w->stride_h - w->pad_top;
            for (next = ew_max(next, y0); next < y0 + rows; next++) {
                ew_mve_planes_load(w, input, next, scratch + (next + w->pad_top) % rows,
                                   (int8_t)in_zp);
            }
            ew_mve_planes_row(s, scratch, (y0 + w->pad_top) % rows, output, weights, factors,
                              out_zp);
        }
    }
}

#endif
