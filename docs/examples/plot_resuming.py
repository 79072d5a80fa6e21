"""
A training that is interrupted, and resumed
===========================================

With ``checkpoint="folder"`` a fit stores its state while it runs. If the process ends,
the same call resumes from the last stored epoch, and its result is that of an
uninterrupted fit, bit for bit. Here a callback raises an error in the middle, in place
of a power cut. ``demo_checkpoint.py`` beside this example kills a process.
"""

from tempfile import TemporaryDirectory

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits
from skorch.callbacks import Callback

from skcrowd import CrowdClassifier
from skcrowd.datasets import make_annotations


class PowerCut(Callback):
    """Raise an error once, after the twelfth epoch."""

    happened = False

    def on_epoch_end(self, net, **kwargs):
        """End the first training."""
        if len(net.history) == 12 and not PowerCut.happened:
            PowerCut.happened = True
            raise RuntimeError("the power is gone")


X, truth = load_digits(return_X_y=True)
Y = make_annotations(truth, 10, answers_per_item=3, random_state=0).annotations

with TemporaryDirectory() as folder:
    clf = CrowdClassifier(
        checkpoint=folder, callbacks=[PowerCut()], max_epochs=25, random_state=0
    )
    try:
        clf.fit(X, Y)
    except RuntimeError as error:
        print(f"fit ended: {error}")
    clf.fit(X, Y)  # resumes

plain = CrowdClassifier(max_epochs=25, random_state=0).fit(X, Y)
same = np.array_equal(clf.predict_proba(X), plain.predict_proba(X))
print(f"{clf.n_iter_} epochs; the same bits as without an interruption: {same}")

# %%
# The history is that of one training. In its first five epochs the network learns the
# vote, and then the answers, so the loss is another one from there on.

fig, ax = plt.subplots(layout="constrained", figsize=(6, 3))
ax.plot(clf.history_[:, "train_loss"], color="#0a7d91")
ax.axvline(11, color="#e98b39", ls="--")
ax.text(11.3, ax.get_ylim()[1] * 0.9, "interrupted and resumed")
ax.set_xlabel("epoch")
ax.set_ylabel("training loss")
plt.show()
