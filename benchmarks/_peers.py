"""Other packages on the same data; every one of them is optional."""

import numpy as np
import torch
from _networks import PlainNetwork, answer_epoch, answer_table
from torch import nn


class CrowdKitLayer(nn.Module):
    """crowd-kit's crowd layer (MW) behind the network's softmax."""

    def __init__(self, n_annotators, n_classes):
        from crowdkit.learning import CrowdLayer

        super().__init__()
        self.layer = CrowdLayer(n_classes, n_annotators, conn_type="mw")

    def forward(self, X, scores, annotator):
        """Scores of the answers, one row an answer."""
        return self.layer(scores.softmax(dim=1), annotator)


class CrowdKitCoNAL(nn.Module):
    """crowd-kit's CoNAL layer; the items' features are its embeddings."""

    def __init__(self, n_annotators, n_classes):
        from crowdkit.learning import CoNAL

        super().__init__()
        self.layer = CoNAL(n_classes, n_annotators)

    def forward(self, X, scores, annotator):
        """Scores of the answers, one row an answer."""
        n_each = len(scores) // len(X)
        return self.layer(X.repeat_interleave(n_each, dim=0), scores, annotator)


def crowdkit_training(make_head, X, annotations, *, batch_size, weight_decay, **sizes):
    """Set up a crowd-kit layer, the network below it, and one Adam for both.

    Returns
    -------
    network : PlainNetwork
    run_epoch : callable without arguments
    """
    n_classes = len(annotations.classes)
    X = torch.as_tensor(X)
    network = PlainNetwork(X.shape[1], n_classes, **sizes)
    head = make_head(annotations.n_annotators, n_classes)
    table = answer_table(annotations)
    with torch.no_grad():  # sizes lazy layers
        head(X[:2], network(X[:2]), torch.zeros(2, dtype=torch.int64))
    groups = [
        {"params": network.parameters(), "weight_decay": weight_decay},
        {"params": [p for p in head.parameters() if p.requires_grad]},
    ]
    optimizer = torch.optim.Adam(groups, lr=1e-3)

    def run_epoch():
        answer_epoch(network, head, optimizer, X, table, batch_size)

    return network, run_epoch


def skactiveml_classifier(
    kind, n_features, annotations, *, epochs, batch_size, weight_decay, seed, **more
):
    """Build a multi-annotator classifier of scikit-activeml, with shuffled batches.

    Parameters
    ----------
    kind : {"CrowdLayerClassifier", "AnnotMixClassifier"}
    """
    from skactiveml.classifier import multiannotator

    n_classes = len(annotations.classes)
    settings = {
        "module__n_features": n_features,
        "module__n_classes": n_classes,
        "optimizer": torch.optim.Adam,
        "optimizer__weight_decay": weight_decay,
        "lr": 1e-3,
        "max_epochs": epochs,
        "batch_size": batch_size,
        "iterator_train__shuffle": True,
        "verbose": 0,
        **more,
    }
    return getattr(multiannotator, kind)(
        PlainNetwork,
        classes=np.arange(n_classes),
        missing_label=-1,
        neural_net_param_dict=settings,
        random_state=seed,
    )


def cleanlab_consensus(annotations, proba):
    """Labels on which cleanlab lets annotators and a classifier agree.

    Parameters
    ----------
    proba : ndarray of shape (n_items, n_classes)
        Out-of-fold probabilities of a classifier.
    """
    from cleanlab.multiannotator import get_label_quality_multiannotator

    answers = annotations.to_dense().astype(float)
    answers[answers < 0] = np.nan
    found = get_label_quality_multiannotator(answers, proba, verbose=False)
    return found["label_quality"]["consensus_label"].to_numpy()


def cleanlab_answer_quality(annotations, proba, voted):
    """Qualities of labels and answers by cleanlab (CROWDLAB).

    Parameters
    ----------
    proba : ndarray of shape (n_items, n_classes)
        Out-of-fold probabilities of a classifier.
    voted : ndarray of shape (n_items,)
        Labels of the majority vote, as codes.

    Returns
    -------
    consensus : ndarray of shape (n_items,)
        Its own.
    probability : ndarray of shape (n_items,)
        Quality of its own consensus.
    of_votes : ndarray of shape (n_items,)
        Quality of the voted labels.
    of_answers : ndarray of shape (n_answers,)
    """
    from cleanlab.multiannotator import get_label_quality_multiannotator

    active, column = np.unique(annotations.annotator, return_inverse=True)
    answers = annotations.to_dense()[:, active].astype(float)  # it takes no idle ones
    answers[answers < 0] = np.nan
    own, vote = (
        get_label_quality_multiannotator(
            answers, proba, consensus_method=method, verbose=False
        )
        for method in ("best_quality", "majority_vote")
    )
    own_label, own_quality = _cleanlab_columns(own)
    label, quality = _cleanlab_columns(vote)
    of_votes = np.where(label == voted, quality, 1 - quality)  # few ties differ
    detail = own["detailed_label_quality"].to_numpy()
    of_answers = detail[annotations.item, column]
    return own_label, own_quality, of_votes, of_answers


def _cleanlab_columns(found):
    table = found["label_quality"]
    return tuple(
        table[name].to_numpy()
        for name in ("consensus_label", "consensus_quality_score")
    )


def crowdkit_uncertainty(annotations):
    """Entropy of the answers to each item, weighted by skills, by crowd-kit.

    Skills are those that its Wawa finds.

    Returns
    -------
    uncertainty : ndarray of shape (n_items,)
        0 without answers.
    """
    import pandas as pd
    from crowdkit.aggregation import Wawa
    from crowdkit.metrics.data import uncertainty

    table = pd.DataFrame(
        {
            "task": annotations.item,
            "worker": annotations.annotator,
            "label": annotations.answer,
        }
    )
    skills = Wawa().fit(table).skills_
    found = uncertainty(table, skills, compute_by="task", aggregate=False)
    return found.reindex(range(annotations.n_items), fill_value=0.0).to_numpy()
