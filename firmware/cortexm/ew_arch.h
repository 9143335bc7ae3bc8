/* SPDX-License-Identifier: Apache-2.0 */
/* The few instructions of Cortex-M that the shared code of firmware/bare/ stands on. */
#ifndef EW_ARCH_H
#define EW_ARCH_H

#include <stdint.h>

static inline uint32_t *ew_stack_pointer(void) {
    uint32_t *sp;
    __asm__ volatile("mov %0, sp" : "=r"(sp));
    return sp;
}

static inline void ew_interrupts_off(void) {
    __asm__ volatile("cpsid i" ::: "memory");
}

static inline void ew_interrupts_on(void) {
    __asm__ volatile("cpsie i" ::: "memory");
}

#endif
