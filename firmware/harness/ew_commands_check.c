/* SPDX-License-Identifier: Apache-2.0 */
/* The commands by which a lossy line is found out, and another image than the one that was meant.
 */
#include "ew_commands.h"
#include "ew_crc.h"
#include "ew_port.h"
#include "ew_text.h"

static void put_pair(uint32_t number, uint32_t crc) {
    ew_put_u64(number);
    ew_put_char(',');
    ew_put_hex32(crc);
}

void ew_command_check(ew_harness *harness, char *rest) {
    const char *word = ew_take_word(&rest);
    uint32_t number;
    if (word == NULL || !ew_parse_count(word, &number)) {
        ew_complain("Command 'check' requires a number", NULL);
        return;
    }
    ew_put("m-check-[");
    put_pair(number, harness->last_crc);
    ew_put_char(',');
    ew_put_hex32(ew_crc32(0, harness->model->input, harness->model->input_bytes));
    ew_put("]\r\n");
}

void ew_command_image(ew_harness *harness, char *rest) {
    const void *image;
    uint32_t size;
    (void)harness;
    (void)rest;
    if (!ew_port_image(&image, &size)) {
        ew_complain("The image cannot be read here", NULL);
        return;
    }
    ew_put("m-image-[");
    put_pair(size, ew_crc32(0, image, size));
    ew_put("]\r\n");
}
