/* SPDX-License-Identifier: Apache-2.0 */
/* The last words of a crashed firmware: one e-[...] line with the fault registers. */
#include <stdbool.h>

#include "ew_cortexm.h"
#include "ew_port.h"
#include "ew_text.h"

#define CFSR     0xE000ED28u
#define HFSR     0xE000ED2Cu
#define MMFAR    0xE000ED34u
#define BFAR     0xE000ED38u
#define MSTKERR  (1u << 4)
#define STKERR   (1u << 12)
#define STKOF    (1u << 20)

#define MPU_TYPE 0xE000ED90u
#define MPU_CTRL 0xE000ED94u
#define MPU_RNR  0xE000ED98u
#define MPU_RBAR 0xE000ED9Cu
#define MPU_RASR 0xE000EDA0u

enum { FRAME_LR = 5, FRAME_PC = 6, FRAME_PSR = 7, FRAME_WORDS = 8 };

void ew_fault_report(const uint32_t *frame, uint32_t exception);

static void put_register(const char *name, uint32_t value) {
    ew_put(" ");
    ew_put(name);
    ew_put("=0x");
    ew_put_hex32(value);
}

/* Whether the registers at the fault were stored: not when there was no room for them. */
static bool is_stored(const uint32_t *frame) {
#if __ARM_ARCH >= 7
    if ((EW_REG(CFSR) & (MSTKERR | STKERR | STKOF)) != 0)
        return false;
#endif
    return frame >= ew_stack_limit && frame + FRAME_WORDS <= ew_stack_top;
}

__attribute__((used)) void ew_fault_report(const uint32_t *frame, uint32_t exception) {
    ew_put("\r\ne-[Fault");
    put_register("exception", exception);
    put_register("sp", (uint32_t)(uintptr_t)frame);
    if (is_stored(frame)) {
        put_register("pc", frame[FRAME_PC]);
        put_register("lr", frame[FRAME_LR]);
        put_register("psr", frame[FRAME_PSR]);
    } else {
        ew_put(" stack-overflow");
    }
#if __ARM_ARCH >= 7
    put_register("cfsr", EW_REG(CFSR));
    put_register("hfsr", EW_REG(HFSR));
    put_register("mmfar", EW_REG(MMFAR));
    put_register("bfar", EW_REG(BFAR));
#endif
    ew_put("]\r\n");
    for (;;) {
    }
}

void ew_guard_stack(void) {
#if __ARM_ARCH >= 8 && __ARM_ARCH_ISA_THUMB >= 2
    __asm__ volatile("msr msplim, %0" ::"r"(ew_stack_limit));
#elif __ARM_ARCH == 7
    if ((EW_REG(MPU_TYPE) >> 8 & 0xFFu) == 0)
        return;
    EW_REG(MPU_RNR) = 0;
    EW_REG(MPU_RBAR) = (uint32_t)(uintptr_t)ew_stack_limit - 0x10000u;
    EW_REG(MPU_RASR) = (1u << 28) | (15u << 1) | 1u; /* 64 KiB without access */
    EW_REG(MPU_CTRL) = 5; /* on; the default map elsewhere, and all of it in faults */
    __asm__ volatile("dsb\n\tisb" ::: "memory");
#endif
}

/* Goes on with the stack of the crash when there is room on it, else from its top: nothing returns
 * from here. */
__attribute__((naked)) void ew_fault(void) {
    __asm__ volatile(".syntax unified\n\t"
                     "mov  r0, sp\n\t"
                     "mrs  r1, ipsr\n\t"
                     "ldr  r2, =ew_stack_limit\n\t"
                     "adds r2, #255\n\t"
                     "cmp  r0, r2\n\t"
                     "bhs  1f\n\t"
                     "ldr  r2, =ew_stack_top\n\t"
                     "mov  sp, r2\n"
                     "1:\n\t"
                     "ldr  r2, =ew_fault_report\n\t"
                     "bx   r2\n\t"
                     ".ltorg");
}
