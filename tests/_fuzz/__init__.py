"""Random inputs for the estimators, and a judge of what becomes of them.

A case is drawn from its seed and number alone. It ends well if

- the input is another form of answers or features that are known, and what is learned
  has the same bits as from their plain form, or
- the input means nothing, and a ValueError or TypeError of skcrowd or scikit-learn says
  so before the first training step, and an earlier fit still predicts what it did, or
- it may mean something, and everything that comes out is finite, or it is refused.

All else is a finding. ``python -m _fuzz --cases 4000 --seed 0`` from the folder of the
tests runs many; `tests/test_fuzz.py` runs some.
"""
