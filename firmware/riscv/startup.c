/* SPDX-License-Identifier: Apache-2.0 */
/* The first instruction, at the beginning of flash, and reset of a RISC-V core in machine mode. */
#include "ew_bare.h"
#include "ew_riscv.h"

int main(void);
void ew_start(void);
void ew_trap(void);

__attribute__((naked, used, section(".vectors"))) void ew_start(void) {
    __asm__ volatile("la   sp, ew_stack_top\n\t"
                     "tail ew_reset");
}

/* Where traps go: mtvec holds addresses that are multiples of four. */
__attribute__((naked, aligned(4))) void ew_trap(void) {
    __asm__ volatile("tail ew_fault");
}

void ew_reset(void) {
    EW_CSR_WRITE("mtvec", (uintptr_t)ew_trap);
    ew_set_up_memory();
    (void)main();
    for (;;) {
    }
}
