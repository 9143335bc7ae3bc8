import pytest
from pydantic_core import PydanticCustomError

from edgewright.units import format_bytes, format_microseconds, parse_bytes, parse_hertz, parse_loss, parse_microseconds


@pytest.mark.parametrize(
    ("text", "size"), [("64 KiB", 65536), ("64KiB", 65536), ("1.5 MiB", 1572864), ("10 kB", 10000), ("7 B", 7)]
)
def test_sizes(text: str, size: int) -> None:
    assert parse_bytes(text) == size


@pytest.mark.parametrize("value", [64, 64.0, "64", "64 kib", "KiB", "-1 KiB", "1e3 B", "", None, ["1 KiB"], "0.5 B"])
def test_what_is_no_size(value: object) -> None:
    with pytest.raises(PydanticCustomError):
        parse_bytes(value)


def test_times_and_clocks() -> None:
    assert parse_microseconds("20 ms") == 20_000
    assert parse_microseconds("1.5 s") == 1_500_000
    assert parse_hertz("120 MHz") == 120_000_000


@pytest.mark.parametrize(("size", "text"), [(812, "812 B"), (1024, "1.0 KiB"), (55000, "53.7 KiB"), (2**21, "2.0 MiB")])
def test_sizes_for_people(size: int, text: str) -> None:
    assert format_bytes(size) == text


@pytest.mark.parametrize(("time_us", "text"), [(812, "812 us"), (53_700, "53.7 ms"), (2_500_000, "2.50 s")])
def test_times_for_people(time_us: float, text: str) -> None:
    assert format_microseconds(time_us) == text


@pytest.mark.parametrize(("value", "read"), [(0.01, 0.01), (0, 0.0), ("1 %", "1 %"), (" 0.50% ", "0.5 %")])
def test_losses(value: object, read: object) -> None:
    assert parse_loss(value) == read


@pytest.mark.parametrize("value", ["1", "-1 %", "% 1", "1e2 %", -0.1, float("nan"), float("inf"), True, None, [0.1]])
def test_what_is_no_loss(value: object) -> None:
    with pytest.raises(PydanticCustomError):
        parse_loss(value)
