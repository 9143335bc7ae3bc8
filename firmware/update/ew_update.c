/* SPDX-License-Identifier: Apache-2.0 */
/* Slots, and the decoder of updates that edgewright/coding/_delta.py makes; formats stand there. */
#include "ew_update.h"

#include <string.h>

#define MAGIC_UPDATE  0x32555745U /* "EWU2" */
#define MAGIC_FIRST   0x31555745U /* "EWU1" */
#define MAGIC_SLOT    0x31535745U /* "EWS1" */
#define UPDATE_HEADER 40U
#define SLOT_HEADER   EW_UPDATE_PAGE

/* Contexts: see _delta.py. */
enum {
    KIND = 0,
    LENGTH = 2,
    SHIFT_SIGN = 10,
    SHIFT = 12,
    SAME = 20,
    DIFFERENCE = 28,
    LITERAL = 284,
    LOWER = 540
};

static uint32_t word(const uint8_t *at) {
    return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

static void put(uint8_t *at, uint32_t value) {
    for (int i = 0; i < 4; i++, value >>= 8) {
        at[i] = (uint8_t)value;
    }
}

uint32_t ew_update_crc32(uint32_t crc, const uint8_t *data, uint32_t bytes) {
    static const uint32_t nibbles[16] = {0x00000000U, 0x1DB71064U, 0x3B6E20C8U, 0x26D930ACU,
                                         0x76DC4190U, 0x6B6B51F4U, 0x4DB26158U, 0x5005713CU,
                                         0xEDB88320U, 0xF00F9344U, 0xD6D6A3E8U, 0xCB61B38CU,
                                         0x9B64C2B0U, 0x86D3D2D4U, 0xA00AE278U, 0xBDBDF21CU};
    crc = ~crc;
    for (; bytes > 0; bytes--, data++) {
        crc ^= *data;
        crc = crc >> 4 ^ nibbles[crc & 15U];
        crc = crc >> 4 ^ nibbles[crc & 15U];
    }
    return ~crc;
}

/* Whether a slot holds a whole model. */
static int read_slot(const ew_update_flash *flash, uint32_t slot, ew_update_slot *found) {
    const uint8_t *const at = flash->memory + flash->slots[slot];
    if (word(at) != MAGIC_SLOT || word(at + 24) != ew_update_crc32(0, at, 24)) {
        return 0;
    }
    found->model = at + SLOT_HEADER;
    found->id = word(at + 4);
    found->version = word(at + 8);
    found->sequence = word(at + 12);
    found->bytes = word(at + 16);
    found->crc = word(at + 20);
    found->slot = slot;
    return found->bytes <= flash->slot_bytes - SLOT_HEADER &&
           ew_update_crc32(0, found->model, found->bytes) == found->crc;
}

ew_update_status ew_update_active(const ew_update_flash *flash, ew_update_slot *active) {
    ew_update_slot second;
    const int has_first = read_slot(flash, 0, active), has_second = read_slot(flash, 1, &second);
    /* sequence numbers are one apart, so they may wrap around */
    if (has_second && (!has_first || second.sequence - active->sequence < 1U << 31)) {
        *active = second;
    }
    return has_first || has_second ? EW_UPDATE_OK : EW_UPDATE_ERR_NO_MODEL;
}

/* Makes what lies in a slot behind the header valid: checks it, then writes the header. */
static ew_update_status finish_slot(const ew_update_flash *flash, const ew_update_slot *made,
                                    uint8_t *page) {
    const uint32_t at = flash->slots[made->slot];
    ew_update_slot written;
    if (ew_update_crc32(0, flash->memory + at + SLOT_HEADER, made->bytes) != made->crc) {
        return EW_UPDATE_ERR_FLASH;
    }
    memset(page, 0xFF, EW_UPDATE_PAGE);
    put(page, MAGIC_SLOT);
    put(page + 4, made->id);
    put(page + 8, made->version);
    put(page + 12, made->sequence);
    put(page + 16, made->bytes);
    put(page + 20, made->crc);
    put(page + 24, ew_update_crc32(0, page, 24));
    if (flash->write(flash->context, at, page, EW_UPDATE_PAGE) != 0) {
        return EW_UPDATE_ERR_FLASH;
    }
    return read_slot(flash, made->slot, &written) ? EW_UPDATE_OK : EW_UPDATE_ERR_FLASH;
}

ew_update_status ew_update_install(const ew_update_flash *flash, const uint8_t *model,
                                   uint32_t bytes, uint32_t id, uint32_t version,
                                   ew_update_work *work) {
    const ew_update_slot made = {
        .bytes = bytes, .id = id, .version = version, .crc = ew_update_crc32(0, model, bytes)};
    if (flash->slot_bytes < SLOT_HEADER || bytes > flash->slot_bytes - SLOT_HEADER) {
        return EW_UPDATE_ERR_SPACE;
    }
    for (uint32_t slot = 0; slot < 2; slot++) { /* what the other one held would be the newer */
        if (flash->erase(flash->context, flash->slots[slot], flash->slot_bytes) != 0) {
            return EW_UPDATE_ERR_FLASH;
        }
    }
    for (uint32_t at = 0; at < bytes; at += EW_UPDATE_PAGE) {
        const uint32_t left = bytes - at;
        memset(work->page, 0xFF, EW_UPDATE_PAGE);
        memcpy(work->page, model + at, left < EW_UPDATE_PAGE ? left : EW_UPDATE_PAGE);
        if (flash->write(flash->context, flash->slots[0] + SLOT_HEADER + at, work->page,
                         EW_UPDATE_PAGE) != 0) {
            return EW_UPDATE_ERR_FLASH;
        }
    }
    return finish_slot(flash, &made, work->page);
}

/* The next decision; beyond the end of the data there are zeros. */
static uint32_t bit(ew_update_work *w, uint32_t context) {
    uint16_t *const chance = &w->chance[context];
    uint8_t *const seen = &w->seen[context];
    const uint32_t bits = w->is_first ? 12U : 16U;
    const uint32_t old = *chance, bound = (w->range >> bits) * old;
    const uint32_t shift =
        w->is_first ? 5U : 2U + (*seen >> 2); /* the first decisions teach most */
    const uint32_t found = w->code >= bound;
    if (found) {
        w->code -= bound;
        w->range -= bound;
        *chance = (uint16_t)(old - (old >> shift));
    } else {
        w->range = bound;
        *chance = (uint16_t)(old + (((1U << bits) - old) >> shift));
    }
    *seen = (uint8_t)(*seen + (*seen < 16));
    if (w->range < 1U << 24) {
        w->range <<= 8;
        w->code = w->code << 8 | (w->in < w->end ? *w->in++ : 0U);
    }
    return found;
}

/* A number >= 1: how many bits follow its first, unary, then these in one context. */
static uint32_t number(ew_update_work *w, uint32_t contexts) {
    uint32_t bits = 0, value = 1;
    while (bits < 31 && bit(w, contexts + (bits < 6 ? bits : 6))) {
        bits++;
    }
    for (; bits > 0; bits--) {
        value = value << 1 | bit(w, contexts + 7);
    }
    return value;
}

/* A byte whose upper and lower four bits are in trees of their own. */
static uint8_t byte(ew_update_work *w, uint32_t upper, uint32_t lower) {
    uint32_t value = 1;
    while (value < 256) {
        value = value << 1 | bit(w, (value < 16 ? upper : lower) + value);
    }
    return (uint8_t)value;
}

/* What a byte says of a literal behind it. */
static uint32_t kind_of(uint32_t value) {
    if (value == 0) {
        return 0;
    }
    return value < 4 || value == 255 ? 1 : value < 64 || value >= 192 ? 2 : 3;
}

/* Where the decoder stands. */
typedef struct {
    uint32_t kind;   /* of the segment: 0 the same as the base, 1 differences to it, 2 literal */
    uint32_t left;   /* bytes of the segment that are still to come */
    uint32_t shift;  /* place in the base minus place in the new model, modulo 2^32 */
    uint32_t before; /* whether the byte before was the base's */
} segment;

static void next_segment(ew_update_work *w, segment *s) {
    s->kind = bit(w, KIND) ? 1U + bit(w, KIND + 1) : 0U;
    s->left = number(w, LENGTH);
    if (s->kind < 2) {
        const uint32_t distance = number(w, SHIFT) - 1U;
        s->shift += distance != 0 && bit(w, SHIFT_SIGN) ? 0U - distance : distance;
    }
    s->before = 1;
}

/* A byte of the new model, which is made as far as `at`; its last page is not in flash yet. 0 for
 * places before the first one, and for those that stand in broken data. */
static uint8_t made_byte(const ew_update_work *w, const uint8_t *made, uint32_t at,
                         uint32_t place) {
    if (place >= at || w->is_first) {
        return 0;
    }
    return place / EW_UPDATE_PAGE == at / EW_UPDATE_PAGE ? w->page[place % EW_UPDATE_PAGE]
                                                         : made[place];
}

static uint8_t literal(ew_update_work *w, const uint8_t *made, uint32_t at) {
    const uint32_t last = made_byte(w, made, at, at - 1U);
    const uint32_t fourth = made_byte(w, made, at, at - 4U);
    if (w->is_first) {
        return byte(w, LITERAL, LITERAL);
    }
    return byte(w, LITERAL + 16U * (4U * kind_of(last) + kind_of(fourth)),
                fourth == 0 ? LOWER + 256U : LOWER);
}

static uint8_t next_byte(ew_update_work *w, segment *s, const ew_update_slot *base,
                         const uint8_t *made, uint32_t at) {
    if (s->left == 0) {
        next_segment(w, s);
    }
    s->left--;
    if (s->kind == 2) {
        return literal(w, made, at);
    }
    /* an update repeats the base, and behind it the new model as far as it is made */
    const uint32_t place = at + s->shift;
    const uint8_t old =
        place < base->bytes ? base->model[place] : made_byte(w, made, at, place - base->bytes);
    if (s->kind == 0) {
        return old;
    }
    s->before = bit(w, SAME + (old == 0 ? 2U : 0U) + s->before) ^ 1U;
    return s->before ? old : (uint8_t)(old + byte(w, DIFFERENCE, DIFFERENCE));
}

/* Decodes into the slot of `made`, page by page. */
static ew_update_status decode(const ew_update_flash *flash, const ew_update_slot *base,
                               const ew_update_slot *made, ew_update_work *w) {
    const uint8_t *const model = flash->memory + flash->slots[made->slot] + SLOT_HEADER;
    segment s = {0, 0, 0, 1};
    uint32_t crc = 0;
    for (uint32_t at = 0; at < made->bytes; at += EW_UPDATE_PAGE) {
        const uint32_t left = made->bytes - at;
        const uint32_t count = left < EW_UPDATE_PAGE ? left : EW_UPDATE_PAGE;
        memset(w->page, 0xFF, EW_UPDATE_PAGE);
        for (uint32_t i = 0; i < count; i++) {
            w->page[i] = next_byte(w, &s, base, model, at + i);
        }
        crc = ew_update_crc32(crc, w->page, count);
        if (flash->write(flash->context, flash->slots[made->slot] + SLOT_HEADER + at, w->page,
                         EW_UPDATE_PAGE) != 0) {
            return EW_UPDATE_ERR_FLASH;
        }
    }
    return crc == made->crc ? EW_UPDATE_OK : EW_UPDATE_ERR_DAMAGED;
}

/* Everything that can be known before flash is touched. */
static ew_update_status check(const ew_update_flash *flash, const uint8_t *update, uint32_t bytes,
                              const ew_update_slot *base) {
    if (bytes < UPDATE_HEADER || (word(update) != MAGIC_UPDATE && word(update) != MAGIC_FIRST)) {
        return EW_UPDATE_ERR_FORMAT;
    }
    if (word(update + 32) != bytes - UPDATE_HEADER ||
        word(update + 36) != ew_update_crc32(ew_update_crc32(0, update, 36), update + UPDATE_HEADER,
                                             bytes - UPDATE_HEADER)) {
        return EW_UPDATE_ERR_DAMAGED;
    }
    if (word(update + 4) != base->id) {
        return EW_UPDATE_ERR_MODEL;
    }
    if (word(update + 8) != base->version || word(update + 16) != base->bytes ||
        word(update + 20) != base->crc) {
        return EW_UPDATE_ERR_VERSION;
    }
    return word(update + 24) > flash->slot_bytes - SLOT_HEADER ? EW_UPDATE_ERR_SPACE : EW_UPDATE_OK;
}

static void begin(ew_update_work *w, const uint8_t *update, uint32_t bytes) {
    const uint8_t *const payload = update + UPDATE_HEADER;
    w->is_first = word(update) == MAGIC_FIRST;
    for (uint32_t i = 0; i < EW_UPDATE_CONTEXTS; i++) {
        w->chance[i] = w->is_first ? 2048 : 32768;
        w->seen[i] = 0;
    }
    w->in = payload;
    w->end = update + bytes;
    w->range = UINT32_MAX;
    w->code = 0;
    for (int i = 0; i < 4; i++) {
        w->code = w->code << 8 | (w->in < w->end ? *w->in++ : 0U);
    }
}

ew_update_status ew_update_apply(const ew_update_flash *flash, const uint8_t *update,
                                 uint32_t bytes, ew_update_work *work) {
    ew_update_slot base;
    ew_update_status status = ew_update_active(flash, &base);
    if (status == EW_UPDATE_OK) {
        status = check(flash, update, bytes, &base);
    }
    if (status != EW_UPDATE_OK) {
        return status;
    }
    const ew_update_slot made = {.slot = 1U - base.slot,
                                 .sequence = base.sequence + 1U,
                                 .id = base.id,
                                 .version = word(update + 12),
                                 .bytes = word(update + 24),
                                 .crc = word(update + 28)};
    if (flash->erase(flash->context, flash->slots[made.slot], flash->slot_bytes) != 0) {
        return EW_UPDATE_ERR_FLASH;
    }
    begin(work, update, bytes);
    status = decode(flash, &base, &made, work);
    return status == EW_UPDATE_OK ? finish_slot(flash, &made, work->page) : status;
}
