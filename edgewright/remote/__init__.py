"""Stages on other machines: what a build sends, what a worker keeps and does, and how what is made comes back.

    build                                        worker
    request: words, files by hash, outputs  -->  environment as in the lock? files there?
                                            <--  "want": hashes of those that are not
    files, once a worker                    -->  store, by hash; then a folder of links for the stage
                                            <--  "log", "live": what the stage says, as it says it
                                            <--  answer: status, outputs by hash
    outputs that are not in the answer      <->  store
    aside, checked, renamed together

Nothing here knows an engine: `edgewright.executors` has these.
"""

from edgewright.remote._client import Remote
from edgewright.remote._request import Shipment
from edgewright.remote._worker import BOUND_BYTES, set_up

__all__ = ["BOUND_BYTES", "Remote", "Shipment", "set_up"]
