/* SPDX-License-Identifier: Apache-2.0 */
/* Cortex-M: text by semihosting, instructions by SysTick, which counts time under -icount. */
#include "runner.h"

#include <string.h>

#define REG(address) (*(volatile uint32_t *)(uintptr_t)(address))

extern uint32_t data_start[], data_end[], data_load[], bss_start[], bss_end[];
extern char stack_top[];
int main(void);
void reset(void);

static volatile uint32_t wraps;

static int semihost(int operation, const void *argument) {
    register int r0 __asm__("r0") = operation;
    register const void *r1 __asm__("r1") = argument;
    __asm__ volatile("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
    return r0;
}

void machine_put(const char *text) {
    (void)semihost(4, text);
}

static void finish(void) {
    static const uint32_t code[2] = {0x20026, 0};
    (void)semihost(0x20, code);
    for (;;) {
    }
}

static void fault(void) {
    machine_put("fault\n");
    finish();
}

static void tick(void) {
    wraps++;
}

void reset(void) {
    REG(0xE000ED88) |= 0xFU << 20;
    __asm__ volatile("dsb\n isb" ::: "memory");
    memcpy(data_start, data_load, (size_t)((char *)data_end - (char *)data_start));
    memset(bss_start, 0, (size_t)((char *)bss_end - (char *)bss_start));
    REG(0xE000E014) = 0xFFFFFF;
    REG(0xE000E018) = 0;
    REG(0xE000E010) = 7;
    while (REG(0xE000E018) == 0) {
    }
    (void)main();
    finish();
}

__attribute__((section(".vectors"), used)) static const void *const vectors[16] = {
    stack_top,     (void *)reset, (void *)fault, (void *)fault, (void *)fault, (void *)fault,
    (void *)fault, (void *)fault, (void *)fault, (void *)fault, (void *)fault, (void *)fault,
    (void *)fault, (void *)fault, (void *)fault, (void *)tick,
};

uint32_t machine_instructions(void) {
    uint32_t before, value;
    do {
        before = wraps;
        value = REG(0xE000E018);
    } while (before != wraps);
    return (uint32_t)(((uint64_t)before * 0x1000000 + 0xFFFFFF - value) * NS_A_TICK_X4 / 4);
}
