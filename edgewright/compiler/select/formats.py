"""The formats in which a layer's weights can be stored, each with the kernel that reads it.

Weights are coded in two ways: for a kernel that decodes them as it multiplies, where the operator has one, or for a raw
kernel, behind calls that decode its array into scratch. The cheaper is taken. Biases and factors that a kernel takes as
arrays are coded beside them, where the options allow.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

from edgewright import ops
from edgewright.compiler.ir import CompileOptions
from edgewright.compiler.select.candidate import RAW, Candidate, Candidates
from edgewright.compiler.select.headroom import Headroom
from edgewright.compiler.select.kernels import best_kernel, shared_inputs
from edgewright.compiler.select.price import cycles_per_byte, cycles_per_byte_of_ram, estimate
from edgewright.errors import UserError
from edgewright.kernels.call import Call
from edgewright.kernels.channels import with_coded_channels
from edgewright.kernels.core import Core
from edgewright.kernels.unpack import decoded, unpacked
from edgewright.kernels.weight_formats import UNPACKED
from edgewright.tflite.graph import View


def candidates(view: View, raw: Candidate, core: Core, options: CompileOptions, headroom: Headroom) -> Candidates:
    """A layer's candidates by format, `raw` one of them; "coded" is the better of two that keep within the headroom."""
    op = ops.get_for(view)
    found = {RAW: raw}
    if view.node.index in options.variants:
        return found
    for storage in op.storages:
        if op.unsupported(view, storage, core) is None:
            found[storage] = _candidate(view, storage, storage, op.lower(view, storage), raw, core)
    kernel = _codable(view, raw, core, options)
    if kernel is not None:
        once = unpacked(kernel.calls) or ()
        found |= {each: replace(kernel, format=each, calls=once) for each in UNPACKED}
        if op.macs(view):
            both = [found["coded"]] if "coded" in found else []
            both.append(_candidate(view, "coded", kernel.variant, decoded(once), raw, core))
            found["coded"] = _better(both, headroom.of(view), options)
    if "coded" in found and options.coded_channels:
        calls = (
            kernel.calls if kernel is not None and found["coded"].variant == kernel.variant else found["coded"].calls
        )
        smaller = _candidate(view, "coded", found["coded"].variant, _with_channels(calls), raw, core)
        found["coded"] = smaller if smaller.ram_bytes <= headroom.of(view) else found["coded"]
    return found


def _with_channels(calls: tuple[Call, ...]) -> tuple[Call, ...]:
    """Calls of a layer with coded biases and factors, where it is worth it, behind what decodes its weights."""
    coded = with_coded_channels(calls)
    pieces = unpacked(coded)
    return coded if pieces is None else decoded(pieces)


def _candidate(
    view: View, storage: str, variant: str, calls: tuple[Call, ...], raw: Candidate, core: Core
) -> Candidate:
    made = Candidate(storage, variant, calls, estimate(view, calls, core))
    more = made.scratch_bytes - raw.scratch_bytes + _no_longer_shared(view, raw.variant, variant)
    return replace(made, ram_bytes=max(more, 0))


def _no_longer_shared(view: View, raw: str, variant: str) -> int:
    """Bytes that input and output of the raw kernel may have in common, where those of the variant may have none."""
    if shared_inputs(view, variant):
        return 0
    return max((min(view.input(i).bytes, view.output().bytes) for i in shared_inputs(view, raw)), default=0)


def _codable(view: View, raw: Candidate, core: Core, options: CompileOptions) -> Candidate | None:
    """The fastest kernel whose weights can be coded as they lie; None where there is none."""
    kernels = _raw_kernels(view, raw, core, options)
    return next((each for each in kernels if unpacked(each.calls) is not None), None)


def _raw_kernels(view: View, raw: Candidate, core: Core, options: CompileOptions) -> list[Candidate]:
    """All kernels of a layer that take raw weights: the one that is chosen first, then the fastest."""
    others = []
    for kernel in ops.get_for(view).kernels_on(core):
        if kernel.name != raw.variant:
            with suppress(UserError):
                others.append(best_kernel(view, core, options, kernel.name))
    return [raw, *sorted(others, key=lambda each: each.cycles)]


def _better(found: Sequence[Candidate], room: float, options: CompileOptions) -> Candidate:
    """The cheaper one of those that need no more RAM than there is; where none does, the one that needs least."""
    fitting = [each for each in found if each.ram_bytes <= room]
    if not fitting:
        return min(found, key=lambda c: c.ram_bytes)
    flash, ram = cycles_per_byte(options), cycles_per_byte_of_ram(options)
    return min(fitting, key=lambda c: c.cycles + flash * c.constant_bytes + ram * c.scratch_bytes)
