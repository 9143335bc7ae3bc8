/* SPDX-License-Identifier: Apache-2.0 */
/* QEMU's virt board for RISC-V: text by its UART, instructions by mcycle, which counts them under
 * -icount. */
#include "ew_riscv.h"
#include "runner.h"

#include <string.h>

#define UART (*(volatile uint8_t *)(uintptr_t)0x10000000)
#define STOP (*(volatile uint32_t *)(uintptr_t)0x100000)

extern uint32_t data_start[], data_end[], data_load[], bss_start[], bss_end[];
int main(void);
void start(void);
void trap(void);
void reset(void);

void machine_put(const char *text) {
    while (*text) {
        UART = (uint8_t)*text++;
    }
}

static void finish(void) {
    STOP = 0x5555;
    for (;;) {
    }
}

__attribute__((naked, used, section(".vectors"))) void start(void) {
    __asm__ volatile("la sp, stack_top\n\ttail reset");
}

__attribute__((aligned(4))) void trap(void) {
    machine_put("fault\n");
    finish();
}

void reset(void) {
    EW_CSR_WRITE("mtvec", (uintptr_t)trap);
    memcpy(data_start, data_load, (size_t)((char *)data_end - (char *)data_start));
    memset(bss_start, 0, (size_t)((char *)bss_end - (char *)bss_start));
    (void)main();
    finish();
}

uint32_t machine_instructions(void) {
    uint32_t low;
    EW_CSR_READ("mcycle", low);
    return low;
}
