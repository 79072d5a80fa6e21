"""
A transformer on texts
======================

An encoder of the library transformers is fine-tuned together with the annotators. Here
it is a small one with random weights, and a tokenizer made from the texts themselves,
so that nothing is downloaded; with ``module__model="distilbert-base-cased"`` and
without ``module__tokenizer`` it would be a pretrained one.
"""

import matplotlib.pyplot as plt
import numpy as np
import torch
from tokenizers import Tokenizer, models, pre_tokenizers, trainers
from transformers import BertConfig, PreTrainedTokenizerFast

from skcrowd import CrowdClassifier
from skcrowd.datasets import make_annotations
from skcrowd.plots import AnnotatorAccuracyDisplay
from skcrowd.transformers import TextClassifierModule

# %%
# Reviews, simulated
# ------------------
# "not" turns the next word around, so the order of the words counts.

MOOD = {"great": 1, "lovely": 1, "funny": 1, "dull": -1, "awful": -1, "slow": -1}
WORDS = [*MOOD, "not", "the", "film", "plot", "was", "a", "and"]
rng = np.random.default_rng(0)


def write():
    """Return a review and its mood."""
    words = rng.choice(WORDS, rng.integers(4, 9)).tolist()
    before = ["", *words]
    signs = [-1 if word == "not" else 1 for word in before]
    mood = sum(s * MOOD.get(w, 0) for s, w in zip(signs, words, strict=False))
    return " ".join(words), mood


reviews = [(text, mood) for text, mood in (write() for _ in range(1600)) if mood]
texts = [text for text, _ in reviews]
truth = np.array(["positive" if mood > 0 else "negative" for _, mood in reviews])
print(texts[:2], truth[:2])

# %%
# Tokenizer and encoder
# ---------------------

pieces = Tokenizer(models.WordLevel(unk_token="[UNK]"))
pieces.pre_tokenizer = pre_tokenizers.Whitespace()
trainer = trainers.WordLevelTrainer(special_tokens=["[PAD]", "[UNK]"])
pieces.train_from_iterator(texts, trainer)
tokenizer = PreTrainedTokenizerFast(
    tokenizer_object=pieces, pad_token="[PAD]", unk_token="[UNK]"
)
config = BertConfig(
    vocab_size=len(tokenizer),
    hidden_size=16,
    num_hidden_layers=1,
    num_attention_heads=2,
    intermediate_size=32,
    max_position_embeddings=16,
)

# %%
# Fit
# ---

n_train = 600
kinds = {"expert": 2, "average": 6, "random": 2}
crowd = make_annotations(truth[:n_train], kinds, answers_per_item=3, random_state=0)
torch.set_num_threads(1)
clf = CrowdClassifier(
    TextClassifierModule,
    module__model=config,
    module__tokenizer=tokenizer,
    lr=5e-3,
    max_epochs=10,
    random_state=0,
).fit(texts[:n_train], crowd.annotations)
print(f"accuracy on others: {clf.score(texts[n_train:], truth[n_train:]):.1%}")
print(clf.predict(["the film was not dull", "not funny and slow"]))

# %%

AnnotatorAccuracyDisplay.from_estimator(clf)
plt.show()
