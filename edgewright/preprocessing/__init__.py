"""What `[preprocess]` may declare, one module a kind; `log_mel.py` is the kind "log-mel" because it is there.

A kind has

    OPTIONS: type[Section]               its keys of `[preprocess]`
    plan(options, shape) -> Plan         what is done to an example of this shape: from raw numbers, which a device
                                         reads, to whole numbers (levels), by operators of the compiler, and from levels
                                         to what the model sees

and may have

    fit(options, examples) -> options    the same with what is computed of the training examples, as they come to it,
                                         which is pinned then; of a stream behind another kind [N, rows, numbers]
    then(options, plan) -> Plan          the same behind other kinds, whose plan goes on; without it the kind stands
                                         first, or alone
    part(options) -> options             of one among several: its own part, without what another kind is there for
    GIVES = "rows" or "pictures"         what comes of it, where that is another thing than what it takes
    AFTER = "rows" or "pictures"         what has to come to it from another kind
    READS, NORMALISES                    names of keys: those that say what the device reads, which only the first kind
                                         has, and those that only a kind that stands alone has

A plan is data. Training and evaluation take its features (`frontend.features`), a device its C (`frontend.header`):
both run the same C for the operators, and the rest in numbers that every machine computes alike.
"""

from edgewright.preprocessing._plan import LEVELS, Mix, Plan, Raw, Scaling, Stream

__all__ = ["LEVELS", "Mix", "Plan", "Raw", "Scaling", "Stream"]
