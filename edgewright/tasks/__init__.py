"""What a model's answers are worth: its outputs as scores, held against the truth by the metrics of its task.

`figures` gives all of them with their intervals, `value` the one that decides. They need numpy alone.
"""

from edgewright.tasks._anomaly import Anomaly, threshold
from edgewright.tasks._figures import Figure, Truths, figures, of_json, record, value
from edgewright.tasks._own import metric_of

__all__ = ["Anomaly", "Figure", "Truths", "figures", "metric_of", "of_json", "record", "threshold", "value"]
