/* SPDX-License-Identifier: Apache-2.0 */
/* The harness as a program of the computer: the UART is stdin and stdout. */
#define _POSIX_C_SOURCE 199309L
#include <stdio.h>
#include <time.h>

#include "ew_port.h"

void ew_port_init(void) {}

int ew_port_getc(void) {
    (void)fflush(stdout);
    return getchar();
}

void ew_port_putc(char c) {
    (void)putchar(c);
}

uint64_t ew_port_ticks(void) { /* nanoseconds */
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

uint32_t ew_port_count(void) {
    return (uint32_t)ew_port_ticks();
}

bool ew_port_image(const void **image, uint32_t *size) {
    (void)image;
    (void)size;
    return false;
}

bool ew_port_stack_used(void (*run)(void), uint32_t *used) {
    (void)run;
    (void)used;
    return false;
}
