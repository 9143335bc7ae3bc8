/* SPDX-License-Identifier: Apache-2.0 */
/*
 * int8 CONV_2D in portable C: two output pixels by two output channels at a time.
 *
 * The windows of two pixels are copied to scratch, with the input's zero point for padding, so that
 * the inner loop walks plain arrays and the output may overlap the input that is read already.
 * `bias` holds bias - zero_point * sum(weights) of each channel: the inner loop needs no offset.
 */
#ifndef EW_CONV_2D_S8_REF_H
#define EW_CONV_2D_S8_REF_H

#include "conv_2d_s8.h"

typedef struct {
    const int8_t *weights;     /* [out_c][depth] */
    const int32_t *bias;       /* [out_c] */
    const int32_t *multiplier; /* [out_c] */
    const int8_t *shift;       /* [out_c] */
    int32_t out_zp, act_min, act_max;
} ew_conv_2d_s8_channels;

EW_INLINE int8_t ew_conv_2d_s8_ref_finish(const ew_conv_2d_s8_shape *s,
                                          const ew_conv_2d_s8_channels *ch, int32_t acc,
                                          int32_t c) {
    const int32_t scaled = s->short_requant
                               ? ew_requantize_short(acc, ch->multiplier[c], ch->shift[c])
                               : ew_requantize(acc, ch->multiplier[c], ch->shift[c]);
    return (int8_t)ew_clamp(ew_add_wrap(scaled, ch->out_zp), ch->act_min, ch->act_max);
}

/* Channels c0 and c1 of the two pixels whose windows lie in `patch`; pixel p goes to out + p *
 * pixel_step. */
EW_INLINE void ew_conv_2d_s8_ref_block(const ew_conv_2d_s8_shape *s,
                                       const ew_conv_2d_s8_channels *ch, const int8_t *patch,
                                       int32_t depth, int32_t c0, int32_t c1, int8_t *out,
                                       int32_t pixel_step) {
    const int8_t *x0 = patch;
    const int8_t *x1 = patch + depth;
    const int8_t *w0 = ch->weights + c0 * depth;
    const int8_t *w1 = ch->weights + c1 * depth;
    int32_t a00 = ch->bias[c0], a01 = ch->bias[c1];
    int32_t a10 = a00, a11 = a01;
    EW_UNROLL(8)
    for (int32_t k = 0; k < depth; k++) {
        const int32_t p0 = x0[k], p1 = x1[k], q0 = w0[k], q1 = w1[k];
        a00 = ew_mla(a00, p0, q0);
        a01 = ew_mla(a01, p0, q1);
        a10 = ew_mla(a10, p1, q0);
        a11 = ew_mla(a11, p1, q1);
    }
    out[c0] = ew_conv_2d_s8_ref_finish(s, ch, a00, c0);
    out[c1] = ew_conv_2d_s8_ref_finish(s, ch, a01, c1);
    out[c0 + pixel_step] = ew_conv_2d_s8_ref_finish(s, ch, a10, c0);
    out[c1 + pixel_step] = ew_conv_2d_s8_ref_finish(s, ch, a11, c1);
}

/* Two neighbouring pixels of one image, in raster order; the second is the first again at the end
 * of an odd image. */
EW_INLINE void ew_conv_2d_s8_ref_pixels(const ew_conv_2d_s8_shape *s,
                                        const ew_conv_2d_s8_channels *ch, const int8_t *image,
                                        int8_t *out, int8_t *patch, int32_t pixel, int8_t in_zp) {
    const ew_window *w = &s->window;
    const int32_t group_in = w->in_c / s->groups, group_out = s->out_c / s->groups;
    const int32_t depth = w->k_h * w->k_w * group_in;
    const int32_t next = ew_min(pixel + 1, w->out_h * w->out_w - 1);
    for (int32_t g = 0; g < s->groups; g++) {
        for (int32_t p = 0; p < 2; p++) {
            const int32_t at = p == 0 ? pixel : next;
            ew_gather(w, image + g * group_in, patch + p * depth, at / w->out_w, at % w->out_w,
                      group_in, in_zp);
        }
        for (int32_t c = 0; c < group_out; c += 2) {
            ew_conv_2d_s8_ref_block(s, ch, patch, depth, g * group_out + c,
                                    g * group_out + ew_min(c + 1, group_out - 1),
                                    out + pixel * s->out_c, (next - pixel) * s->out_c);
        }
    }
}

/*
 * input [batches][in_h][in_w][in_c], output [batches][out_h][out_w][out_c], weights
 * [out_c][k_h][k_w][in_c / groups]. scratch: 2 * k_h * k_w * in_c / groups bytes. See
 * Conv2D.overlap for how input and output may overlap.
 */
EW_INLINE void ew_conv_2d_s8_ref(const ew_conv_2d_s8_shape *s, const int8_t *input, int8_t *output,
                                 const int8_t *weights, const int32_t *bias,
                                 const int32_t *multiplier, const int8_t *shift, int32_t in_zp,
                                 int32_t out_zp, int32_t act_min, int32_t act_max,
                                 int8_t *scratch) {
    const ew_window *w = &s->window;
    const ew_conv_2d_s8_channels ch = {weights, bias, multiplier, shift, out_zp, act_min, act_max};
    const int32_t pixels = w->out_h * w->out_w;
    for (int32_t b = 0; b < s->batches; b++) {
        for (int32_t pixel = 0; pixel < pixels; pixel += 2) {
            ew_conv_2d_s8_ref_pixels(s, &ch, input, output, scratch, pixel, (int8_t)in_zp);
        }
        input += w->in_h * w->in_w * w->in_c;
        output += pixels * s->out_c;
    }
}

#endif
