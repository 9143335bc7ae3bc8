/* SPDX-License-Identifier: Apache-2.0 */
/* The harness: the text protocol of the MLPerf Tiny (EEMBC) runner around one model, or several in
 * turn.
 *
 * Commands end in '%', answers in "\r\n", the answer to every command in "m-ready". What is wrong
 * with a command is said in a line "e-[...]", and nothing of that command is done. Bytes go in one
 * at a time; no memory is taken but the structs below; whatever comes in, nothing is written
 * outside of them.
 *
 *   name                 m-name-dut-[DEVICE]
 *   profile              m-profile-[...], m-model-[MODEL]
 *   timestamp            m-lap-us-N
 *   db load N            m-[Expecting N bytes]; N is the size of the model's input
 *   db HEX..             the next bytes of the input; m-load-done with the last one
 *   db print             m-buffer-xx-xx-.., eight bytes a line
 *   infer [N=1 [W=10]]   W runs to warm up, N between two time stamps, then the results
 *   results              m-results-[v,v,..] of the last run, dequantized, three decimals
 *   help                 the list of commands
 * of Edgewright's own:
 *   output               m-output-[hex] of the last run: the raw bytes
 *   profile layers       one run; m-layer-[index,operator,count] for each, in the unit of
 * m-profile-unit-[...]
 *   stack                one run; m-stack-bytes-N that it took at its deepest
 *   reset                the model's state as it is at boot; every run goes on from the one before
 *   check N              m-check-[N,crc,crc]: CRC-32 of the command before as it came, up to its
 *                        '%', and its answer up to m-ready; CRC-32 of the input's buffer
 *   image                m-image-[bytes,crc]: CRC-32 of the image as it lies in flash
 * and where there are several models; at boot it is the first one's turn:
 *   models               m-models-[MODEL,MODEL,..]
 *   select MODEL         m-model-[MODEL]; its input is all zeros then, its state what it was
 */
#ifndef EW_HARNESS_H
#define EW_HARNESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define EW_LINE_BYTES 80u /* "db " and 31 bytes in hex take 65 */

typedef enum {
    EW_INT8,
    EW_UINT8,
    EW_INT16,
    EW_INT32,
    EW_FLOAT32,
    EW_UINT32,
    EW_INT64,
    EW_UINT64
} ew_element;

/* One output tensor, which lies behind those before it in `ew_model.output`. */
typedef struct {
    ew_element element;
    uint32_t count;     /* elements */
    int32_t zero_point; /* of integers: value = scale * (q - zero_point) */
    int64_t scale_q32;  /* scale * 2^32, rounded down; scale < 2^20 */
} ew_output_info;

typedef struct {
    const char *device, *name;
    uint8_t *input; /* kept between runs: run() copies it to where the model wants it */
    uint32_t input_bytes;
    const uint8_t *output; /* valid from a run() to the next one */
    uint32_t output_bytes;
    const ew_output_info *outputs;
    uint32_t output_count; /* entries of `outputs` */
    int (*run)(void);      /* one inference of `input`; 0 is success, else the model's ew_status */
    int (*reset)(void);    /* brings the model's state to its beginning; NULL when it has none */
    int (*prepare)(void);  /* unpacks weights; NULL when it has none to unpack */
    const char *const *layer_ops;
    uint32_t *layer_ticks; /* room for one count a layer */
    uint32_t layer_count;
} ew_model;

typedef struct {
    const ew_model *models;
    uint32_t model_count;
    const ew_model *model; /* whose turn it is */
    uint32_t loaded;       /* bytes of the input that have come */
    bool loading;          /* `db load` has come, and not yet all bytes */
    bool has_output;
    bool overlong;
    uint32_t last_crc; /* of the exchange before: command and answer */
    size_t length;
    char line[EW_LINE_BYTES + 1];
} ew_harness;

/* Begin: says m-init-done, m-ready. There is a model at least, and they outlive the harness. */
void ew_harness_start(ew_harness *harness, const ew_model *models, uint32_t count);

/* One byte from the UART. Answers when it ends a command. */
void ew_harness_byte(ew_harness *harness, char c);

#endif
