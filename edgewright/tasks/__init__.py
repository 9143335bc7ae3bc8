"""What a model's answers are worth: its outputs as scores, held against the truth by the metrics of its task.

`figures` gives all of them with their intervals, `value` the one that decides. They need numpy alone.
"""

from edgewright.tasks._anomaly import Anomaly, threshold
from edgewright.tasks._figures import Figure, Truths, figures, judged_by, of_json, record, scores_of, value
from edgewright.tasks._own import function_of, metric_of

__all__ = [
    "Anomaly",
    "Figure",
    "Truths",
    "figures",
    "function_of",
    "judged_by",
    "metric_of",
    "of_json",
    "record",
    "scores_of",
    "threshold",
    "value",
]
