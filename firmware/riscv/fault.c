/* SPDX-License-Identifier: Apache-2.0 */
/* The last words of a crashed firmware: one e-[...] line with the trap's registers. */
#include "ew_bare.h"
#include "ew_port.h"
#include "ew_riscv.h"
#include "ew_text.h"

#define GUARD_BYTES 0x10000u
#define PMP_NAPOT   0x18u
#define PMP_LOCKED  0x80u

void ew_fault_report(const uint32_t *sp, uint32_t ra);

static void put_register(const char *name, uint32_t value) {
    ew_put(" ");
    ew_put(name);
    ew_put("=0x");
    ew_put_hex32(value);
}

__attribute__((used)) void ew_fault_report(const uint32_t *sp, uint32_t ra) {
    uint32_t cause, pc, value;
    EW_CSR_READ("mcause", cause);
    EW_CSR_READ("mepc", pc);
    EW_CSR_READ("mtval", value);
    ew_put("\r\ne-[Fault");
    put_register("exception", cause);
    put_register("sp", (uint32_t)(uintptr_t)sp);
    put_register("pc", pc);
    put_register("ra", ra);
    put_register("tval", value);
    if (sp < ew_stack_limit || sp > ew_stack_top)
        ew_put(" stack-overflow");
    ew_put("]\r\n");
    for (;;) {
    }
}

/* Physical memory protection, locked so that it holds in machine mode too: nothing may be read or
 * written in the 64 KiB below the stack. A core without it goes on without. */
void ew_guard_stack(void) {
    const uint32_t below = (uint32_t)(uintptr_t)ew_stack_limit - GUARD_BYTES;
    EW_CSR_WRITE("pmpaddr0", below >> 2 | (GUARD_BYTES / 8u - 1u));
    EW_CSR_WRITE("pmpcfg0", PMP_LOCKED | PMP_NAPOT);
}

/* Goes on with the stack of the crash when there is room on it, else from its top: nothing returns
 * from here. */
__attribute__((naked)) void ew_fault(void) {
    __asm__ volatile("mv   a0, sp\n\t"
                     "mv   a1, ra\n\t"
                     "la   a2, ew_stack_limit\n\t"
                     "addi a2, a2, 255\n\t"
                     "bgeu a0, a2, 1f\n\t"
                     "la   sp, ew_stack_top\n"
                     "1:\n\t"
                     "tail ew_fault_report");
}
