/* SPDX-License-Identifier: Apache-2.0 */
/* The commands of a firmware with several models. */
#include <string.h>

#include "ew_commands.h"
#include "ew_text.h"

void ew_command_models(ew_harness *harness, char *rest) {
    (void)rest;
    ew_put("m-models-[");
    for (uint32_t i = 0; i < harness->model_count; ++i) {
        if (i > 0)
            ew_put_char(',');
        ew_put(harness->models[i].name);
    }
    ew_put("]\r\n");
}

/* The models share the memory of input and output: what lies there is none of the next one's. */
static void turn_to(ew_harness *harness, const ew_model *model) {
    harness->model = model;
    harness->loaded = 0;
    harness->loading = false;
    harness->has_output = false;
    memset(model->input, 0, model->input_bytes);
    ew_put("m-model-[");
    ew_put(model->name);
    ew_put("]\r\n");
}

void ew_command_select(ew_harness *harness, char *rest) {
    const char *word = ew_take_word(&rest);
    if (word == NULL) {
        ew_complain("Command 'select' requires the name of a model", NULL);
        return;
    }
    for (uint32_t i = 0; i < harness->model_count; ++i) {
        if (strcmp(word, harness->models[i].name) == 0) {
            turn_to(harness, &harness->models[i]);
            return;
        }
    }
    ew_complain("Unknown model: ", word);
}
