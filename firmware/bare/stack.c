/* SPDX-License-Identifier: Apache-2.0 */
/* High-water mark of the stack: paint it, run, see how far the paint is gone. */
#include "ew_arch.h"
#include "ew_bare.h"
#include "ew_port.h"

#define PAINT 0x5AFEC0DEu

bool ew_port_stack_used(void (*run)(void), uint32_t *used) {
    uint32_t *const top = ew_stack_pointer();
    ew_interrupts_off(); /* the frame of an interrupt is no stack of run() */
    for (volatile uint32_t *word = ew_stack_limit; word < top; ++word)
        *word = PAINT;
    run();
    ew_interrupts_on();
    const volatile uint32_t *word = ew_stack_limit;
    while (word < top && *word == PAINT)
        ++word;
    *used = (uint32_t)((uintptr_t)top - (uintptr_t)word);
    return true;
}
