"""The second boot stage of an RP2040: 252 bytes of code and their CRC, without which the boot ROM does not go on."""

from __future__ import annotations

from edgewright.errors import ToolError

CODE_BYTES = 252


def checksum(code: bytes) -> int:
    """CRC-32 as the boot ROM takes it: polynomial 0x04c11db7, from all ones, no reflection, no final inversion."""
    crc = 0xFFFFFFFF
    for byte in code:
        crc ^= byte << 24
        for _ in range(8):
            crc = (crc << 1 ^ 0x04C11DB7 if crc & 0x80000000 else crc << 1) & 0xFFFFFFFF
    return crc


def assembly(code: bytes) -> str:
    """Assembler text of the whole stage, 256 bytes in section .boot2."""
    if len(code) > CODE_BYTES:
        raise ToolError(f"the second boot stage has {len(code)} bytes, more than the {CODE_BYTES} that fit")
    padded = code.ljust(CODE_BYTES, b"\0")
    whole = padded + checksum(padded).to_bytes(4, "little")
    rows = [", ".join(f"0x{byte:02x}" for byte in whole[at : at + 16]) for at in range(0, len(whole), 16)]
    return '    .section .boot2, "a", %progbits\n' + "".join(f"    .byte {row}\n" for row in rows)
