#include "tiny.h"

#include "tiny_weights.h"

#ifndef TINY_DEFECT
#define TINY_DEFECT                                                                                \
    0 /* 1: hangs, 2: reads where nothing is, 3: overflows the stack, 4: an undefined instruction  \
       */
#endif

#if TINY_DEFECT == 3
static int deep(volatile int *above) {
    volatile int here[64];
    here[0] = *above + 1;
    return deep(here) + here[0];
}
#endif

static void misbehave(void) {
#if TINY_DEFECT == 1
    for (volatile int go = 1; go;) {
    }
#elif TINY_DEFECT == 2
    (void)*(volatile uint32_t *)0xE8000000u;
#elif TINY_DEFECT == 3
    volatile int start = 0;
    (void)deep(&start);
#elif TINY_DEFECT == 4
#if defined(__riscv)
    __asm__ volatile("unimp");
#else
    __asm__ volatile("udf #0");
#endif
#endif
}

static int8_t saturate(int32_t value) {
    return (int8_t)(value < -128 ? -128 : value > 127 ? 127 : value);
}

static void multiply(const int8_t *input, int8_t *output) {
    for (int row = 0; row < 4; ++row) {
        int32_t sum = 0;
        for (int i = 0; i < 40; ++i)
            sum += input[i] * tiny_w0[row * 40 + i];
        output[row] = saturate(sum / 64);
    }
}

static void add_one(int8_t *output) {
    for (int row = 0; row < 4; ++row)
        output[row] = saturate(output[row] + 1);
}

ew_status tiny_invoke(const int8_t *input, int8_t *output, void *arena) {
    if (input == 0 || output == 0 || arena == 0)
        return EW_ERR_NULL;
    misbehave();
    multiply(input, output);
    EW_PROFILE_LAYER(0);
    add_one(output);
    EW_PROFILE_LAYER(1);
    return EW_OK;
}
