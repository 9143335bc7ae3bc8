/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs every case: with all memory apart, then with each input as close to the output as the kernel
 * allows. Prints "<case> <pass> <differing bytes> <instructions>" lines; pass 0 is
 * apart, 1 + i overlaps input i. What a machine is, its own file says (runner_<architecture>.c).
 */
#include "runner.h"

#include <string.h>

#define ROOM         (96 * 1024)
#define GUARD        64
#define POISON       0x5A

static int8_t pool[ROOM] __attribute__((aligned(16)));
static void put_number(uint32_t n) {
    char text[12];
    char *p = text + sizeof text;
    *--p = 0;
    *--p = ' ';
    do {
        *--p = (char)('0' + n % 10);
        n /= 10;
    } while (n != 0);
    machine_put(p);
}

static int8_t *take(int8_t **next, int32_t bytes) {
    int8_t *found = *next + GUARD;
    *next = found + (bytes + GUARD + 15) / 16 * 16;
    return found;
}

static uint32_t guards(const int8_t *place, int32_t bytes) {
    uint32_t bad = 0;
    for (int32_t i = 1; i <= 16; i++) {
        bad += place[-i] != POISON;
        bad += place[bytes + i - 1] != POISON;
    }
    return bad;
}

/* A function of its own, so that a profiler sees where a case begins and ends. */
static __attribute__((noinline)) void invoke(const test_case *test, int8_t *const *inputs,
                                             int8_t *output, int8_t *scratch) {
    test->run(inputs, output, scratch);
}

static __attribute__((noinline)) void run(int32_t index, const test_case *test, int32_t pass) {
    int8_t *inputs[MAX_INPUTS] = {NULL, NULL};
    int8_t *next = pool;
    memset(pool, POISON, sizeof pool);
    for (int32_t i = 0; i < test->inputs; i++) {
        if (pass != i + 1) {
            inputs[i] = take(&next, test->input[i].bytes);
        }
    }
    int8_t *scratch = take(&next, test->scratch_bytes);
    const test_input *shared = pass ? &test->input[pass - 1] : NULL;
    const int32_t distance = shared ? (shared->distance + 3) / 4 * 4 : 0;
    int8_t *output = take(&next, 0) + (distance < 0 ? -distance : 0);
    if (shared) {
        inputs[pass - 1] = output + distance;
    }
    for (int32_t i = 0; i < test->inputs; i++) {
        memcpy(inputs[i], test->input[i].data, (size_t)test->input[i].bytes);
    }
    const uint32_t start = machine_instructions();
    invoke(test, inputs, output, scratch);
    const uint32_t spent = machine_instructions() - start;
    uint32_t bad = guards(scratch, test->scratch_bytes);
    if (!shared) {
        bad += guards(output, test->bytes);
    }
    for (int32_t i = 0; i < test->bytes; i++) {
        bad += output[i] != test->expected[i];
    }
    for (int32_t i = 0; i < test->inputs; i++) {
        bad += pass != i + 1 &&
               memcmp(inputs[i], test->input[i].data, (size_t)test->input[i].bytes) != 0;
    }
    put_number((uint32_t)index);
    put_number((uint32_t)pass);
    put_number(bad);
    put_number(spent);
    machine_put("\n");
}

int main(void) {
    for (int32_t i = 0; i < test_count; i++) {
        run(i, &test_cases[i], 0);
        for (int32_t k = 0; k < test_cases[i].inputs; k++) {
            if (test_cases[i].input[k].overlaps) {
                run(i, &test_cases[i], k + 1);
            }
        }
    }
    return 0;
}
