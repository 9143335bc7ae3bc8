/* SPDX-License-Identifier: Apache-2.0 */
/* litert_run: runs and measures a .tflite model by LiteRT's C library, on a phone or its stand-in.

   litert_run LIBRARY MODEL SAMPLES OUTPUTS ANSWER [runs=N] [warmup=N] [threads=N] [cpus=HEXMASK]
              [kernels=xnnpack|builtin] [state=0|1] [mark=0|1]

   SAMPLES holds raw bytes: all inputs of the first sample, of the second, and so on. OUTPUTS gets
   all outputs of each sample in that way. ANSWER gets one JSON object, and takes its name when it
   is whole. The first sample is the one that is measured. With mark=1 no time is taken; each
   inference is instead fenced by two system calls that the emulator's plugin sees. With state=1 the
   model goes on from one inference to the next: its first one is measured too, ahead of the
   warm-up, and the outputs are those of one stream of samples from a fresh state.

   Written against the C interface of LiteRT 2.3, whose headers no wheel carries: what is used of it
   is declared here. Exit status 0, or 2 and a line "error: ..." on stderr. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <inttypes.h>
#include <sched.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <time.h>

#define MARK        0x45444745 /* "EDGE": no such prctl exists */
#define MAX_TENSORS 16
#define MAX_RANK    8

enum { BEGIN = 1, END = 2 };
enum { LITERT_CPU = 1, LOCK_READ = 0, LOCK_WRITE = 1 };

typedef void *handle;
typedef struct {
    int32_t element;
    uint32_t rank : 7, has_strides : 1;
    int32_t dimensions[MAX_RANK];
    uint32_t strides[MAX_RANK];
} tensor_type;

/* name, parameters: all give a status, 0 for success */
#define FUNCTIONS(X)                                                                               \
    X(CreateEnvironment, (int, const void *, handle *))                                            \
    X(CreateModelFromFile, (handle, const char *, handle *))                                       \
    X(CreateOptions, (handle *))                                                                   \
    X(SetOptionsHardwareAccelerators, (handle, int))                                               \
    X(CreateOpaqueOptions, (const char *, void *, void (*)(void *), handle *))                     \
    X(AddOpaqueOptions, (handle, handle))                                                          \
    X(CreateCompiledModel, (handle, handle, handle, handle *))                                     \
    X(GetModelSubgraph, (handle, size_t, handle *))                                                \
    X(GetNumSubgraphInputs, (handle, size_t *))                                                    \
    X(GetNumSubgraphOutputs, (handle, size_t *))                                                   \
    X(GetSubgraphInput, (handle, size_t, handle *))                                                \
    X(GetSubgraphOutput, (handle, size_t, handle *))                                               \
    X(GetRankedTensorType, (handle, tensor_type *))                                                \
    X(GetCompiledModelInputBufferRequirements, (handle, size_t, size_t, handle *))                 \
    X(GetCompiledModelOutputBufferRequirements, (handle, size_t, size_t, handle *))                \
    X(CreateManagedTensorBufferFromRequirements, (handle, const tensor_type *, handle, handle *))  \
    X(GetTensorBufferPackedSize, (handle, size_t *))                                               \
    X(LockTensorBuffer, (handle, void **, int))                                                    \
    X(UnlockTensorBuffer, (handle))                                                                \
    X(RunCompiledModel, (handle, size_t, size_t, handle *, size_t, handle *))

#define DECLARE(name, parameters) static int(*name) parameters;
FUNCTIONS(DECLARE)

typedef struct {
    uint32_t runs, warmup, threads, state, mark;
    const char *kernels;
    uint64_t cpus;
} options;

typedef struct {
    size_t count;
    handle buffers[MAX_TENSORS];
    size_t bytes[MAX_TENSORS];
    size_t total;
} tensors;

typedef struct {
    handle compiled;
    tensors inputs, outputs;
} network;

typedef struct {
    uint8_t *bytes;
    size_t size;
} block;

static void die(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    fputs("error: ", stderr);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
    exit(2);
}

static void need(int status, const char *what) {
    if (status != 0)
        die("%s: LiteRT gives status %d", what, status);
}

