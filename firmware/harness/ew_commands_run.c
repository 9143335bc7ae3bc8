/* SPDX-License-Identifier: Apache-2.0 */
/* The commands that run the model, and those that show what it gave. */
#include <string.h>

#include "ew_board.h"
#include "ew_commands.h"
#include "ew_port.h"
#include "ew_profile.h"
#include "ew_text.h"
#include "ew_value.h"

static uint64_t scaled(uint64_t ticks,
                       uint64_t rate) { /* without overflow where ticks * rate would have one */
    const uint64_t seconds = ticks / EW_PORT_TIMER_HZ;
    return seconds * rate + ticks % EW_PORT_TIMER_HZ * rate / EW_PORT_TIMER_HZ;
}

static void put_line(const char *name, uint64_t value) {
    ew_put(name);
    ew_put_u64(value);
    ew_put("\r\n");
}

void ew_put_timestamp(void) {
    put_line("m-lap-us-", scaled(ew_port_ticks(), 1000000u));
}

/* Runs the model `count` times; false, and said so, when it fails. */
static bool run(const ew_harness *harness, uint32_t count) {
    for (; count > 0; --count) {
        const int status = harness->model->run();
        if (status != 0) {
            ew_put("e-[Inference failed: status ");
            ew_put_u64((uint64_t)status);
            ew_put("]\r\n");
            return false;
        }
    }
    return true;
}

static bool input_is_whole(const ew_harness *harness) {
    if (harness->loading)
        ew_complain("The input is not loaded whole", NULL);
    return !harness->loading;
}

/* The number in the next word, or `preset` when there is none; false, and said so, when it is no
 * number. */
static bool take_count(char **rest, uint32_t preset, uint32_t *count) {
    const char *word = ew_take_word(rest);
    *count = preset;
    if (word == NULL || ew_parse_count(word, count))
        return true;
    ew_complain("Not a number: ", word);
    return false;
}

static void infer(ew_harness *harness, uint32_t count, uint32_t warmup) {
    put_line("m-warmup-start-", warmup);
    if (!run(harness, warmup))
        return;
    ew_put("m-warmup-done\r\n");
    put_line("m-infer-start-", count);
    ew_put_timestamp();
    if (!run(harness, count))
        return;
    ew_put_timestamp();
    ew_put("m-infer-done\r\n");
    harness->has_output = true;
    ew_command_results(harness, NULL);
}

void ew_command_infer(ew_harness *harness, char *rest) {
    uint32_t count, warmup;
    if (!take_count(&rest, 1, &count) || !take_count(&rest, 10, &warmup))
        return;
    if (count == 0) {
        ew_complain("Inference iterations must be >0", NULL);
    } else if (input_is_whole(harness)) {
        infer(harness, count, warmup);
    }
}

static bool output_is_there(const ew_harness *harness) {
    if (!harness->has_output)
        ew_complain("No output yet: begin with 'infer'", NULL);
    return harness->has_output;
}

void ew_command_results(ew_harness *harness, char *rest) {
    (void)rest;
    if (!output_is_there(harness))
        return;
    const ew_model *model = harness->model;
    const uint8_t *bytes = model->output;
    ew_put("m-results-[");
    for (uint32_t i = 0; i < model->output_count; ++i) {
        for (uint32_t j = 0; j < model->outputs[i].count; ++j) {
            if (i + j > 0)
                ew_put_char(',');
            ew_put_q32(ew_value_q32(&model->outputs[i], &bytes));
        }
    }
    ew_put("]\r\n");
}

void ew_command_output(ew_harness *harness, char *rest) {
    (void)rest;
    if (!output_is_there(harness))
        return;
    ew_put("m-output-[");
    for (uint32_t i = 0; i < harness->model->output_bytes; ++i)
        ew_put_hex8(harness->model->output[i]);
    ew_put("]\r\n");
}

static void profile_layers(ew_harness *harness) {
    const ew_model *model = harness->model;
    ew_profile_begin(model->layer_ticks, model->layer_count);
    const bool ok = run(harness, 1);
    const uint32_t seen = ew_profile_end();
    if (!ok)
        return;
    harness->has_output = true;
    ew_put("m-profile-unit-[" EW_PORT_COUNTER_UNIT "]\r\n");
    for (uint32_t i = 0; i < seen; ++i) {
        ew_put("m-layer-[");
        ew_put_u64(i);
        ew_put_char(',');
        ew_put(model->layer_ops[i]);
        ew_put_char(',');
        ew_put_u64(scaled(model->layer_ticks[i], EW_PORT_COUNTER_HZ));
        ew_put("]\r\n");
    }
}

void ew_command_profile(ew_harness *harness, char *rest) {
    const char *word = ew_take_word(&rest);
    if (word == NULL) { /* the version string is part of the protocol: runners look at it */
        ew_put("m-profile-[ULPMark for tinyML Firmware V0.0.1]\r\nm-model-[");
        ew_put(harness->model->name);
        ew_put("]\r\n");
    } else if (strcmp(word, "layers") != 0) {
        ew_complain("Unknown profile: ", word);
    } else if (input_is_whole(harness)) {
        profile_layers(harness);
    }
}

static const ew_model *painted_model;
static int painted_status;

/* Each ends in a tail call, so that what is measured is the model's own depth. */
static void run_painted(void) {
    painted_status = painted_model->run();
}

static void prepare_painted(void) {
    painted_status = painted_model->prepare();
}

static bool measure_stack(void (*call)(void), const char *failure, uint32_t *used) {
    if (!ew_port_stack_used(call, used)) {
        ew_complain("The stack cannot be measured here", NULL);
        return false;
    }
    if (painted_status != 0) {
        ew_complain(failure, NULL);
        return false;
    }
    return true;
}

/* The deeper of the model's two calls: unpacking may need more than an inference. */
void ew_command_stack(ew_harness *harness, char *rest) {
    uint32_t unpacking = 0;
    uint32_t inference;
    (void)rest;
    if (!input_is_whole(harness))
        return;
    painted_model = harness->model;
    if (painted_model->prepare != NULL &&
        !measure_stack(prepare_painted, "Unpacking failed", &unpacking))
        return;
    if (!measure_stack(run_painted, "Inference failed", &inference))
        return;
    harness->has_output = true;
    put_line("m-stack-bytes-", unpacking > inference ? unpacking : inference);
}

void ew_command_reset(ew_harness *harness, char *rest) {
    (void)rest;
    if (harness->model->reset == NULL) {
        ew_complain("The model has no state", NULL);
    } else if (harness->model->reset() != 0) {
        ew_complain("Reset failed", NULL);
    }
}
