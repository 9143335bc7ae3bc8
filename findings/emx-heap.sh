#!/usr/bin/env bash
# Does C that emx-onnx-cgen generates do without a heap, as the first lines of its description say?
#
# One would guess: yes. "No dynamic memory allocation" is one of its features, and deeply embedded systems are what it is
#   for; a network of 4 KB images should have static arrays or the stack.
# What happens: each image between layers that is larger than 1 KiB is malloc()ed in the inference function, by default. Where
#   malloc has nothing left the function returns at once. It is void, so nothing tells, and the output keeps what it
#   held: the answer to the sample before. A network whose images are smaller has no malloc, so trials with a small one
#   show nothing. --large-temp-threshold 0 leaves the heap alone and takes the stack.
# Versions: emx-onnx-cgen 1.4.0, onnx 1.23.2, Debian 12's gcc 12.2, Python 3.11, Linux x86-64. Seen on 2026-11-30.
# For a user: give --large-temp-threshold 0 and look at the stack, or the heap of a microcontroller, which is often a few KB
#   or none, decides in silence whether a network runs.
set -euo pipefail

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
"${PYTHON:-python3.11}" -m venv "$dir/venv"
"$dir/venv/bin/pip" install --quiet emx-onnx-cgen==1.4.0 onnx==1.23.2 numpy==2.4.6

cd "$dir"
cat > main.c <<'C'
#include <stddef.h>
#include <stdio.h>

void model(const float x[1][4][16][16], float y[1][4][16][16]);

static size_t left;
static char heap[1 << 16];

void *malloc(size_t size) { /* a heap that is never given back, as a small one that is full */
    if (size > left)
        return NULL;
    left -= size;
    return heap + left;
}
void free(void *block) { (void)block; }

static float x[1][4][16][16], y[1][4][16][16];

static float answer(float value, size_t bytes) {
    for (int i = 0; i < 4 * 16 * 16; i++)
        (&x[0][0][0][0])[i] = value;
    left = bytes;
    model(x, y);
    return y[0][3][15][15];
}

int main(void) {
    float enough = answer(-3, sizeof heap), none = answer(-5, 0);
    float again = answer(-5, sizeof heap);
    fprintf(stderr, "the answer to -3 with 64 KiB of heap is %g, to -5 without a heap %g, with 64 KiB %g\n", enough, none, again);
    return 0;
}
C
"$dir/venv/bin/python" - <<'PYTHON'
import onnx
from onnx import TensorProto, helper

shape = [1, 4, 16, 16]
nodes = [helper.make_node(*node) for node in (("Neg", ["x"], ["a"]), ("Relu", ["a"], ["b"]), ("Abs", ["b"], ["y"]))]
x, y = (helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name in "xy")
model = helper.make_model(helper.make_graph(nodes, "graph", [x], [y]), opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
onnx.checker.check_model(model)
onnx.save(model, "net.onnx")
PYTHON

{
  echo "emx-onnx-cgen $("$dir/venv/bin/pip" list 2> /dev/null | sed -n 's/^emx-onnx-cgen *//p')"
  for options in "" "--large-temp-threshold 0"; do
    "$dir/venv/bin/emx-onnx-cgen" compile $options net.onnx model.c > log
    gcc -w -O1 -fno-builtin main.c model.c -lm -o run
    echo "${options:-by default}: $(grep -c 'malloc(' model.c || true) calls of malloc; $(./run 2>&1)"
  done
} | tee seen
cat > expected <<'EXPECTED'
emx-onnx-cgen 1.4.0
by default: 2 calls of malloc; the answer to -3 with 64 KiB of heap is 3, to -5 without a heap 3, with 64 KiB 5
--large-temp-threshold 0: 0 calls of malloc; the answer to -3 with 64 KiB of heap is 3, to -5 without a heap 5, with 64 KiB 5
EXPECTED
diff -q expected seen > /dev/null || { echo "changed: this is no longer what was seen"; exit 1; }
# Seen:
#   emx-onnx-cgen 1.4.0
#   by default: 2 calls of malloc; the answer to -3 with 64 KiB of heap is 3, to -5 without a heap 3, with 64 KiB 5
#   --large-temp-threshold 0: 0 calls of malloc; the answer to -3 with 64 KiB of heap is 3, to -5 without a heap 5, with 64 KiB 5
