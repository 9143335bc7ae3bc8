"""What /proc/cpuinfo and /sys/devices/system/cpu say on an Arm board, for programs that ask the kernel about the CPU.

User-mode emulation passes these files through from the machine below, where they speak of an x86 processor; LiteRT's
cpuinfo library then follows a null pointer. QEMU looks absolute paths up in its -L folder first, so the right files in
there are found instead.

The figures are of the Raspberry Pi, or else of a usual board, that carries the core (Arm's technical reference manuals
and the boards' data sheets).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Cpu:
    """A core: MIDR fields as in /proc/cpuinfo, clock in MHz, cache sizes in KiB (l3 0: none)."""

    part: int
    variant: int
    revision: int
    mhz: int
    l1i: int
    l1d: int
    l2: int
    l3: int = 0
    features: str = "fp asimd evtstrm crc32 cpuid"
    architecture: int = 8


_V7 = "half thumb fastmult vfp edsp neon vfpv3 tls vfpv4 idiva idivt vfpd32 lpae evtstrm"
_V8_2 = "fp asimd evtstrm aes pmull sha1 sha2 crc32 atomics fphp asimdhp cpuid asimdrdm lrcpc dcpop asimddp"

CPUS = {
    "cortex-a7": Cpu(0xC07, 0, 5, 900, 32, 32, 512, 0, _V7, 7),  # Raspberry Pi 2
    "cortex-a15": Cpu(0xC0F, 2, 3, 1700, 32, 32, 1024, 0, _V7, 7),
    "cortex-a35": Cpu(0xD04, 0, 2, 1300, 32, 32, 512),
    "cortex-a53": Cpu(0xD03, 0, 4, 1400, 32, 32, 512),  # Raspberry Pi 3
    "cortex-a57": Cpu(0xD07, 1, 1, 1900, 48, 32, 2048),
    "cortex-a72": Cpu(0xD08, 0, 3, 1500, 48, 32, 1024),  # Raspberry Pi 4
    "cortex-a76": Cpu(0xD0B, 4, 1, 2400, 64, 64, 512, 2048, _V8_2),  # Raspberry Pi 5
    "neoverse-n1": Cpu(0xD0C, 3, 1, 2600, 64, 64, 1024, 32768, _V8_2),
}
_LINE_BYTES = 64


def write_tree(root: Path, cpu: Cpu, cores: int) -> None:
    """Write proc/cpuinfo and sys/devices/system/cpu below `root` for `cores` equal cores."""
    for path, text in _files(cpu, cores).items():
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)


def _files(cpu: Cpu, cores: int) -> dict[str, str]:
    base = "sys/devices/system/cpu"
    every = f"0-{cores - 1}" if cores > 1 else "0"
    files = {f"{base}/{name}": f"{every}\n" for name in ("possible", "present", "online")}
    files[f"{base}/kernel_max"] = f"{cores - 1}\n"
    files["proc/cpuinfo"] = "\n".join(_processor(cpu, number) for number in range(cores))
    for number in range(cores):
        files |= {f"{base}/cpu{number}/{name}": f"{text}\n" for name, text in _core(cpu, number, every).items()}
    return files


def _processor(cpu: Cpu, number: int) -> str:
    return (
        f"processor\t: {number}\n"
        "BogoMIPS\t: 108.00\n"
        f"Features\t: {cpu.features}\n"
        "CPU implementer\t: 0x41\n"
        f"CPU architecture: {cpu.architecture}\n"
        f"CPU variant\t: 0x{cpu.variant:x}\n"
        f"CPU part\t: 0x{cpu.part:03x}\n"
        f"CPU revision\t: {cpu.revision}\n"
    )


def _core(cpu: Cpu, number: int, every: str) -> dict[str, str]:
    files = {
        "topology/physical_package_id": "0",
        "topology/core_id": f"{number}",
        "topology/core_siblings_list": every,
        "topology/thread_siblings_list": f"{number}",
        "cpufreq/cpuinfo_max_freq": f"{cpu.mhz * 1000}",
        "cpufreq/cpuinfo_min_freq": f"{cpu.mhz * 400}",
    }
    own = f"{number}"
    caches = [
        (1, "Data", cpu.l1d, own),
        (1, "Instruction", cpu.l1i, own),
        (2, "Unified", cpu.l2, own if cpu.l3 else every),
    ]
    if cpu.l3:
        caches.append((3, "Unified", cpu.l3, every))
    for index, cache in enumerate(caches):
        files |= {f"cache/index{index}/{name}": text for name, text in _cache(*cache).items()}
    return files


def _cache(level: int, kind: str, size: int, shared: str) -> dict[str, str]:
    ways = 4 if level == 1 else 16
    return {
        "level": f"{level}",
        "type": kind,
        "size": f"{size}K",
        "coherency_line_size": f"{_LINE_BYTES}",
        "ways_of_associativity": f"{ways}",
        "number_of_sets": f"{size * 1024 // (_LINE_BYTES * ways)}",
        "shared_cpu_list": shared,
    }
