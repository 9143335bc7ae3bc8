/* blockcount: which code ran how often between the begin and the end of an inference, as a QEMU
   plugin for whole machines.

   A region begins as the guest enters the address START (the model's function) and ends as it comes
   back into the range STOP (its caller). In between, each entry of the address MARK (the hook after
   a layer) ends an interval. Code in a SKIP range (the hook itself, interrupt handlers) is not
   counted. QEMU runs code in blocks without a jump inside, so all that is counted is entries of
   blocks: for each interval the record holds lines

       b ADDRESS INSTRUCTIONS ENTRIES JUMPS     JUMPS: of the entries, those that did not come from
   the code just before

   then "m" when a mark ended it, or "e" when the region did. Costs of instructions are worked out
   from that and the disassembly, elsewhere. One processor only.

   Arguments: out=FILE,start=A,stop=A-B,mark=A,skip=A-B (any number),regions=N (how many are
   recorded); A, B hex. Distributions ship no qemu-plugin.h, so the few names of plugin API version
   1 that are used are declared here. */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EXPORT    __attribute__((visibility("default")))
#define MAX_SKIPS 8

typedef uint64_t qemu_plugin_id_t;
struct qemu_info; /* opaque here */
struct qemu_plugin_tb;
struct qemu_plugin_insn;
enum { CB_NO_REGS = 0 };

extern void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t id,
                                                  void (*callback)(qemu_plugin_id_t,
                                                                   struct qemu_plugin_tb *));
extern void qemu_plugin_register_vcpu_tb_exec_cb(struct qemu_plugin_tb *block,
                                                 void (*callback)(unsigned int, void *), int flags,
                                                 void *data);
extern size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *block);
extern uint64_t qemu_plugin_tb_vaddr(const struct qemu_plugin_tb *block);
extern struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *block,
                                                        size_t index);
extern uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *instruction);
extern size_t qemu_plugin_insn_size(const struct qemu_plugin_insn *instruction);

EXPORT extern int qemu_plugin_version;
EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const struct qemu_info *info, int argc,
                               char **argv);

int qemu_plugin_version = 1;

typedef struct {
    uint64_t low, high; /* low <= address < high */
} range;

typedef struct block {
    uint64_t start, end; /* end: where code goes on that does not jump */
    size_t instructions;
    uint64_t entries, jumps;
    struct block *next; /* among those entered in this interval */
} block;

static FILE *out;
static uint64_t start_address, mark_address, regions = UINT64_MAX;
static range stop, skips[MAX_SKIPS];
static size_t skip_count;

static int inside;        /* a region is open */
static uint64_t expected; /* where the code goes on when it does not jump */
static block *entered;

static int in_range(range r, uint64_t address) {
    return address >= r.low && address < r.high;
}

static int is_skipped(uint64_t address) {
    for (size_t i = 0; i < skip_count; i++)
        if (in_range(skips[i], address))
            return 1;
    return 0;
}

static void end_interval(char kind) {
    for (block *b = entered; b != NULL; b = b->next) {
        fprintf(out, "b %" PRIx64 " %zu %" PRIu64 " %" PRIu64 "\n", b->start, b->instructions,
                b->entries, b->jumps);
        b->entries = b->jumps = 0;
    }
    entered = NULL;
    fprintf(out, "%c\n", kind);
}

static void count(block *b) {
    if (b->entries++ == 0) {
        b->next = entered;
        entered = b;
    }
    b->jumps += b->start != expected;
    expected = b->end;
}

static void end_region(void) {
    end_interval('e');
    fflush(out);
    inside = 0;
    regions--;
}

static void on_enter(unsigned int vcpu, void *data) {
    block *b = data;
    (void)vcpu;
    if (b->start == start_address && regions > 0) {
        inside = 1;
        expected = b->start;
    }
    if (!inside)
        return;
    if (b->start == mark_address)
        end_interval('m');
    if (in_range(stop, b->start))
        end_region();
    else if (!is_skipped(b->start))
        count(b);
}

static void on_translate(qemu_plugin_id_t id, struct qemu_plugin_tb *translated) {
    size_t instructions = qemu_plugin_tb_n_insns(translated);
    const struct qemu_plugin_insn *last = qemu_plugin_tb_get_insn(translated, instructions - 1);
    block *b = calloc(
        1,
        sizeof *b); /* kept for as long as QEMU runs: translated code may be entered at any time */
    (void)id;
    if (b == NULL)
        abort();
    b->start = qemu_plugin_tb_vaddr(translated);
    b->end = qemu_plugin_insn_vaddr(last) + qemu_plugin_insn_size(last);
    b->instructions = instructions;
    qemu_plugin_register_vcpu_tb_exec_cb(translated, on_enter, CB_NO_REGS, b);
}

static range parse_range(const char *text) {
    char *rest;
    range r;
    r.low = strtoull(text, &rest, 16);
    r.high = *rest == '-' ? strtoull(rest + 1, NULL, 16) : r.low;
    return r;
}

static int parse_one(const char *key, const char *value) {
    if (strcmp(key, "out") == 0)
        return (out = fopen(value, "w")) != NULL;
    if (strcmp(key, "start") == 0)
        return (start_address = strtoull(value, NULL, 16)) != 0;
    if (strcmp(key, "mark") == 0)
        return (mark_address = strtoull(value, NULL, 16)) != 0;
    if (strcmp(key, "regions") == 0)
        return (regions = strtoull(value, NULL, 10)) != 0;
    if (strcmp(key, "stop") == 0)
        return (stop = parse_range(value)).high != 0;
    if (strcmp(key, "skip") == 0 && skip_count < MAX_SKIPS)
        return (skips[skip_count++] = parse_range(value)).high != 0;
    return 0;
}

static int parse(int argc, char **argv) {
    for (int i = 0; i < argc; i++) {
        char *value = strchr(argv[i], '=');
        if (value == NULL)
            return 0;
        *value = '\0';
        if (!parse_one(argv[i], value + 1))
            return 0;
    }
    return out != NULL && start_address != 0 && stop.high != 0;
}

int qemu_plugin_install(qemu_plugin_id_t id, const struct qemu_info *info, int argc, char **argv) {
    (void)info;
    if (!parse(argc, argv)) {
        fprintf(stderr,
                "blockcount: arguments are out=FILE,start=A,stop=A-B,mark=A,skip=A-B,regions=N\n");
        return 1;
    }
    qemu_plugin_register_vcpu_tb_trans_cb(id, on_translate);
    return 0;
}
