"""The channels of a Keras model: which of them must go together, what they cost, and how they are cut out.

units.py     channels that only go together, by union-find
model.py     what a walk through a model finds: units, weights, settings of layers, what cannot be seen through
rules.py     what each kind of layer does with the channels that it gets
walk.py      model -> Structure
costs.py     weights, multiply-accumulates and int8 bytes of what is left
criteria.py  how much each unit matters
choose.py    which units go
cut.py       a new model with smaller tensors
"""
