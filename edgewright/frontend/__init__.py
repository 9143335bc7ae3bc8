"""What `[preprocess]` declares, as a graph of signal operators: compiled for the host as for the device.

front_end(section) -> Graph          int16 samples of a step -> int16 levels of the bands, 0 to 255
features(section, sounds)            whole sounds -> what the model learns from, by the same C on this machine
stream(...) -> str                   the C header that joins front end and model on the device
"""

from edgewright.frontend.features import LEVELS, features, levels
from edgewright.frontend.graph import front_end
from edgewright.frontend.stream import Streamed, stream

__all__ = ["LEVELS", "Streamed", "features", "front_end", "levels", "stream"]
