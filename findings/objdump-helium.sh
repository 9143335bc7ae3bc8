#!/usr/bin/env bash
# Does objdump show the vector instructions of a Cortex-M55?
#
# One would guess: yes. The file says in its own attributes that it is for Armv8.1-M with MVE, the assembler of the same
#   package made it, and objdump reads these attributes to choose the architecture.
# What happens: additions of vectors have their names, but loads and stores of vectors are LDC and STC of coprocessor 14 or 15,
#   products CDP, and VCTP is BFCSEL, a branch that the code does not hold. With --architecture=armv8.1-m.main, which is
#   what the attributes say, all have their names.
# Versions: binutils-arm-none-eabi 2.40-2+18+b1 of Debian 12, x86-64. Seen on 2026-11-30.
# For a user: whoever counts or prices instructions by objdump's names takes the most costly ones of Helium for scalar ones.
#   Name the architecture; for code of older cores what it shows stays the same.
set -euo pipefail

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
apt-get download --quiet --quiet binutils-arm-none-eabi=2.40-2+18+b1 2> /dev/null
dpkg --extract binutils-arm-none-eabi_*.deb .
tools=$dir/usr/bin/arm-none-eabi

printf '%s\n' '.syntax unified' '.thumb' 'vldrb.u8 q1, [r7], #16' 'vmladava.s8 r2, q0, q1' 'vadd.i32 q0, q1, q2' \
  'vmullb.s8 q3, q1, q2' 'vstrb.8 q1, [r5]' 'vctp.8 r3' > code.s
"$tools-as" -march=armv8.1-m.main+mve -o code.o code.s

names() { "$tools-objdump" --disassemble "$@" code.o | awk -F '\t' 'NF > 2 { print $3 }' | paste --serial --delimiters=' '; }

"$tools-objdump" --version | head -n 1
echo "its attributes:   $("$tools-readelf" --arch-specific code.o | grep --extended-regexp 'CPU_arch:|MVE' | sed 's/.*Tag_//' | paste --serial --delimiters=' ')"
by_attributes=$(names)
by_name=$(names --architecture=armv8.1-m.main)
echo "by attributes:    $by_attributes"
echo "by its name:      $by_name"
if [ "$by_attributes" != 'ldc cdp vadd.i32 cdp stc bfcsel' ] || [ "${by_name%% *}" != vldrb.u8 ]; then
  echo "changed: this is no longer what was seen"
  exit 1
fi
# Seen:
#   GNU objdump (2.40-2+18+b1) 2.40
#   its attributes:   CPU_arch: v8.1-M.mainline MVE_arch: MVE Integer only
#   by attributes:    ldc cdp vadd.i32 cdp stc bfcsel
#   by its name:      vldrb.u8 vmlava.s8 vadd.i32 vmullb.s8 vstrb.8 vctp.8
