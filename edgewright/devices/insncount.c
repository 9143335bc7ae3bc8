/* insncount: counts the guest instructions between marks, as a QEMU plugin for user-mode emulation.

   The guest calls prctl(MARK, tag), which no kernel knows and every kernel refuses harmlessly. At
   each such call the plugin writes a line "tag count": the tag, and how many instructions the guest
   has run so far. One guest thread only: the counter is not atomic.

   Arguments: out=FILE, and syscall=NUMBER, the guest's number of prctl (167 on aarch64, 172 on
   arm). Distributions ship no qemu-plugin.h, so the few names of plugin API version 1 that are used
   are declared here. */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EXPORT __attribute__((visibility("default")))
#define MARK   0x45444745

typedef uint64_t qemu_plugin_id_t;
struct qemu_info; /* opaque here */
struct qemu_plugin_tb;
enum { INLINE_ADD_U64 = 0 };

extern void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t id,
                                                  void (*callback)(qemu_plugin_id_t,
                                                                   struct qemu_plugin_tb *));
extern size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *block);
extern void qemu_plugin_register_vcpu_tb_exec_inline(struct qemu_plugin_tb *block, int operation,
                                                     void *counter, uint64_t amount);
extern void qemu_plugin_register_vcpu_syscall_cb(qemu_plugin_id_t id,
                                                 void (*callback)(qemu_plugin_id_t, unsigned int,
                                                                  int64_t, uint64_t, uint64_t,
                                                                  uint64_t, uint64_t, uint64_t,
                                                                  uint64_t, uint64_t, uint64_t));

EXPORT extern int qemu_plugin_version;
EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const struct qemu_info *info, int argc,
                               char **argv);

int qemu_plugin_version = 1;

static uint64_t executed;
static int64_t prctl_number;
static FILE *out;

static void on_translate(qemu_plugin_id_t id, struct qemu_plugin_tb *block) {
    (void)id;
    qemu_plugin_register_vcpu_tb_exec_inline(block, INLINE_ADD_U64, &executed,
                                             qemu_plugin_tb_n_insns(block));
}

static void on_syscall(qemu_plugin_id_t id, unsigned int vcpu, int64_t number, uint64_t a1,
                       uint64_t a2, uint64_t a3, uint64_t a4, uint64_t a5, uint64_t a6, uint64_t a7,
                       uint64_t a8) {
    (void)id, (void)vcpu, (void)a3, (void)a4, (void)a5, (void)a6, (void)a7, (void)a8;
    if (number == prctl_number && (uint32_t)a1 == MARK) {
        fprintf(out, "%" PRIu64 " %" PRIu64 "\n", a2, executed);
        fflush(out);
    }
}

static int parse(int argc, char **argv) {
    for (int i = 0; i < argc; i++) {
        if (strncmp(argv[i], "out=", 4) == 0)
            out = fopen(argv[i] + 4, "w");
        else if (strncmp(argv[i], "syscall=", 8) == 0)
            prctl_number = strtoll(argv[i] + 8, NULL, 10);
        else
            return 0;
    }
    return out != NULL && prctl_number != 0;
}

int qemu_plugin_install(qemu_plugin_id_t id, const struct qemu_info *info, int argc, char **argv) {
    (void)info;
    if (!parse(argc, argv)) {
        fprintf(stderr, "insncount: arguments are out=FILE,syscall=NUMBER\n");
        return 1;
    }
    qemu_plugin_register_vcpu_tb_trans_cb(id, on_translate);
    qemu_plugin_register_vcpu_syscall_cb(id, on_syscall);
    return 0;
}
