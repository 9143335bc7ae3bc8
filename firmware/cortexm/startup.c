/* SPDX-License-Identifier: Apache-2.0 */
/* Vector table and reset of every Cortex-M. */
#include "ew_cortexm.h"

#define CPACR 0xE000ED88u
#define VTOR  0xE000ED08u

int main(void);

typedef union {
    void (*handler)(void);
    const void *stack;
} ew_vector;

const ew_vector ew_vectors[16] __attribute__((section(".vectors"), used));
const ew_vector ew_vectors[16] = {
    {.stack = ew_stack_top},         {.handler = ew_reset}, {.handler = ew_fault},
    {.handler = ew_fault},           {.handler = ew_fault}, {.handler = ew_fault},
    {.handler = ew_fault},           {.handler = ew_fault}, {.handler = ew_fault},
    {.handler = ew_fault},           {.handler = ew_fault}, {.handler = ew_fault},
    {.handler = ew_fault},           {.handler = ew_fault}, {.handler = ew_fault},
    {.handler = ew_systick_handler},
};

/* Of an image without a timer. */
__attribute__((weak)) void ew_systick_handler(void) {
    ew_fault();
}

static void enable_coprocessors(void) {
#if defined(__ARM_FP) || defined(__ARM_FEATURE_MVE)
    EW_REG(CPACR) |= 0xFu << 20; /* full access to CP10 and CP11, which are FPU and Helium */
    __asm__ volatile("dsb\n\tisb" ::: "memory");
#endif
}

static void set_vector_table(void) {
#if __ARM_ARCH >= 7 /* a boot loader, or the alias of flash at 0, may have left another one */
    EW_REG(VTOR) = (uint32_t)(uintptr_t)ew_vectors;
#endif
}

void ew_reset(void) {
    enable_coprocessors(); /* first: the compiler may use vector registers to copy */
    set_vector_table();
    ew_set_up_memory();
    (void)main();
    for (;;) {
    }
}
