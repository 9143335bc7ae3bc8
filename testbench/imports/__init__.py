"""Networks in the formats that people bring, each imported, quantized, compiled and held against TensorFlow Lite Micro.

    python -m testbench.imports make --work FOLDER      # the files: packages of this environment, and of the ONNX zoo
    python -m testbench.imports check --work FOLDER     # imports all of them, as stages do; a process each
    python -m testbench.imports cost --work FOLDER      # what MobileNetV2 costs, beside the converter alone
    python -m testbench.imports page > docs/import.md
    python -m testbench.imports freeze --work FOLDER    # copies the few that tests read to testbench/imports/files

The networks are those of testbench.zoo, and some of keras.applications with random weights.
"""
