/* SPDX-License-Identifier: Apache-2.0 */
/* From bytes to commands. */
#include "ew_harness.h"

#include <string.h>

#include "ew_commands.h"
#include "ew_crc.h"
#include "ew_text.h"

typedef struct {
    const char *name;
    void (*run)(ew_harness *harness, char *rest);
} ew_command;

static void command_name(ew_harness *harness, char *rest) {
    (void)rest;
    ew_put("m-name-dut-[");
    ew_put(harness->model->device);
    ew_put("]\r\n");
}

static void command_timestamp(ew_harness *harness, char *rest) {
    (void)harness;
    (void)rest;
    ew_put_timestamp();
}

static void command_help(ew_harness *harness, char *rest) {
    (void)rest;
    ew_put("help            : this list\r\n"
           "name            : name of the device\r\n"
           "timestamp       : time in microseconds\r\n"
           "profile         : protocol and model\r\n"
           "profile layers  : cost of each layer\r\n"
           "db load N       : begin to load an input of N bytes\r\n"
           "db HEX          : the next bytes of the input\r\n"
           "db print        : the input as hex\r\n"
           "infer [N [W]]   : N inferences after W to warm up\r\n"
           "results         : last output as numbers\r\n"
           "output          : last output as hex\r\n"
           "stack           : stack of one inference in bytes\r\n"
           "reset           : the state of the model as at boot\r\n"
           "check N         : checksums of the last answer and of the input\r\n"
           "image           : checksum of the firmware\r\n");
    if (harness->model_count > 1)
        ew_put("models          : names of the models\r\n"
               "select NAME     : the model that the other commands mean\r\n");
}

static const ew_command commands[] = {
    {"name", command_name},        {"timestamp", command_timestamp},
    {"help", command_help},        {"db", ew_command_db},
    {"infer", ew_command_infer},   {"results", ew_command_results},
    {"output", ew_command_output}, {"profile", ew_command_profile},
    {"stack", ew_command_stack},   {"reset", ew_command_reset},
    {"check", ew_command_check},   {"image", ew_command_image},
};

static const ew_command of_several[] = {
    {"models", ew_command_models},
    {"select", ew_command_select},
};

char *ew_take_word(char **rest) {
    char *word = *rest;
    while (*word == ' ')
        ++word;
    if (*word == '\0')
        return NULL;
    char *end = word;
    while (*end != ' ' && *end != '\0')
        ++end;
    if (*end == ' ')
        *end++ = '\0';
    *rest = end;
    return word;
}

bool ew_parse_count(const char *text, uint32_t *value) {
    uint32_t sum = 0;
    size_t i = 0;
    for (; i < 9 && text[i] >= '0' && text[i] <= '9'; ++i)
        sum = sum * 10u + (uint32_t)(text[i] - '0');
    *value = sum;
    return i > 0 && text[i] == '\0';
}

void ew_complain(const char *problem, const char *word) {
    ew_put("e-[");
    ew_put(problem);
    if (word != NULL)
        ew_put_foreign(word);
    ew_put("]\r\n");
}

/* Runs the command of that name in a table; false when there is none. */
static bool run_command(ew_harness *harness, const char *name, char *rest, const ew_command *table,
                        size_t count) {
    for (size_t i = 0; i < count; ++i) {
        if (strcmp(name, table[i].name) == 0) {
            table[i].run(harness, rest);
            return true;
        }
    }
    return false;
}

static void run_line(ew_harness *harness) {
    char *rest = harness->line;
    const char *word = ew_take_word(&rest);
    if (word == NULL) {
        ew_complain("Empty command", NULL);
        return;
    }
    const size_t more = harness->model_count > 1 ? sizeof of_several / sizeof of_several[0] : 0;
    if (!run_command(harness, word, rest, commands, sizeof commands / sizeof commands[0]) &&
        !run_command(harness, word, rest, of_several, more))
        ew_complain("Unknown command: ", word);
}

static void end_line(ew_harness *harness) {
    harness->line[harness->length] = '\0';
    if (harness->overlong) {
        ew_complain("Command too long", NULL);
    } else {
        run_line(harness);
    }
    harness->length = 0;
    harness->overlong = false;
    harness->last_crc = ew_text_crc;
    ew_put("m-ready\r\n");
    ew_text_crc = 0;
}

void ew_harness_byte(ew_harness *harness, char c) {
    if (c == '%') {
        end_line(harness);
        return;
    }
    ew_text_crc = ew_crc32(ew_text_crc, &c, 1);
    if (harness->length == EW_LINE_BYTES) {
        harness->overlong = true;
    } else {
        const bool blank = c == '\0' || c == '\r' || c == '\n' ||
                           c == '\t'; /* a terminal's line end does no harm */
        harness->line[harness->length++] = blank ? ' ' : c;
    }
}

void ew_harness_start(ew_harness *harness, const ew_model *models, uint32_t count) {
    memset(harness, 0, sizeof *harness);
    harness->models = harness->model = models;
    harness->model_count = count;
    for (uint32_t i = 0; i < count; ++i) {
        if (models[i].reset != NULL && models[i].reset() != 0)
            ew_complain("Reset failed", NULL);
    }
    ew_put("m-init-done\r\nm-ready\r\n");
    ew_text_crc = 0;
}
