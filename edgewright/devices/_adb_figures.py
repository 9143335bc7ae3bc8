"""Clock and temperature of a phone, from what its kernel lets the shell's user read."""

from __future__ import annotations

from edgewright.devices._adb import Phone
from edgewright.devices._client import Condition

# Of all cores the fastest counts, of all sensors the hottest CPU; a sensor that cannot be read says nothing.
_SCRIPT = """
for core in /sys/devices/system/cpu/cpu[0-9]*; do
    for name in scaling_cur_freq scaling_max_freq cpuinfo_max_freq scaling_governor; do
        echo "$name=$(cat "$core/cpufreq/$name" 2>/dev/null)"
    done
done
for zone in /sys/class/thermal/thermal_zone*; do
    case "$(cat "$zone/type" 2>/dev/null)" in
        *cpu*|*CPU*|*big*|*BIG*|*little*|*LITTLE*|*mid*|*MID*|*soc*) echo "temp=$(cat "$zone/temp" 2>/dev/null)" ;;
    esac
done
exit 0
"""


def condition(phone: Phone) -> Condition:
    """What the phone says now; None for what it does not."""
    found: dict[str, list[str]] = {}
    for line in phone.do("reading its clock and temperature", _SCRIPT).splitlines():
        name, _, value = line.partition("=")
        if value.strip():
            found.setdefault(name, []).append(value.strip())

    def most(name: str) -> int | None:
        numbers = [int(value) for value in found.get(name, ()) if value.isdigit()]
        return max(numbers, default=None)

    governors = list(dict.fromkeys(found.get("scaling_governor", ())))
    return Condition(
        governor=", ".join(governors) or None,
        clock_khz=most("scaling_cur_freq"),
        clock_limit_khz=most("scaling_max_freq"),
        clock_max_khz=most("cpuinfo_max_freq"),
        temperature_mc=most("temp"),
        firmware_flags=None,
    )
