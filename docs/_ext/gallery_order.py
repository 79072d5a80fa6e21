"""The order of the gallery: what most people need first."""

FIRST = [
    "overview",
    "digits_crowd",
    "labelme_scenes",
    "film_ratings",
    "names_in_sentences",
    "label_studio_export",
    "mturk_export",
    "truth_inference",
    "own_network",
    "transformer",
    "ordered_stars",
    "several_labels",
    "tuning_without_gold",
    "compare_models",
    "wrong_labels",
    "active_relabelling",
    "report",
    "agreement",
    "dependent_annotators",
    "language_models",
    "hostile_crowd",
    "early_stopping",
    "resuming",
    "stream",
    "own_method",
]


class ExampleOrder:
    """Key by which the gallery is sorted; examples that are not listed come last.

    Parameters
    ----------
    src_dir : str
        Folder of the examples, which the gallery passes.
    """

    def __init__(self, src_dir: str) -> None:
        self.src_dir = src_dir

    def __call__(self, filename: str) -> tuple[int, str]:
        """Return the place of a file, and its name."""
        name = filename.removeprefix("plot_").removesuffix(".py")
        return (FIRST.index(name) if name in FIRST else len(FIRST), name)
