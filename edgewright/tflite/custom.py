"""Custom operators that the compiler knows: what they are called, and their attributes, a flexbuffer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flatbuffers import flexbuffers

NAMES: Mapping[str, str] = {
    "TFLite_Detection_PostProcess": "DETECTION_POSTPROCESS",
    "SignalDelay": "SIGNAL_DELAY",
    "SignalEnergy": "SIGNAL_ENERGY",
    "SignalFftAutoScale": "SIGNAL_FFT_AUTO_SCALE",
    "SignalFilterBank": "SIGNAL_FILTER_BANK",
    "SignalFilterBankLog": "SIGNAL_FILTER_BANK_LOG",
    "SignalFilterBankSpectralSubtraction": "SIGNAL_FILTER_BANK_SPECTRAL_SUBTRACTION",
    "SignalFilterBankSquareRoot": "SIGNAL_FILTER_BANK_SQUARE_ROOT",
    "SignalFramer": "SIGNAL_FRAMER",
    "SignalIrfft": "SIGNAL_IRFFT",
    "SignalOverlapAdd": "SIGNAL_OVERLAP_ADD",
    "SignalPCAN": "SIGNAL_PCAN",
    "SignalRfft": "SIGNAL_RFFT",
    "SignalStacker": "SIGNAL_STACKER",
    "SignalWindow": "SIGNAL_WINDOW",
}
"""By the name in the file."""

_NUMBERS: Mapping[str, Mapping[str, type]] = {
    "DETECTION_POSTPROCESS": {
        **dict.fromkeys(("max_detections", "max_classes_per_detection", "num_classes"), int),
        **dict.fromkeys(("nms_score_threshold", "nms_iou_threshold"), float),
        **dict.fromkeys(("y_scale", "x_scale", "h_scale", "w_scale"), float),
        "use_regular_nms": bool,
    },
    "SIGNAL_DELAY": {"delay_length": int},
    "SIGNAL_ENERGY": dict.fromkeys(("start_index", "end_index"), int),
    "SIGNAL_FILTER_BANK": {"num_channels": int},
    "SIGNAL_FILTER_BANK_LOG": dict.fromkeys(("input_correction_bits", "output_scale"), int),
    "SIGNAL_FILTER_BANK_SPECTRAL_SUBTRACTION": {
        **dict.fromkeys(("smoothing", "alternate_smoothing", "one_minus_smoothing"), int),
        **dict.fromkeys(("alternate_one_minus_smoothing", "min_signal_remaining", "num_channels"), int),
        **dict.fromkeys(("smoothing_bits", "spectral_subtraction_bits"), int),
        "clamping": bool,
    },
    "SIGNAL_FRAMER": {"frame_size": int, "frame_step": int, "prefill": bool},
    "SIGNAL_IRFFT": {"fft_length": int},
    "SIGNAL_OVERLAP_ADD": {"frame_step": int},
    "SIGNAL_PCAN": {"snr_shift": int},
    "SIGNAL_RFFT": {"fft_length": int},
    "SIGNAL_STACKER": dict.fromkeys(
        ("num_channels", "stacker_left_context", "stacker_right_context", "stacker_step"), int
    ),
    "SIGNAL_WINDOW": {"shift": int},
}


def read_custom(op: str, data: bytes) -> dict[str, Any]:
    """The attributes that are there and can be read; the operator's check tells of those that are missing."""
    wanted = _NUMBERS.get(op)
    if wanted is None or not data:
        return {}
    found = {}
    for name, kind in wanted.items():
        try:
            value = flexbuffers.GetRoot(bytearray(data)).AsMap[name]
            found[name] = kind(value.AsFloat if kind is float else value.AsInt)
        except Exception:  # noqa: BLE001, S112 - the file is hostile, the library raises whatever it meets
            continue
    return found
