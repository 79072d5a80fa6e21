"""The public simulator: a crowd labels items whose truth is known."""

from sklearn.utils import Bunch, check_random_state

from skcrowd.annotations import Annotations
from skcrowd.datasets._answers import draw_classes
from skcrowd.datasets._assignment import assign
from skcrowd.datasets._crowd import annotator_confusions
from skcrowd.datasets._truth import read_truth


def make_annotations(
    y_true,
    annotators=10,
    *,
    answers_per_item=None,
    workload="equal",
    classes=None,
    random_state=None,
):
    """Let a simulated crowd label items whose true class is known.

    Each annotator answers by a confusion matrix of their own: to an item of class i
    the answer is j with probability ``confusion[annotator, i, j]``, independently of
    everything else. Time and memory grow with the number of answers, not with
    items x annotators.

    Parameters
    ----------
    y_true : array-like of shape (n_items,)
        True label of every item: integers, strings or booleans.
    annotators : dict, int or array of shape (n_annotators, n_classes, n_classes), \
default=10
        Who is in the crowd: a dict from kind to count such as
        ``{"expert": 3, "average": 9, "one_class_spammer": 2}``, the size of a mixed
        crowd, or explicit confusion matrices with rows and columns in the order of
        `classes`. The kinds are listed at :func:`annotator_confusions`.
    answers_per_item : int or float, default=None
        Each item is answered by this many different annotators, chosen at random. A
        float is the mean: 2.5 gives half of the items 2 answers and the others 3, at
        random. None: everyone answers every item.
    workload : {"equal", "zipf"} or array-like of shape (n_annotators,), default="equal"
        How the work is spread. ``"equal"``: every annotator is as likely as any other.
        ``"zipf"``: some do most of the work, as in real crowds; the annotators are put
        in random order and the m-th is chosen in proportion to 1/m. An array gives the
        proportions. It needs `answers_per_item`.
    classes : array-like of shape (n_classes,), default=None
        All labels, in order, where not every one occurs in `y_true`. By default the
        sorted labels of `y_true`.
    random_state : int, RandomState instance or None, default=None
        Seed; pass an int for the same crowd and the same answers at every call.

    Returns
    -------
    crowd : :class:`~sklearn.utils.Bunch`
        Dictionary-like object, with the following attributes.

        annotations : Annotations of shape (n_items, n_annotators)
            The answers; what an estimator is fitted to.
        confusion : ndarray of shape (n_annotators, n_classes, n_classes)
            ``[r, i, j]`` is the probability that annotator r answers ``classes[j]``
            to an item of class ``classes[i]``. Rows sum to 1.
        kind : ndarray of shape (n_annotators,)
            Kind of each annotator; "given" for explicit confusion matrices.
        classes : ndarray of shape (n_classes,)
            The labels, in order.
        share_answered : float
            Share of the (item, annotator) pairs with an answer.
        share_right : float
            Share of the answers that equal the truth.

    Raises
    ------
    ValueError
        If `y_true` is empty, holds missing or continuous values or a label that is
        none of `classes`, or has only one class; if a kind is unknown, the crowd is
        empty or a confusion matrix is none; if `answers_per_item` is less than 1 or
        more than the crowd; or if `workload` is unknown or has no effect.

    See Also
    --------
    annotator_confusions : The confusion matrices alone.
    skcrowd.metrics.empirical_confusion : Count confusion matrices from answers.

    Examples
    --------
    >>> from skcrowd.datasets import make_annotations
    >>> crowd = make_annotations(
    ...     ["cat", "dog", "dog", "cat"],
    ...     {"expert": 2, "random": 1},
    ...     answers_per_item=2,
    ...     random_state=0,
    ... )
    >>> crowd.annotations.shape
    (4, 3)
    >>> crowd.kind.tolist()
    ['expert', 'expert', 'random']
    >>> crowd.annotations.answers_per_item
    array([2, 2, 2, 2])
    """
    rng = check_random_state(random_state)
    truth, classes = read_truth(y_true, classes)
    confusion, kind = annotator_confusions(annotators, len(classes), random_state=rng)
    shape = len(truth), len(confusion)
    item, annotator = assign(*shape, answers_per_item, workload, rng)
    answer = draw_classes(confusion, truth, item, annotator, rng)
    return Bunch(
        annotations=Annotations(item, annotator, answer, shape, classes),
        confusion=confusion,
        kind=kind,
        classes=classes,
        share_answered=len(answer) / (shape[0] * shape[1]),
        share_right=float((answer == truth[item]).mean()),
    )
