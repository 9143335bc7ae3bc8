"""What `[preprocess]` declares, done: on this machine to examples, on a device by C. Its kinds are `preprocessing`.

fitted(steps, examples, where)       kinds one after the other, with what is computed of the training examples
planned(steps, shape)                what they do, as one plan
features(plan, examples, where)      what the model sees of examples, by the same C as on the device
raw_numbers(raw, examples, where)    what a device would have read of them
header(kind, plan, graph, name)      the C header between what a device reads and the model
"""

from edgewright.frontend.chain import Step, fitted, planned
from edgewright.frontend.features import Features, features, levels, raw_numbers
from edgewright.frontend.header import Header, header

__all__ = ["Features", "Header", "Step", "features", "fitted", "header", "levels", "planned", "raw_numbers"]
