"""`edgewright new board`: what files of a chip's vendor tell, and what is asked for where they do not."""

from __future__ import annotations

import shutil
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from edgewright import cli
from edgewright.commands import new
from edgewright.commands._new import find
from edgewright.commands._new.chip import best, fits
from edgewright.home import home
from edgewright.sections.board import Board
from edgewright.spec import boards_of

CHIPS = Path(__file__).parent / "chips"
PACK = "Example.Chips_DFP.pdsc"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copytree(CHIPS, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def made(*words: str) -> Board:
    assert new.main(["board", "mine", *words]) == 0
    return boards_of(Path.cwd(), home())["mine"]


@pytest.mark.parametrize(
    ("chip", "name", "fitting"),
    [
        ("STM32F411RE", "STM32F411RETx", True),
        ("STM32F411RET6", "STM32F411RETx", True),
        ("stm32f411re", "STM32F411", True),
        ("STM32F411RE", "STM32F401", False),
        ("nRF52840-QIAA", "nRF52840_xxAA", True),
        ("nRF52840-QIAA", "nRF52840_xxAB", False),
        ("EXX1", "EX1", False),
        ("-", "EX1", False),
    ],
)
def test_names_that_mean_a_chip(chip: str, name: str, fitting: bool) -> None:
    assert fits(chip, name) is fitting


def test_the_name_that_says_most_is_meant() -> None:
    assert best("AB12CD", ["AB", "AB12", "AB12CDx", "AB12CE"]) == ["AB12"]
    assert best("AB12", ["AB12CD", "AB12", "AB12CE"]) == ["AB12"]
    assert best("AB", ["AB12", "AC12", "AB13"]) == ["AB12", "AB13"]


def test_a_pack_and_a_svd_file_tell_all(folder: Path) -> None:
    board = made("--chip", "EX411RE", "--uart", "USART2")
    assert (board.core.cpu, board.core.clock, board.core.fpu, board.core.dsp) == ("cortex-m4", 100_000_000, True, True)
    assert board.memory is not None
    assert (board.memory.flash.origin, board.memory.flash.size) == (0x08000000, 512 << 10)
    assert (board.memory.ram.origin, board.memory.ram.size) == (0x20000000, 128 << 10)
    assert board.source == "CMSIS-Pack Example.Chips_DFP 2.1.0; CMSIS-SVD EX411.svd 1.2"
    assert board.chip == "EX411RE"
    assert "# apart lies CCM: 0x10000000, 16 KiB" in (folder / "targets/boards/mine.toml").read_text()
    port = (folder / "firmware/ports/mine/port.c").read_text()
    assert "#define UART_CR1 0x4000440Cu" in port  # of the interface that it derives from
    assert "SPI1" not in port


def test_a_pack_as_the_vendor_gives_it_out(folder: Path) -> None:
    with zipfile.ZipFile(folder / "Example.Chips_DFP.2.1.0.pack", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(folder / PACK, PACK)
        archive.writestr("SVD/other.pdsc", "no")
    (folder / PACK).unlink()
    (folder / "EX411.svd").unlink()
    assert made("--chip", "EX411CCU6").memory.flash.size == 256 << 10  # type: ignore[union-attr]


def test_fast_ram_of_a_cortex_m7(folder: Path) -> None:
    memory = made("--chip", "EX743ZIT6").memory
    assert memory is not None
    assert memory.fast is not None
    assert (memory.ram.origin, memory.ram.size) == (0x24000000, 512 << 10)
    assert (memory.fast.origin, memory.fast.size) == (0x20000000, 128 << 10)


def test_one_of_several_processors(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["--chip", "EX5340-QKAA", "--processor"]
    assert cli.main(["new", "board", "mine", *words[:2]]) == 2
    assert "the chip has several processors, allowed: app, net" in capsys.readouterr().err
    board = made(*words, "net")
    assert (board.core.fpu, board.core.dsp, board.core.clock) == (False, False, 64_000_000)
    assert board.toolchain.cpu_flags == ["-mcpu=cortex-m33+nodsp", "-mthumb"]
    assert board.memory is not None
    assert board.memory.ram.origin == 0x21000000


def test_options_stand_before_files(folder: Path) -> None:
    board = made("--chip", "EX743ZI", "--clock", "400 MHz", "--ram", "64 KiB", "--ram-origin", "0x30000000")
    assert board.core.clock == 400_000_000
    assert board.memory is not None
    assert (board.memory.ram.origin, board.memory.fast) == (0x30000000, None)


def test_a_chip_that_there_is_a_port_for_gets_none_of_its_own(folder: Path) -> None:
    text = (folder / PACK).read_text().replace("EX411RETx", "STM32F411RETx")
    (folder / PACK).write_text(text)
    made("--chip", "STM32F411RET6")
    assert '# port      = "stm32f4"' in (folder / "targets/boards/mine.toml").read_text()
    assert not (folder / "firmware").exists()


def test_a_svd_file_alone_tells_the_core_and_the_rest_is_asked_for(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / PACK).unlink()
    assert cli.main(["new", "board", "mine", "--chip", "EX411RE"]) == 2
    said = capsys.readouterr().err
    assert "--clock, --flash, --flash-origin, --ram, --ram-origin: are missing" in said
    assert not (folder / "targets").exists()
    answers: Iterator[str] = iter(["84 MHz", "256 KiB", "0x08000000", "64 KiB", "0x20000000"])
    questions: list[str] = []
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True)
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setattr("builtins.input", lambda text: questions.append(text) or next(answers))
    board = made("--chip", "EX411RE")
    assert len(questions) == 5
    assert questions[0] == "its clock rate, for instance 64 MHz: "
    assert (board.core.cpu, board.core.clock) == ("cortex-m4", 84_000_000)


@pytest.mark.parametrize(
    ("file", "content", "said"),
    [
        ("x.pdsc", "<package>", "x.pdsc: is no XML"),
        ("x.svd", "<device></devise>", "x.svd: is no XML"),
        ("x.pack", "no archive", "x.pack: is no pack"),
        ("x.svd", '<!DOCTYPE d [<!ENTITY a "aaaa">]><device>&a;</device>', "defines entities"),
    ],
)
def test_files_that_are_damaged(
    folder: Path, capsys: pytest.CaptureFixture[str], file: str, content: str, said: str
) -> None:
    (folder / file).write_text(content)
    assert cli.main(["new", "board", "mine", "--chip", "EX411RE"]) == 2
    assert said in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--chip", "EX4"], "has several chips of this name, got 'EX4', allowed: EX411CCUx, EX411RETx"),
        (["--chip", "EX411RE", "--facts", "nowhere"], "--facts: no such folder, got 'nowhere'"),
        (["--chip", "EX411RE", "--uart", "USART3"], "allowed: USART1, USART2"),
        (["--chip", "EX411RE", "--cpu", "cortex-m44"], "did you mean 'cortex-m4'?"),
        (["--chip", "EX411RE", "--ram-origin", "top"], "--ram-origin: is no address, got 'top'"),
    ],
)
def test_mistakes(folder: Path, capsys: pytest.CaptureFixture[str], words: list[str], said: str) -> None:
    assert cli.main(["new", "board", "mine", *words]) == 2
    assert said in capsys.readouterr().err
    assert not (folder / "targets").exists()


def test_other_files_of_the_folder_say_nothing(folder: Path) -> None:
    (folder / "board.pdsc").write_text("<other/>")
    (folder / "notes.txt").write_text("<")
    assert find.facts_in(folder, "EX999").cpu is None
