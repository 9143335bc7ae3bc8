"""`--cpu-times` counts what tests start while it runs."""

from __future__ import annotations

import subprocess
import sys
import threading

from testbench.cpu_times import Clock

BURNS = "import sys, time\nwhile time.process_time() < 0.5: pass\nprint('done', flush=True)\nsys.stdin.read()"


def test_a_process_that_serves_several_tests_counts_while_it_runs() -> None:
    clock = Clock()
    before = clock.spent()
    command = [sys.executable, "-c", BURNS]
    started: list[subprocess.Popen[bytes]] = []
    pipe = subprocess.PIPE
    thread = threading.Thread(target=lambda: started.append(subprocess.Popen(command, stdin=pipe, stdout=pipe)))
    thread.start()  # whoever starts it
    thread.join()
    with started[0] as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"done\n"
        running = clock.spent() - before
        process.communicate()
    ended = clock.spent() - before
    assert 0.4 < running <= ended + 0.05  # by the ticks of the kernel's clock
