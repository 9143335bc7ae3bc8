"""What is told of an error of TensorFlow's converter."""

from edgewright.tflite.converter_errors import gist

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
