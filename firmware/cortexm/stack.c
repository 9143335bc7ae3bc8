/* SPDX-License-Identifier: Apache-2.0 */
/* High-water mark of the stack: paint it, run, see how far the paint is gone. */
#include "ew_cortexm.h"
#include "ew_port.h"

#define PAINT 0x5AFEC0DEu

static inline uint32_t *stack_pointer(void) {
    uint32_t *sp;
    __asm__ volatile("mov %0, sp" : "=r"(sp));
    return sp;
}

bool ew_port_stack_used(void (*run)(void), uint32_t *used) {
    uint32_t *const top = stack_pointer();
    __asm__ volatile("cpsid i" ::: "memory"); /* the frame of an interrupt is no stack of run() */
    for (volatile uint32_t *word = ew_stack_limit; word < top; ++word)
        *word = PAINT;
    run();
    __asm__ volatile("cpsie i" ::: "memory");
    const volatile uint32_t *word = ew_stack_limit;
    while (word < top && *word == PAINT)
        ++word;
    *used = (uint32_t)((uintptr_t)top - (uintptr_t)word);
    return true;
}
