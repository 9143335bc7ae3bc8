/* SPDX-License-Identifier: Apache-2.0 */
/* The firmware: the harness fed from the UART, for ever. */
#include "ew_glue.h"
#include "ew_harness.h"
#include "ew_port.h"

int main(void) {
    static ew_harness harness;
    ew_port_init();
    (void)ew_glue_prepare(); /* without weights an inference fails, and says why */
    ew_harness_start(&harness, ew_glue_models, ew_glue_model_count);
    for (int c = ew_port_getc(); c >= 0; c = ew_port_getc())
        ew_harness_byte(&harness, (char)(uint8_t)c);
    return 0;
}
