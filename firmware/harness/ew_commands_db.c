/* SPDX-License-Identifier: Apache-2.0 */
/* The `db` commands: an input comes in hex, a few bytes a command. */
#include <string.h>

#include "ew_commands.h"
#include "ew_port.h"
#include "ew_text.h"

static void put_expecting(uint32_t bytes) {
    ew_put("[Expecting ");
    ew_put_u64(bytes);
    ew_put(" bytes]\r\n");
}

static void load(ew_harness *harness, char *rest) {
    const char *word = ew_take_word(&rest);
    uint32_t bytes;
    if (word == NULL) {
        ew_complain("Command 'db load' requires the # of bytes", NULL);
    } else if (!ew_parse_count(word, &bytes)) {
        ew_complain("Not a number: ", word);
    } else if (bytes != harness->model->input_bytes) {
        ew_put("e-");
        put_expecting(harness->model->input_bytes);
    } else {
        harness->loaded = 0;
        harness->loading = true;
        ew_put("m-");
        put_expecting(bytes);
    }
}

static void print(const ew_harness *harness) {
    const uint32_t size = harness->model->input_bytes;
    for (uint32_t i = 0; i < size; ++i) {
        ew_put(i % 8u == 0 ? "m-buffer-" : "-");
        ew_put_hex8(harness->model->input[i]);
        if (i % 8u == 7u || i + 1u == size)
            ew_put("\r\n");
    }
}

/* The value of a hex digit, or -1. */
static int hex_digit(char c) {
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

static bool all_hex(const char *digits) {
    while (*digits != '\0' && hex_digit(*digits) >= 0)
        ++digits;
    return *digits == '\0';
}

static void store(ew_harness *harness, const char *digits, size_t bytes) {
    uint8_t *to = harness->model->input + harness->loaded;
    for (size_t i = 0; i < bytes; ++i) {
        to[i] = (uint8_t)((hex_digit(digits[2 * i]) << 4) | hex_digit(digits[2 * i + 1]));
    }
    harness->loaded += (uint32_t)bytes;
    if (harness->loaded == harness->model->input_bytes) {
        harness->loading = false;
        ew_put("m-load-done\r\n");
    }
}

static void take_bytes(ew_harness *harness, const char *digits) {
    const size_t length = strlen(digits);
    if (!harness->loading) {
        ew_complain("No bytes expected: begin with 'db load'", NULL);
    } else if (!all_hex(digits)) {
        ew_complain("Invalid hex digits: ", digits);
    } else if (length % 2u != 0) {
        ew_complain("Odd number of hex digits", NULL);
    } else if (length / 2u > harness->model->input_bytes - harness->loaded) {
        ew_complain("Too many bytes", NULL);
    } else {
        store(harness, digits, length / 2u);
    }
}

void ew_command_db(ew_harness *harness, char *rest) {
    const char *word = ew_take_word(&rest);
    if (word == NULL) {
        ew_complain("Command 'db' requires a subcommand", NULL);
    } else if (strcmp(word, "load") == 0) {
        load(harness, rest);
    } else if (strcmp(word, "print") == 0) {
        print(harness);
    } else if (ew_take_word(&rest) != NULL) {
        ew_complain("Space among the hex digits", NULL);
    } else {
        take_bytes(harness, word);
    }
}
