/* SPDX-License-Identifier: Apache-2.0 */
/* int8 LOG_SOFTMAX in portable C: the sum of exps as SOFTMAX has it, and its logarithm in fixed
 * point. */
#ifndef EW_LOG_SOFTMAX_S8_REF_H
#define EW_LOG_SOFTMAX_S8_REF_H

#include "softmax_s8_ref.h"

/* A number of Q0.31 near sqrt(sqrt(1/2)), and a quarter more or less than the power of two that it
 * was divided by, in Q6.25. */
typedef struct {
    int32_t rest, power;
} ew_log_softmax_s8_part;

/* x = rest * 2^power for x >= 1 in Q12.19: the lesser of two ways to take it apart. */
EW_INLINE ew_log_softmax_s8_part ew_log_softmax_s8_apart(int32_t x) {
    const int32_t sqrt_half = 1518500250, quarter = 1 << 23;
    const int32_t zeros = ew_leading_zeros((uint32_t)x);
    const int32_t raised = x * (1 << (zeros - 1));
    const int32_t a = ew_scale_up(ew_doubling_high_mul(raised, sqrt_half), 1);
    const int32_t halved = ew_doubling_high_mul(x, sqrt_half);
    const int32_t room = ew_leading_zeros((uint32_t)halved) - 1;
    const int32_t b = room > 0 ? ew_scale_up(x, room) : x;
    const ew_log_softmax_s8_part part = {ew_min(a, b), ew_max((12 - zeros) * (1 << 25) + quarter,
                                                              (12 - room) * (1 << 25) - quarter)};
    return part;
}

/* log(x) in Q5.26 for x >= 1 in Q12.19. */
EW_INLINE int32_t ew_log_softmax_s8_log(int32_t x) {
    const int32_t middle = 1805811301, log_2 = 1488522236;
    const ew_log_softmax_s8_part part = ew_log_softmax_s8_apart(x);
    const int32_t r = part.rest;
    const int64_t sum = (int64_t)r + middle;
    const int32_t p = (int32_t)((sum + (sum >= 0 ? 1 : -1)) / 2);
    const int32_t q = (r - middle) * 2;
    const int32_t square = ew_doubling_high_mul(q, q);
    const int32_t above = ew_doubling_high_mul(q, r) +
                          ew_doubling_high_mul(ew_doubling_high_mul(q, square), 117049297);
    const int32_t inner = 1057819769 + q + ew_doubling_high_mul(127690142, square);
    const int32_t below = ew_doubling_high_mul(p, inner) + ew_doubling_high_mul(638450708, q);
    const int32_t quotient =
        ew_doubling_high_mul(ew_rounding_shift(above, 6), ew_one_over_one_plus(below));
    return ew_scale_up(ew_doubling_high_mul(part.power, log_2) + quotient, 1);
}

/* input and output [rows][depth]; they may be the same. table as of ew_softmax_s8_ref; differences
 * [size] in Q5.26, those beyond give -128. */
EW_INLINE void ew_log_softmax_s8_ref(const ew_softmax_s8_shape *s, const int8_t *input,
                                     int8_t *output, const int32_t *table,
                                     const int32_t *differences, int32_t multiplier,
                                     int32_t shift) {
    for (int32_t row = 0; row < s->rows; row++, input += s->depth, output += s->depth) {
        int32_t most = INT8_MIN, sum = 0;
        for (int32_t i = 0; i < s->depth; i++) {
            most = ew_max(most, input[i]);
        }
        for (int32_t i = 0; i < s->depth; i++) {
            sum += ew_rounding_shift(ew_softmax_s8_exp(s, table, most - input[i]), 12);
        }
        const int32_t log = ew_log_softmax_s8_log(sum);
        const int32_t least = ew_max(-s->size, ew_requantize(log + INT32_MIN, multiplier, shift));
        for (int32_t i = 0; i < s->depth; i++) {
            const int32_t difference = input[i] - most;
            int32_t value = INT8_MIN;
            if (difference > least) {
                value = ew_rounding_shift(differences[-difference] - log, 22) + 127;
            }
            output[i] = (int8_t)ew_clamp(value, INT8_MIN, INT8_MAX);
        }
    }
}

#endif
