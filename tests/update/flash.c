/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Updates on a flash that loses power, or that are broken; run under sanitizers.
 *
 *     flash cut OLD NEW UPDATE       power fails at each byte that is erased or written
 *     flash flip OLD NEW UPDATE      each bit of the update changed
 *     flash short OLD NEW UPDATE     the update cut off after each byte
 *     flash forge OLD NEW UPDATE     each byte of the delta changed, with a checksum that fits
 *     flash bad OLD NEW UPDATE       each page is written wrongly
 *
 * Prints how many cases there were. Ends with 0 when a whole model was active after each, the old
 * or the new, and the update could then still be made.
 */
#include "ew_update.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SLOT_BYTES 16384U

static uint8_t factory[2 * SLOT_BYTES], memory[2 * SLOT_BYTES];
static uint8_t old_model[SLOT_BYTES], new_model[SLOT_BYTES], update[SLOT_BYTES];
static uint32_t old_bytes, new_bytes, update_bytes;
static long power = -1, bad_page = -1;
static jmp_buf dark;
static ew_update_work work;

/* The last byte gets some of its bits only. */
static void set(uint32_t at, uint8_t value) {
    if (power == 0) {
        memory[at] = (uint8_t)((memory[at] & 0x5A) | (value & 0xA5));
        longjmp(dark, 1);
    }
    power -= power > 0;
    memory[at] = value;
}

static int erase(void *context, uint32_t offset, uint32_t bytes) {
    (void)context;
    for (uint32_t i = 0; i < bytes; i++) {
        if (memory[offset + i] != 0xFF) {
            set(offset + i, 0xFF);
        }
    }
    return 0;
}

static int write_page(void *context, uint32_t offset, const uint8_t *data, uint32_t bytes) {
    (void)context;
    for (uint32_t i = 0; i < bytes; i++) {
        set(offset + i, (uint8_t)(memory[offset + i] & data[i]));
    }
    if (bad_page-- == 0) {
        memory[offset] ^= 1;
    }
    return 0;
}

static const ew_update_flash flash = {memory, {0, SLOT_BYTES}, SLOT_BYTES, NULL, erase, write_page};

static uint32_t load(const char *name, uint8_t *to) {
    FILE *file = fopen(name, "rb");
    const size_t bytes = file == NULL ? 0 : fread(to, 1, SLOT_BYTES, file);
    if (file == NULL || fclose(file) != 0) {
        exit(2);
    }
    return (uint32_t)bytes;
}

static int is_active(const uint8_t *model, uint32_t bytes) {
    ew_update_slot active;
    return ew_update_active(&flash, &active) == EW_UPDATE_OK && active.bytes == bytes &&
           memcmp(active.model, model, bytes) == 0;
}

#define DARK (-1) /* the power failed */

static int attempt(const uint8_t *data, uint32_t bytes) {
    return setjmp(dark) == 0 ? (int)ew_update_apply(&flash, data, bytes, &work) : DARK;
}

static int last; /* status of the last try */

/* One try with flash as it left the factory; whether a whole model is active then, the old one
 * where the try failed, and can be updated still. */
static int survives(const uint8_t *data, uint32_t bytes, int may_succeed) {
    memcpy(memory, factory, sizeof memory);
    last = attempt(data, bytes);
    power = bad_page = -1;
    const int is_old = is_active(old_model, old_bytes), is_new = is_active(new_model, new_bytes);
    if (last == EW_UPDATE_OK) {
        return may_succeed && is_new;
    }
    if (is_old) {
        return attempt(update, update_bytes) == EW_UPDATE_OK && is_active(new_model, new_bytes);
    }
    return last == DARK && is_new; /* it failed behind the last byte that counts */
}

static long cut(void) {
    for (long cases = 0;; cases++) {
        power = cases;
        if (!survives(update, update_bytes, 1)) {
            return -1;
        }
        if (last == EW_UPDATE_OK) { /* there was power for all of it */
            return cases;
        }
    }
}

static long flip(void) {
    static uint8_t changed[SLOT_BYTES];
    long cases = 0;
    for (uint32_t i = 0; i < update_bytes * 8; i++, cases++) {
        memcpy(changed, update, update_bytes);
        changed[i / 8] ^= (uint8_t)(1U << i % 8);
        if (!survives(changed, update_bytes, 0)) {
            return -1;
        }
    }
    return cases;
}

static long shorten(void) {
    for (uint32_t bytes = 0; bytes < update_bytes; bytes++) {
        uint8_t *const exact = malloc(bytes + 1); /* so that the sanitizer sees its end */
        memcpy(exact, update, bytes);
        const int good = survives(exact, bytes, 0);
        free(exact);
        if (!good) {
            return -1;
        }
    }
    return (long)update_bytes;
}

static long forge(void) {
    static uint8_t changed[SLOT_BYTES];
    long cases = 0;
    for (uint32_t i = 40; i < update_bytes; i++) {
        for (uint32_t mask = 1; mask < 256; mask = mask * 2 + 1, cases++) {
            memcpy(changed, update, update_bytes);
            changed[i] ^= (uint8_t)mask;
            const uint32_t crc =
                ew_update_crc32(ew_update_crc32(0, changed, 36), changed + 40, update_bytes - 40);
            for (int b = 0; b < 4; b++) {
                changed[36 + b] = (uint8_t)(crc >> 8 * b);
            }
            if (!survives(changed, update_bytes, 1)) {
                return -1;
            }
        }
    }
    return cases;
}

static long bad(void) {
    long cases = 0;
    for (; cases <= (long)(new_bytes / EW_UPDATE_PAGE); cases++) {
        bad_page = cases;
        if (!survives(update, update_bytes, 0)) {
            return -1;
        }
    }
    return cases;
}

int main(int count, char **words) {
    static const struct {
        const char *name;
        long (*run)(void);
    } tests[] = {{"cut", cut}, {"flip", flip}, {"short", shorten}, {"forge", forge}, {"bad", bad}};
    if (count != 5) {
        return 2;
    }
    old_bytes = load(words[2], old_model);
    new_bytes = load(words[3], new_model);
    update_bytes = load(words[4], update);
    memset(memory, 0xFF, sizeof memory);
    if (ew_update_install(&flash, old_model, old_bytes,
                          ew_update_crc32(0, (const uint8_t *)"kws", 3), 1,
                          &work) != EW_UPDATE_OK) {
        return 3;
    }
    /* what an earlier update left in the other slot has to be erased */
    memset(memory + SLOT_BYTES, 0x33, SLOT_BYTES / 2);
    memcpy(factory, memory, sizeof memory);
    for (size_t i = 0; i < sizeof tests / sizeof *tests; i++) {
        if (strcmp(words[1], tests[i].name) == 0) {
            const long cases = tests[i].run();
            (void)printf("%ld\n", cases);
            return cases > 0 ? 0 : 1;
        }
    }
    return 2;
}
