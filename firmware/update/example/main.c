/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A device with two slots, its flash a file: what a real one does with its flash driver.
 *
 *     cc -std=c99 -I.. main.c ../ew_update.c -o device
 *     ./device flash.bin install NAME VERSION model.tflite     the factory
 *     ./device flash.bin update FILE [BYTES]                   with BYTES: the power fails after so
 * many
 *     ./device flash.bin boot OUT                              writes the active model to OUT
 *
 * Ends with the status of ew_update.h, 64 for a wrong command line, 65 when the power fails.
 */
#include "ew_update.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SLOT_BYTES (512U << 10)

static uint8_t memory[2 * SLOT_BYTES];
static uint8_t input[SLOT_BYTES];
static const char *path;
static long power = -1; /* bytes that may still be erased or written; negative: without end */

static void save(void) {
    FILE *file = fopen(path, "wb");
    if (file == NULL || fwrite(memory, 1, sizeof memory, file) != sizeof memory ||
        fclose(file) != 0) {
        exit(64);
    }
}

static uint32_t load(const char *name, uint8_t *to, size_t room) {
    FILE *file = fopen(name, "rb");
    if (file == NULL) {
        exit(64);
    }
    const size_t bytes = fread(to, 1, room, file);
    (void)fclose(file);
    return (uint32_t)bytes;
}

/* What a byte of flash costs in power; the last one that there is power for is written. */
static void spend(void) {
    if (power == 0) {
        save();
        exit(65);
    }
    power -= power > 0;
}

static int erase(void *context, uint32_t offset, uint32_t bytes) {
    (void)context;
    for (uint32_t i = 0; i < bytes; i++) {
        if (memory[offset + i] != 0xFF) {
            spend();
        }
        memory[offset + i] = 0xFF;
    }
    return 0;
}

static int write_page(void *context, uint32_t offset, const uint8_t *data, uint32_t bytes) {
    (void)context;
    for (uint32_t i = 0; i < bytes; i++) {
        spend();
        memory[offset + i] &= data[i]; /* as NOR flash does: bits fall to 0 */
    }
    return 0;
}

int main(int count, char **words) {
    static ew_update_work work;
    const ew_update_flash flash = {memory, {0, SLOT_BYTES}, SLOT_BYTES, NULL, erase, write_page};
    ew_update_slot active;
    if (count < 4) {
        return 64;
    }
    path = words[1];
    if (strcmp(words[2], "install") == 0 && count == 6) {
        const uint32_t id =
            ew_update_crc32(0, (const uint8_t *)words[3], (uint32_t)strlen(words[3]));
        const uint32_t bytes = load(words[5], input, sizeof input);
        const uint32_t version = (uint32_t)strtoul(words[4], NULL, 10);
        const ew_update_status status = ew_update_install(&flash, input, bytes, id, version, &work);
        save();
        return (int)status;
    }
    (void)load(path, memory, sizeof memory);
    if (strcmp(words[2], "update") == 0) {
        const uint32_t bytes = load(words[3], input, sizeof input);
        power = count > 4 ? strtol(words[4], NULL, 10) : -1;
        const ew_update_status status = ew_update_apply(&flash, input, bytes, &work);
        save();
        return (int)status;
    }
    const ew_update_status status = ew_update_active(&flash, &active);
    if (strcmp(words[2], "boot") == 0 && status == EW_UPDATE_OK) {
        FILE *file = fopen(words[3], "wb");
        (void)printf("version %lu of slot %lu, %lu bytes\n", (unsigned long)active.version,
                     (unsigned long)active.slot, (unsigned long)active.bytes);
        return file == NULL || fwrite(active.model, 1, active.bytes, file) != active.bytes ||
                       fclose(file) != 0
                   ? 64
                   : 0;
    }
    return (int)status;
}
