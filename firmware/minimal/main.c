/* SPDX-License-Identifier: Apache-2.0 */
/* The least program that runs the model: what it takes of flash and RAM is what the model costs in
 * a product. */
#include "ew_bare.h"
#include "ew_glue.h"

void ew_fault(void) {
    for (;;) {
    }
}

int main(void) {
    return ew_glue_run();
}
