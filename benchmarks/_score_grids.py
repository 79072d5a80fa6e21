"""Grids of models that scores have to rank; the first of each is the default."""

from skcrowd import CrowdClassifier, CrowdRegressor, CrowdSequenceTagger
from skcrowd.methods import LABEL_METHODS, NUMBER_METHODS

__all__ = ["GRIDS", "PRIOR_LIKE"]

LEFT_OUT = {"kd_crowd"}  # trains other methods first: slow


def grid(**choices):
    """List models that differ in one parameter, the default before them."""
    ((name, values),) = choices.items()
    return [{}, *({name: value} for value in values)]


def methods(registry, default):
    """List every method with its defaults."""
    return grid(method=[m for m in registry if m not in {default, *LEFT_OUT}])


def sure(weights, **also):
    """List models with the mutual-information penalty, by its weight."""
    return [
        {
            "method": "mutual_information",
            "method__entropy_weight": weight,
            "method__prior_weight": weight,
            **also,
        }
        for weight in weights
    ]


def volume(weights, **also):
    """List models with the volume penalty of GeoCrowdNet, by its weight."""
    return [
        {"method": "geo_crowd_net", "method__weight": weight, **also}
        for weight in weights
    ]


CLASSIFIER = {
    "epochs": grid(max_epochs=[3, 6, 12, 25, 100]),
    "learning rate": grid(lr=[1e-5, 1e-4, 3e-4, 3e-3, 1e-2, 3e-2]),
    "size": grid(module__hidden=[(), (2,), (4,), (8,), (32,), (512,), (128, 128)]),
    "method": methods(LABEL_METHODS, "regularized_em"),
    "weight decay": grid(optimizer__weight_decay=[1e-4, 1e-3, 1e-2, 0.1]),
    "dropout": grid(module__dropout=[0.0, 0.2, 0.4, 0.6, 0.8]),
    "mutual information": sure(
        [0.0, 0.25, 0.5, 1.0, 2.0, 4.0],
        method__class_prior="uniform",
        method__confidence_power=0.0,
    ),
    "volume": volume([0.0, 0.03, 0.1, 0.3, 1.0], method__confidence_power=0.0),
    "structure": grid(method__structure_weight=[0.0, 2.0, 4.0, 8.0, 32.0, 64.0]),
}
REGRESSOR = {
    "epochs": grid(max_epochs=[6, 12, 25, 50, 200]),
    "learning rate": grid(lr=[1e-5, 1e-4, 3e-4, 3e-3, 1e-2]),
    "size": grid(module__hidden=[(), (2,), (8,), (32,), (256,)]),
    "method": methods(NUMBER_METHODS, "em"),
    "weight decay": grid(optimizer__weight_decay=[1e-3, 1e-2, 0.03, 0.1, 0.3, 1.0]),
    "scale prior": grid(method__scale_std=[0.0, 0.1, 1.0, 3.0]),
}
SOME = ["sequence_em", "crowd_layer", "dawid_skene", "confusion_layer", "majority_vote"]
TAGGER = {
    "epochs": grid(max_epochs=[2, 4, 20]),
    "learning rate": grid(lr=[3e-4, 1e-3, 1.5e-2]),
    "size": grid(module__hidden=[4, 16, 128]),
    "method": grid(method=SOME),
    "mutual information": sure(
        [0.0, 0.1, 0.3, 1.0],
        method__class_prior="vote",
        method__confidence_power=0.0,
    ),
}
GRIDS = {
    CrowdClassifier: CLASSIFIER,
    CrowdRegressor: REGRESSOR,
    CrowdSequenceTagger: TAGGER,
}
PRIOR_LIKE = ("mutual information", "volume", "structure")
