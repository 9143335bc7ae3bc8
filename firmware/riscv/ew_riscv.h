/* SPDX-License-Identifier: Apache-2.0 */
/* Control and status registers. Compilers give them to -march strings with zicsr only, for which
 * Debian's GCC has no libraries of 32 bits: so the assembler is told, and not the compiler. */
#ifndef EW_RISCV_H
#define EW_RISCV_H

#include <stdint.h>

#define EW_ZICSR(text)           ".option push\n\t.option arch, +zicsr\n\t" text "\n\t.option pop"

#define EW_CSR_READ(name, value) __asm__ volatile(EW_ZICSR("csrr %0, " name) : "=r"(value))
#define EW_CSR_WRITE(name, value)                                                                  \
    __asm__ volatile(EW_ZICSR("csrw " name ", %0")::"r"(value) : "memory")

#endif
