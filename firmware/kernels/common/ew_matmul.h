/* SPDX-License-Identifier: Apache-2.0 */
/* How kernels of BATCH_MATMUL walk their inputs: matrices, either of which may lie transposed. */
#ifndef EW_MATMUL_H
#define EW_MATMUL_H

#include "ew_kernel.h"

typedef struct {
    int32_t n0, n1, n2; /* matrices of the output, outermost first */
    int32_t a0, a1, a2; /* step from one matrix of the first input to the next, 0: the same one */
    int32_t b0, b1, b2; /* the same of the second input */
    int32_t rows, depth, columns;
    int32_t a_row, a_depth;    /* step from row to row, and along a row, of the first input */
    int32_t b_depth, b_column; /* step along a column, and from column to column, of the second */
} ew_batch_matmul_s8_shape;

/* Runs once for each element of the output, in order: matrix i, row, column. */
#define EW_MATMUL_LOOPS(s)                                                                         \
    for (int32_t i = 0; i < (s)->n0 * (s)->n1 * (s)->n2; i++)                                      \
        for (int32_t row = 0; row < (s)->rows; row++)                                              \
            for (int32_t column = 0; column < (s)->columns; column++)

/* First element of the row, and of the column. */
#define EW_MATMUL_A(s)                                                                             \
    (i / (s)->n2 / (s)->n1 * (s)->a0 + i / (s)->n2 % (s)->n1 * (s)->a1 + i % (s)->n2 * (s)->a2 +   \
     row * (s)->a_row)
#define EW_MATMUL_B(s)                                                                             \
    (i / (s)->n2 / (s)->n1 * (s)->b0 + i / (s)->n2 % (s)->n1 * (s)->b1 + i % (s)->n2 * (s)->b2 +   \
     column * (s)->b_column)

#endif
