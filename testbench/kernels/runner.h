/* SPDX-License-Identifier: Apache-2.0 */
/* One kernel call with its data, and what must come out. */
#ifndef RUNNER_H
#define RUNNER_H

#include <stddef.h>
#include <stdint.h>

#define MAX_INPUTS 2

typedef struct {
    const int8_t *data;
    int32_t bytes;
    int32_t overlaps; /* 1: may lie at output + distance */
    int32_t distance;
} test_input;

typedef struct {
    void (*run)(int8_t *const *inputs, int8_t *output, int8_t *scratch);
    int32_t inputs;
    test_input input[MAX_INPUTS];
    const int8_t *expected;
    int32_t bytes;
    int32_t scratch_bytes;
} test_case;

extern const test_case test_cases[];
extern const int32_t test_count;

/* What a machine brings. */
void machine_put(const char *text);
uint32_t machine_instructions(void);

#endif
