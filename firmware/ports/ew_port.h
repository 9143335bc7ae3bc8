/* SPDX-License-Identifier: Apache-2.0 */
/* What a port gives: the few things that differ from board to board.
 *
 * A port is one folder in firmware/ports/. Its facts (addresses, rates) stand in the board file as
 * `[port_config]` and arrive as EW_PORT_<KEY> in the generated ew_board.h. Ports of Cortex-M boards
 * share firmware/cortexm/, those of RISC-V firmware/riscv/, all of them
 * firmware/bare/.
 */
#ifndef EW_PORT_H
#define EW_PORT_H

#include <stdbool.h>
#include <stdint.h>

#define EW_PORT_BAUD 115200u

/* Set up clocks, UART (EW_PORT_BAUD, 8N1) and timer. Called once, before everything else of this
 * header. */
void ew_port_init(void);

/* The next byte from the UART, 0..255; waits for it. A negative value says that there will be no
 * more (host only). */
int ew_port_getc(void);

/* Send one byte; waits for room. */
void ew_port_putc(char c);

/* Time since ew_port_init() in ticks of EW_PORT_TIMER_HZ; never runs backwards. */
uint64_t ew_port_ticks(void);

/* A counter for short times, in ticks of EW_PORT_TIMER_HZ; it wraps at 2^32. It is the cheaper one.
 */
uint32_t ew_port_count(void);

/* Sets *image and *size to the firmware's image as it lies in flash, and returns true; returns
 * false where it does not lie in memory. */
bool ew_port_image(const void **image, uint32_t *size);

/* Write bytes to flash, at a place that the linker script keeps free. Places follow one another
 * from a multiple of 4096 bytes on; who erases by pages erases each when its first byte is written.
 * Returns whether it is there. In a file of its own, flash.c, of the ports that can. */
bool ew_port_flash(const void *place, const void *bytes, uint32_t count);

/* Call run() once on a freshly painted stack.
 * Sets *used to the bytes of stack that the call took at its deepest and returns true; returns
 * false, without calling, where the stack cannot be painted. */
bool ew_port_stack_used(void (*run)(void), uint32_t *used);

#endif
