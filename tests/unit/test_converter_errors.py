"""What is told of an error of TensorFlow's converter."""

from edgewright.tflite.converter_errors import THREE_D, gist, hint_for, unconverted

TRACED = """\
/somewhere/edgewright/training/bounded.py:45:1: error: 'tf.TensorListReserve' op requires element_shape to be static
os._exit(_work(work))
^
<unknown>:0: error: failed while converting: 'main': some ops are not supported
"""


def test_where_our_own_code_was_traced_is_left_out() -> None:
    expected = "error: 'tf.TensorListReserve' op requires element_shape to be static; error: failed while converting"
    assert gist(ValueError(TRACED)).startswith(expected)
    assert "bounded" not in gist(ValueError(TRACED))


def test_an_error_without_a_text_has_what_was_printed() -> None:
    assert gist(RuntimeError(), 'WARNING: x\nloc("a"): error: wrong\n') == 'loc("a"): error: wrong'
    assert gist(RuntimeError(), "") == "RuntimeError"


def test_what_tflite_lacks_is_named_with_what_to_do() -> None:
    lacks = (
        "Could not translate MLIR to FlatBuffer./a.py:58:1: error: 'tf.{}' op is neither a custom op nor a flex op\n"
    )
    error = unconverted("net", ValueError(lacks.format("MaxPool3D") * 2))
    assert str(error).startswith("net: TFLite has no MaxPool3D\n")
    assert error.hint == THREE_D
    assert "2-D" not in str(unconverted("net", ValueError(lacks.format("Betainc"))))
    assert str(unconverted("net", ValueError("odd"))) == "net: cannot be converted to TFLite: odd"
    assert hint_for(["CONV_3D"], "other") == THREE_D
    assert hint_for(["SIN"], "other") == "other"
