"""What boards were published to take, in milliseconds an inference.

From the logs of MLPerf Tiny (mlcommons/tiny_results_v1.1 and v1.2, closed division, int8) and from EdgeMark (2024),
whose TensorFlow Lite Micro uses CMSIS-NN and whose clock stands in its sources.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

NETWORKS = ("ad", "ic", "kws", "vww")


@dataclass(frozen=True)
class Published:
    """A library on a board: times by network, in the order of NETWORKS."""

    library: str
    board: str
    target: str
    mhz: int
    times_ms: tuple[float, float, float, float]

    @property
    def cycles(self) -> Mapping[str, float]:
        """Cycles by network."""
        return {name: ms * self.mhz * 1e3 for name, ms in zip(NETWORKS, self.times_ms, strict=True)}


CMSIS_NN = (
    Published("microTVM with CMSIS-NN, MLPerf Tiny 1.1", "NUCLEO-L4R5ZI", "mcu", 120, (8.61, 389.6, 99.8, 300.8)),
    Published("TFLM with CMSIS-NN, EdgeMark", "NUCLEO-L4R5ZI", "mcu", 120, (8.92, 407.7, 110.6, 384.7)),
    Published("microTVM with CMSIS-NN, MLPerf Tiny 1.1", "nRF5340-DK", "mcu-m33", 128, (6.29, 317.9, 76.5, 233.3)),
)
"""Whose kernels can be built and counted here."""

_M4, _M33, _M7 = ("NUCLEO-L4R5ZI", "mcu", 120), ("NUCLEO-U575ZI-Q", "mcu-m33", 160), ("NUCLEO-H7A3ZI-Q", "mcu-m7", 280)
SAME_LIBRARY = (
    Published("X-CUBE-AI 9.0", *_M4, (5.26, 165.1, 43.2, 88.9)),
    Published("X-CUBE-AI 9.0", *_M33, (3.43, 111.1, 29.1, 59.3)),
    Published("X-CUBE-AI 9.0", *_M7, (1.225, 40.8, 11.3, 23.8)),
    Published("Plumerai 2023.05", *_M4, (4.05, 167.8, 47.8, 98.8)),
    Published("Plumerai 2023.05", *_M33, (3.67, 104.3, 30.0, 59.5)),
    Published("Plumerai 2023.05", *_M7, (1.348, 50.9, 13.9, 26.8)),
    Published("HALE 1.0.175", *_M4, (5.84, 180.5, 60.2, 180.5)),
    Published("HALE 1.0.175", *_M33, (3.80, 120.5, 38.6, 119.8)),
    Published("HALE 1.0.175", *_M7, (1.359, 45.8, 14.7, 43.8)),
)
"""Closed libraries on boards of several cores: what one core takes of another's cycles."""
