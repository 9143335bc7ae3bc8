/* SPDX-License-Identifier: Apache-2.0 */
/* Second stage of the RP2040's boot: the first 252 bytes of flash and their CRC-32 (written in by the build).
 *
 * The boot ROM copies it to the end of SRAM and jumps to it in Thumb state. It sets the SSI to plain serial reads
 * (command 03h, 24-bit address), which every flash chip knows, at a quarter of clk_sys, and goes on to the vector table
 * at the next 256 bytes. Registers: the RP2040 datasheet, "SSI". */
    .syntax unified
    .cpu cortex-m0plus
    .thumb

    .equ SSI_BASE, 0x18000000
    .equ SSI_CTRLR0, 0x00
    .equ SSI_CTRLR1, 0x04
    .equ SSI_SSIENR, 0x08
    .equ SSI_BAUDR, 0x14
    .equ SSI_SPI_CTRLR0, 0xF4
    .equ VTOR, 0xE000ED08
    .equ VECTORS, 0x10000100

    .section .boot2, "ax", %progbits
    .thumb_func
    .global ew_boot2
ew_boot2:
    ldr  r3, =SSI_BASE
    movs r1, #0
    str  r1, [r3, #SSI_SSIENR]      /* off, to be set up */
    movs r1, #4
    str  r1, [r3, #SSI_BAUDR]
    ldr  r1, =(31 << 16) | (3 << 8) /* 32 bits a word, "EEPROM read": send, then receive */
    str  r1, [r3, #SSI_CTRLR0]
    movs r1, #0
    str  r1, [r3, #SSI_CTRLR1]      /* one word a read */
    ldr  r1, =(0x03 << 24) | (2 << 8) | (6 << 2) /* command 03h, 8 bits of it, 24 bits of address */
    ldr  r2, =SSI_BASE + SSI_SPI_CTRLR0
    str  r1, [r2]
    movs r1, #1
    str  r1, [r3, #SSI_SSIENR]
    ldr  r0, =VECTORS
    ldr  r1, =VTOR
    str  r0, [r1]
    ldr  r1, [r0, #0]
    ldr  r2, [r0, #4]
    msr  msp, r1
    bx   r2
    .ltorg
