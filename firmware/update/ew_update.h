/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Updates of a model in flash, that leave a whole model whatever happens: docs/update.md.
 *
 * Flash holds two slots. One of them has the model that runs; an update is decoded into the other,
 * and a header in front of it makes it valid, which is the last that is written. Until then, and
 * when anything is wrong, the old model stays the active one.
 *
 * The caller gives flash and memory. No heap, no division, any byte order, any alignment of the
 * update. Needs firmware/update/ew_update.c and nothing else.
 */
#ifndef EW_UPDATE_H
#define EW_UPDATE_H

#include <stdint.h>

typedef enum {
    EW_UPDATE_OK = 0,
    EW_UPDATE_ERR_NO_MODEL = 1, /* no slot holds a whole model */
    EW_UPDATE_ERR_FORMAT = 2,   /* no update, or of another version of the format */
    EW_UPDATE_ERR_DAMAGED = 3,  /* truncated or changed */
    EW_UPDATE_ERR_MODEL = 4,    /* for another model */
    EW_UPDATE_ERR_VERSION = 5,  /* for another version of this model */
    EW_UPDATE_ERR_SPACE = 6,    /* the new model does not fit in a slot */
    EW_UPDATE_ERR_FLASH = 7,    /* erasing or writing failed, or did not give what was written */
} ew_update_status;

#define EW_UPDATE_PAGE     256 /* bytes that are written at once; slots begin at a multiple */
#define EW_UPDATE_CONTEXTS 1052

/* Flash as the updates see it. */
typedef struct {
    const uint8_t *memory; /* where it can be read, also what was just written */
    uint32_t slots[2]; /* offsets of the slots from `memory`, multiples of what is erased at once */
    uint32_t slot_bytes; /* size of each */
    void *context;       /* handed to both functions, which return 0 when all went well */
    int (*erase)(void *context, uint32_t offset, uint32_t bytes); /* a whole slot, to 0xFF */
    int (*write)(void *context, uint32_t offset, const uint8_t *data,
                 uint32_t bytes); /* EW_UPDATE_PAGE bytes to erased flash */
} ew_update_flash;

/* A slot that holds a whole model. */
typedef struct {
    const uint8_t *model;
    uint32_t bytes;
    uint32_t id;      /* CRC-32 of the model's name */
    uint32_t version; /* the user's number */
    uint32_t crc;     /* CRC-32 of the model's bytes */
    uint32_t sequence;
    uint32_t slot; /* 0 or 1 */
} ew_update_slot;

/* Memory of ew_update_apply(). */
typedef struct {
    uint32_t range, code;
    const uint8_t *in, *end;
    uint32_t is_first; /* whether the update is in format 1 */
    uint16_t chance[EW_UPDATE_CONTEXTS];
    uint8_t seen[EW_UPDATE_CONTEXTS]; /* decisions of each context, up to 16 */
    uint8_t page[EW_UPDATE_PAGE];
} ew_update_work;

/* CRC-32 (IEEE 802.3, as zlib has it) of more bytes; `crc` is 0 at first. */
uint32_t ew_update_crc32(uint32_t crc, const uint8_t *data, uint32_t bytes);

/* The active slot: of those that are whole the one that was written last. EW_UPDATE_OK or
 * EW_UPDATE_ERR_NO_MODEL. Reads all bytes of both slots. */
ew_update_status ew_update_active(const ew_update_flash *flash, ew_update_slot *active);

/* Puts a model into slot 0, as the factory does. */
ew_update_status ew_update_install(const ew_update_flash *flash, const uint8_t *model,
                                   uint32_t bytes, uint32_t id, uint32_t version,
                                   ew_update_work *work);

/* Makes the new model of the active one and of the update, in the other slot. Any status but
 * EW_UPDATE_OK leaves the active slot what it was. */
ew_update_status ew_update_apply(const ew_update_flash *flash, const uint8_t *update,
                                 uint32_t bytes, ew_update_work *work);

#endif
