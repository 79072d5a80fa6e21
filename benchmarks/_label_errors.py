"""How well wrong labels and answers are found, and how calibrated probabilities are.

Every contender gives a consensus label and the probability that it is right, the
probability that the label of the majority vote is right, and that each answer is.
"""

from pathlib import Path

import numpy as np
from _common import installed_version
from _labelme_data import BESIDE
from _peers import cleanlab_answer_quality, crowdkit_uncertainty
from sklearn.metrics import roc_auc_score

from skcrowd import Annotations
from skcrowd.aggregation import dawid_skene
from skcrowd.aggregation._tempered_posterior import tempered_posterior
from skcrowd.metrics import expected_label_errors
from skcrowd.model_selection import VoteStratifiedKFold, cross_val_predict

FOLDS, BINS, DRAWS = 3, 10, 20
FEWEST_GOLD, MOST_ITEMS = 100, 10_000
SAME_CROWD = {"d_Duck_Identification"}  # as bluebird
REAL = {"LabelMe": "labelme.npz", "Music": "music.npz"}
WITHOUT_FEATURES = "truth_inference.npz"


def real_crowds(folder):
    """Return the crowds with features whose files there are: items, truth, answers."""
    found = {}
    for name, file in REAL.items():
        path = Path(folder or BESIDE) / file
        if path.exists():
            with np.load(path, allow_pickle=True) as data:
                X = data["X_train"].astype(np.float32)
                found[name] = {
                    "X": X,
                    "z": data["gold_train"],
                    "y": data["annotations"].astype(int),
                }
    return found


def crowds_without_features(folder):
    """Yield name, Annotations, and truth (-1: not known) of crowds without features."""
    path = Path(folder or BESIDE) / WITHOUT_FEATURES
    if not path.exists():
        return
    with np.load(path, allow_pickle=True) as data:
        for name in sorted({key.split("/")[0] for key in data.files} - SAME_CROWD):
            gold = data[f"{name}/gold"]
            if (gold >= 0).sum() < FEWEST_GOLD or len(gold) > MOST_ITEMS:
                continue
            classes = data[f"{name}/classes"]
            n_classes = int(classes) if classes.ndim == 0 else len(classes)
            answers = (data[f"{name}/{key}"] for key in ("item", "annotator", "answer"))
            yield (
                name,
                Annotations.from_long(
                    *answers, item_ids=np.arange(len(gold)), classes=range(n_classes)
                ),
                gold,
            )


def find_errors(clf, data):
    """Measure every contender on one crowd, all on the same networks.

    Parameters
    ----------
    clf : CrowdClassifier
        Fitted to the crowd.
    data : dict
        Features X, answers y, and truth z.
    """
    X, y, z = data["X"], data["y"], data["z"]
    annotations = Annotations.from_dense(y, classes=clf.classes_)
    folds = VoteStratifiedKFold(FOLDS, shuffle=True, random_state=clf.random_state)
    outside = cross_val_predict(clf, X, annotations, cv=folds, method="predict_proba")
    votes = (y[:, :, None] == clf.classes_).sum(axis=1)
    voted = (votes + 1e-3 * outside).argmax(axis=1)  # ties broken by the networks
    shares = votes / votes.sum(axis=1, keepdims=True)
    found = {
        "vote share": (
            voted,
            shares.max(axis=1),
            shares[np.arange(len(X)), voted],
            shares[annotations.item, annotations.answer],
        ),
        "skcrowd, in sample": told(clf, X, y, annotations, voted, cv="prefit"),
        "skcrowd, Bayes' rule out of sample": told(
            clf, X, y, annotations, voted, cv="prefit", pred_proba=outside
        ),
        "skcrowd": told(clf, X, y, annotations, voted, pred_proba=outside),
    }
    has_several = annotations.answers_per_item.max() > 1  # cleanlab requires it
    if installed_version("cleanlab") and has_several:
        found["cleanlab"] = cleanlab_answer_quality(annotations, outside, voted)
    if installed_version("crowd-kit"):
        uncertainty = crowdkit_uncertainty(annotations)
        found["crowd-kit, uncertainty"] = voted, None, -uncertainty, None
    truth = np.searchsorted(clf.classes_, z)
    return {
        row: {
            "votes": auroc(voted != truth, of_votes),
            "answers": auroc(annotations.answer != truth[annotations.item], of_answers),
            "consensus": float(np.mean(label == truth)),
            **calibration(label == truth, probability),
        }
        for row, (label, probability, of_votes, of_answers) in found.items()
    }


def told(clf, X, y, annotations, voted, **options):
    """Consensus, its probability, and those of votes and answers."""
    quality = clf.label_quality(X, y, **options)
    label = np.searchsorted(clf.classes_, quality["consensus_label"])
    answers = clf.answer_quality(X, y, **options)["probability"].to_numpy()
    of_votes = np.zeros(len(X))
    is_vote = annotations.answer == voted[annotations.item]
    of_votes[annotations.item[is_vote]] = answers[is_vote]
    return label, quality["consensus_probability"].to_numpy(), of_votes, answers


def calibration(is_right, probability):
    """Compare probabilities of being right with what is right."""
    if probability is None:
        return {}
    rng = np.random.default_rng(0)
    drawn = rng.random((DRAWS, len(probability))) < probability
    n_wrong = int((~is_right).sum())
    errors = expected_label_errors(np.clip(probability, 0, 1))
    return {
        "own": auroc(~is_right, probability),
        "ece": calibration_error(probability, is_right),
        "ideal": float(np.mean([calibration_error(probability, d) for d in drawn])),
        "wrong": n_wrong,
        "expected": errors.estimate,
        "inside": float(errors.low <= n_wrong <= errors.high),
    }


def calibration_error(probability, is_right):
    """Mean difference of probability and share of right labels, in bins of a tenth."""
    bins = np.array_split(np.argsort(probability, kind="stable"), BINS)
    gaps = [
        len(rows) * abs(probability[rows].mean() - is_right[rows].mean())
        for rows in bins
        if len(rows)
    ]
    return float(sum(gaps) / len(probability))


def auroc(is_wrong, probability):
    """AUROC of wrong ones by 1 - probability; None where all are of one kind."""
    if probability is None or not 0 < is_wrong.mean() < 1:
        return None
    return float(roc_auc_score(is_wrong, -probability))


def from_answers_alone(annotations, truth):
    """Measure posteriors of a crowd without features."""
    votes = np.zeros((annotations.n_items, len(annotations.classes)))
    np.add.at(votes, (annotations.item, annotations.answer), 1)
    shares = (votes.sum(axis=0) + 1) / (votes.sum() + votes.shape[1])
    log_prior = np.tile(np.log(shares), (len(votes), 1))
    by_dawid_skene = dawid_skene(annotations).posterior
    posteriors = {
        "vote share": votes / np.maximum(votes.sum(axis=1, keepdims=True), 1),
        "Dawid-Skene": by_dawid_skene,
        "calibrated": tempered_posterior(
            log_prior, annotations, shares, by_dawid_skene, learn_shrinkage=True
        ).posterior,
    }
    judged = (truth >= 0) & (votes.sum(axis=1) > 0)
    measured = {}
    for row, posterior in posteriors.items():
        posterior = posterior[judged]
        is_right = posterior.argmax(axis=1) == truth[judged]
        measured[row] = {
            "consensus": float(is_right.mean()),
            **calibration(is_right, posterior.max(axis=1)),
        }
    return measured