static void load_library(const char *path) {
    void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (library == NULL)
        die("%s", dlerror());
#define RESOLVE(name, parameters)                                                                  \
    *(void **)&name = dlsym(library, "LiteRt" #name);                                              \
    if (name == NULL)                                                                              \
        die("%s has no LiteRt" #name, path);
    FUNCTIONS(RESOLVE)
}

static int digit_of(char c) {
    if (c >= '0' && c <= '9')
        return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : 16;
}

/* By hand: what strtoull() becomes in newer C libraries is not in the one that goes along. */
static uint64_t parse_number(const char *text, const char *word, uint32_t base) {
    uint64_t value = 0;
    const char *c = text;
    for (; *c != '\0' && (uint32_t)digit_of(*c) < base; ++c)
        value = value * base + (uint32_t)digit_of(*c);
    if (c == text || *c != '\0' || c - text > 16)
        die("not a number: %s", word);
    return value;
}

static void parse_option(options *chosen, const char *word) {
    const char *value = strchr(word, '=');
    if (value == NULL)
        die("not an option: %s", word);
    const size_t length = (size_t)(value++ - word);
#define IS(name) (length == strlen(name) && strncmp(word, name, length) == 0)
    if (IS("kernels"))
        chosen->kernels = value;
    else if (IS("cpus"))
        chosen->cpus = parse_number(value, word, 16);
    else if (IS("runs"))
        chosen->runs = (uint32_t)parse_number(value, word, 10);
    else if (IS("warmup"))
        chosen->warmup = (uint32_t)parse_number(value, word, 10);
    else if (IS("threads"))
        chosen->threads = (uint32_t)parse_number(value, word, 10);
    else if (IS("state"))
        chosen->state = (uint32_t)parse_number(value, word, 10) != 0;
    else if (IS("mark"))
        chosen->mark = (uint32_t)parse_number(value, word, 10);
    else
        die("not an option: %s", word);
}

static void keep_to_cpus(uint64_t mask) {
    cpu_set_t set;
    if (mask == 0)
        return;
    CPU_ZERO(&set);
    for (size_t cpu = 0; cpu < 64; ++cpu)
        if ((mask >> cpu & 1) != 0)
            CPU_SET(cpu, &set);
    if (sched_setaffinity(0, sizeof set, &set) != 0)
        die("cannot keep to the CPUs of mask %" PRIx64 ": %s", mask, strerror(errno));
}

/* Options of the CPU are text in TOML under the name "xnnpack", whatever kernels they choose. */
static handle make_options(const char *kernels, uint32_t threads) {
    handle all, cpu;
    char text[96];
    snprintf(text, sizeof text, "kernel_mode = \"%s\"\nnum_threads = %u\n", kernels, threads);
    char *payload = strdup(text);
    if (payload == NULL)
        die("out of memory");
    need(CreateOptions(&all), "options");
    need(SetOptionsHardwareAccelerators(all, LITERT_CPU), "options");
    need(CreateOpaqueOptions("xnnpack", payload, free, &cpu), "options of the CPU");
    need(AddOpaqueOptions(all, cpu), "options of the CPU");
    return all;
}

static void add_buffer(tensors *all, handle environment, handle tensor, handle requirements) {
    tensor_type type;
    memset(&type, 0, sizeof type);
    need(GetRankedTensorType(tensor, &type), "type of a tensor");
    for (uint32_t i = 0; i < type.rank && i < MAX_RANK; ++i)
        if (type.dimensions[i] < 0)
            type.dimensions[i] = 1; /* an open batch */
    handle *buffer = &all->buffers[all->count];
    need(CreateManagedTensorBufferFromRequirements(environment, &type, requirements, buffer),
         "buffer of a tensor");
    need(GetTensorBufferPackedSize(*buffer, &all->bytes[all->count]), "size of a tensor");
    all->total += all->bytes[all->count++];
}

typedef int (*counter)(handle, size_t *);
typedef int (*getter)(handle, size_t, handle *);
typedef int (*requirer)(handle, size_t, size_t, handle *);

static void make_buffers(tensors *all, handle environment, handle graph, handle compiled,
                         counter count_of, getter get, requirer require) {
    size_t count;
    memset(all, 0, sizeof *all);
    need(count_of(graph, &count), "number of tensors");
    if (count > MAX_TENSORS)
        die("the model has %zu inputs or outputs; at most %d are known here", count, MAX_TENSORS);
    for (size_t i = 0; i < count; ++i) {
        handle tensor, requirements;
        need(get(graph, i, &tensor), "a tensor");
        need(require(compiled, 0, i, &requirements), "needs of a tensor");
        add_buffer(all, environment, tensor, requirements);
    }
}

static network load_network(const char *path, const char *kernels, uint32_t threads) {
    network made;
    handle environment, model, graph;
    need(CreateEnvironment(0, NULL, &environment), "environment");
    need(CreateModelFromFile(environment, path, &model), "the model cannot be read");
    need(CreateCompiledModel(environment, model, make_options(kernels, threads), &made.compiled),
         "the model cannot be prepared");
    need(GetModelSubgraph(model, 0, &graph), "graph");
    make_buffers(&made.inputs, environment, graph, made.compiled, GetNumSubgraphInputs,
                 GetSubgraphInput, GetCompiledModelInputBufferRequirements);
    make_buffers(&made.outputs, environment, graph, made.compiled, GetNumSubgraphOutputs,
                 GetSubgraphOutput, GetCompiledModelOutputBufferRequirements);
    return made;
}

static void feed(const network *net, const uint8_t *sample) {
    for (size_t i = 0; i < net->inputs.count; ++i) {
        void *memory;
        need(LockTensorBuffer(net->inputs.buffers[i], &memory, LOCK_WRITE), "lock of an input");
        memcpy(memory, sample, net->inputs.bytes[i]);
        need(UnlockTensorBuffer(net->inputs.buffers[i]), "lock of an input");
        sample += net->inputs.bytes[i];
    }
}

static void fetch(const network *net, uint8_t *outputs) {
    for (size_t i = 0; i < net->outputs.count; ++i) {
        void *memory;
        need(LockTensorBuffer(net->outputs.buffers[i], &memory, LOCK_READ), "lock of an output");
        memcpy(outputs, memory, net->outputs.bytes[i]);
        need(UnlockTensorBuffer(net->outputs.buffers[i]), "lock of an output");
        outputs += net->outputs.bytes[i];
    }
}

static void invoke(network *net) {
    need(RunCompiledModel(net->compiled, 0, net->inputs.count, net->inputs.buffers,
                          net->outputs.count, net->outputs.buffers),
         "the inference failed");
}

static block read_file(const char *path) {
    block data = {NULL, 0};
    FILE *file = fopen(path, "rb");
    if (file == NULL || fseek(file, 0, SEEK_END) != 0)
        die("%s: %s", path, strerror(errno));
    data.size = (size_t)ftell(file);
    rewind(file);
    data.bytes = malloc(data.size + 1);
    if (data.bytes == NULL || fread(data.bytes, 1, data.size, file) != data.size)
        die("%s cannot be read", path);
    fclose(file);
    return data;
}

static void write_file(const char *path, const void *bytes, size_t size) {
    FILE *file = fopen(path, "wb");
    if (file == NULL)
        die("%s: %s", path, strerror(errno));
    if (fwrite(bytes, 1, size, file) != size || fclose(file) != 0)
        die("%s: %s", path, strerror(errno));
}

static uint64_t now_ns(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

/* An inference, fenced or timed; `time` in nanoseconds. */
static void invoke_measured(network *net, const options *chosen, uint64_t *time) {
    if (chosen->mark != 0) {
        prctl(MARK, BEGIN);
        invoke(net);
        prctl(MARK, END);
    } else {
        const uint64_t begin = now_ns();
        invoke(net);
        *time = now_ns() - begin;
    }
}

/* Times in nanoseconds, all zero with marks: of the first inference, then of those behind the
   warm-up. The first one counts for a model with state alone; else it is zero. */
static uint64_t *measure(network *net, const options *chosen, const uint8_t *sample) {
    uint64_t *times = calloc((size_t)chosen->runs + 1, sizeof *times);
    if (times == NULL)
        die("out of memory");
    feed(net, sample);
    if (chosen->state != 0)
        invoke_measured(net, chosen, &times[0]);
    for (uint32_t i = 0; i < chosen->warmup; ++i)
        invoke(net);
    for (uint32_t i = 0; i < chosen->runs; ++i)
        invoke_measured(net, chosen, &times[1 + i]);
    return times;
}

/* The outputs of the first `count` samples to `outputs`. */
static void infer(network *net, const uint8_t *samples, size_t count, uint8_t *outputs) {
    for (size_t i = 0; i < count; ++i) {
        feed(net, samples + i * net->inputs.total);
        invoke(net);
        fetch(net, outputs + i * net->outputs.total);
    }
}

/* The hash of Fowler, Noll and Vo, 64 bits, variant 1a: what arrives is what was written. */
static uint64_t fnv1a(const uint8_t *bytes, size_t size) {
    uint64_t hash = 0xCBF29CE484222325u;
    for (size_t i = 0; i < size; ++i)
        hash = (hash ^ bytes[i]) * 0x100000001B3u;
    return hash;
}

static void put_sizes(FILE *file, const char *name, const tensors *all) {
    fprintf(file, "\"%s\":[", name);
    for (size_t i = 0; i < all->count; ++i)
        fprintf(file, "%s%zu", i > 0 ? "," : "", all->bytes[i]);
    fputs("],", file);
}

/* Times are there without marks. */
static void put_times(FILE *file, const char *name, const options *chosen, const uint64_t *times,
                      uint32_t count) {
    fprintf(file, "\"%s\":[", name);
    for (uint32_t i = 0; i < count && chosen->mark == 0; ++i)
        fprintf(file, "%s%" PRIu64, i > 0 ? "," : "", times[i]);
    fputs("],", file);
}

static long peak_rss_bytes(void) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss * 1024;
}

static void answer(const char *path, const network *net, const options *chosen, size_t samples,
                   const uint64_t *times, long peak, block outputs) {
    char aside[4096];
    if (snprintf(aside, sizeof aside, "%s.part", path) >= (int)sizeof aside)
        die("%s: too long", path);
    FILE *file = fopen(aside, "w");
    if (file == NULL)
        die("%s: %s", aside, strerror(errno));
    fprintf(file, "{\"protocol\":1,\"threads\":%u,\"kernels\":\"%s\",", chosen->threads,
            chosen->kernels);
    put_sizes(file, "input_bytes", &net->inputs);
    put_sizes(file, "output_bytes", &net->outputs);
    put_times(file, "first_ns", chosen, times, chosen->state);
    put_times(file, "times_ns", chosen, times + 1, chosen->runs);
    fprintf(file, "\"samples\":%zu,\"peak_rss_bytes\":%ld,", samples, peak);
    fprintf(file, "\"outputs_fnv1a\":\"%016" PRIx64 "\"}\n", fnv1a(outputs.bytes, outputs.size));
    if (fclose(file) != 0 || rename(aside, path) != 0)
        die("%s: %s", path, strerror(errno));
}

static size_t count_samples(const network *net, size_t size) {
    if (net->inputs.total == 0 || size == 0 || size % net->inputs.total != 0)
        die("samples of %zu bytes do not fit inputs of %zu bytes", size, net->inputs.total);
    return size / net->inputs.total;
}

int main(int argc, char **argv) {
    options chosen = {.threads = 1, .kernels = "xnnpack"};
    if (argc < 6)
        die("usage: litert_run LIBRARY MODEL SAMPLES OUTPUTS ANSWER [name=value ...]");
    for (int i = 6; i < argc; ++i)
        parse_option(&chosen, argv[i]);
    keep_to_cpus(chosen.cpus);
    load_library(argv[1]);
    network net = load_network(argv[2], chosen.kernels, chosen.threads);
    const block samples = read_file(argv[3]);
    const size_t count = count_samples(&net, samples.size);
    const block outputs = {calloc(count, net.outputs.total), count * net.outputs.total};
    if (outputs.bytes == NULL)
        die("out of memory");
    const uint64_t *times = measure(&net, &chosen, samples.bytes);
    const long peak = peak_rss_bytes();
    if (chosen.state != 0)
        net =
            load_network(argv[2], chosen.kernels, chosen.threads); /* its state at its beginning */
    infer(&net, samples.bytes, count, outputs.bytes);
    write_file(argv[4], outputs.bytes, outputs.size);
    answer(argv[5], &net, &chosen, count, times, peak, outputs);
    return 0;
}
