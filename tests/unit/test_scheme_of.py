"""What a .tflite that is brought is called, of files as converters write them."""

import pytest

from edgewright.tflite.describe import computes_in_float, scheme_of
from edgewright.tflite.reader import read_model
from testbench.zoo._files import FILES

SCHEMES = {
    "ai-edge-quantizer-dynamic": "dynamic",
    "ai-edge-quantizer-int16x8": "int16x8",
    "ai-edge-quantizer-int8": "int8",
    "keras-export": "float32",
    "tf-default": "int8",
    "tf-float32": "float32",
    "tf-int16x8": "int16x8",
    "tf-uint8": "int8",
    "tfmot-qat": "int8",
}


@pytest.mark.parametrize(("folder", "scheme"), SCHEMES.items())
def test_the_scheme_of_files(folder: str, scheme: str) -> None:
    files = sorted((FILES / folder).glob("*.tflite"))
    assert files
    for file in files:
        graph = read_model(file)
        assert (scheme_of(graph), computes_in_float(graph)) == (scheme, scheme in {"float32", "dynamic"}), file
