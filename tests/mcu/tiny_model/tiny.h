/* A stand-in for a generated model: out[i] = saturate(sum of in * row i of the weights), then 1 is
 * added. */
#ifndef TINY_H
#define TINY_H

#include "kernels/ew_types.h"

#define TINY_ARENA_ALIGNMENT 16
#define TINY_ARENA_BYTES       64
#define TINY_INPUT_BYTES       40
#define TINY_INPUT_OFFSET      0
#define TINY_INPUT_ELEMENTS 40
#define TINY_OUTPUT_ELEMENTS 4
#define TINY_OUTPUT_BYTES      4
#define TINY_OUTPUT_OFFSET     48
#define TINY_OUTPUT_SCALE      0.00390625f
#define TINY_OUTPUT_ZERO_POINT (-128)

#ifdef __cplusplus
extern "C"
#endif
    ew_status
    tiny_invoke(const int8_t *input, int8_t *output, void *arena);

#endif
