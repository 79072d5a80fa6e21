"""Simulated crowds, and real ones to download."""

from skcrowd.datasets._confusion_annotators import annotator_confusions
from skcrowd.datasets._conll_mturk import fetch_conll_mturk
from skcrowd.datasets._labelme import fetch_labelme
from skcrowd.datasets._movie_reviews import fetch_movie_reviews
from skcrowd.datasets._simulate import make_annotations

__all__ = [
    "annotator_confusions",
    "fetch_conll_mturk",
    "fetch_labelme",
    "fetch_movie_reviews",
    "make_annotations",
]
