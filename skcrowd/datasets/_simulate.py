"""The public simulator of crowds."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Literal

from sklearn.utils import Bunch, check_random_state

from skcrowd.datasets._assignment import assign
from skcrowd.datasets._simulated_tasks import Task, find_task

if TYPE_CHECKING:
    from skcrowd._typing import ArrayLike, RandomState


def make_annotations(
    y_true: ArrayLike,
    annotators: Any = 10,
    *,
    kind: Literal["labels", "numbers", "sequences"] = "labels",
    answers_per_item: float | None = None,
    workload: Literal["equal", "zipf"] | ArrayLike = "equal",
    classes: ArrayLike | None = None,
    limits: tuple[int, int] | None = None,
    step: float | None = None,
    random_state: RandomState = None,
) -> Bunch:
    """Simulate labels, ratings or tags of a crowd for items with known truth.

    With ``kind="labels"`` each annotator answers by a confusion matrix of their own:
    to an item of class i the answer is j with probability
    ``confusion[annotator, i, j]``. With ``kind="numbers"`` each follows a straight
    line: the answer is ``scale * truth + bias + noise_std * N(0, 1)``. With
    ``kind="sequences"`` each tags whole sentences, misses some of the spans in them,
    mistakes the types or boundaries of others and invents some. All answers are
    independent of one another. Time and memory grow with the number of answers, not
    with items x annotators.

    Parameters
    ----------
    y_true : array-like of shape (n_items,)
        True label of every item: integers, strings or booleans; or, with
        ``kind="numbers"``, the true value: a finite number in any unit. With
        ``kind="sequences"`` a list with the true tags of every sentence, a list or 1-D
        array each: "O", "B-X" and "I-X" for types X, in valid IOB2 (the first tag of
        every span is B-X).
    annotators : dict, int or array, default=10
        Who is in the crowd.

        - A dict from kind to count, such as ``{"expert": 3, "average": 9,
          "biased": 2}``. The kinds that label are listed at
          :func:`annotator_confusions`, those that rate or tag in the Notes.
        - An int: a mixed crowd of that size.
        - An array that describes them one by one: for labels confusion matrices of
          shape (n_annotators, n_classes, n_classes) in the order of `classes`; for
          numbers of shape (n_annotators, 3) with the columns scale, bias and
          noise_std, the last two in the units of `y_true`; for sequences of shape
          (n_annotators, 4) with the columns miss, wrong_type, wrong_boundary and
          false_alarm, rates from 0 to 1 as described under Returns.
    kind : {"labels", "numbers", "sequences"}, default="labels"
        What an answer is: one of a few classes, a number, or a tag for every token of
        a sentence.
    answers_per_item : int or float, default=None
        Each item (sentence) is answered by this many different annotators, chosen at
        random. A float is the mean: 2.5 gives half of the items 2 answers and the
        others 3, at random. None: everyone answers every item.
    workload : {"equal", "zipf"} or array-like of shape (n_annotators,), default="equal"
        How the work is spread. ``"equal"``: every annotator is as likely as any other.
        ``"zipf"``: some do most of the work, as in real crowds; the annotators are put
        in random order and the m-th is chosen in proportion to 1/m. An array gives the
        proportions. It needs `answers_per_item`.
    classes : array-like of shape (n_classes,), default=None
        All labels, in order, where not every one occurs in `y_true`. By default the
        sorted labels of `y_true`. Of sequences all tags: "O", and B-X and I-X of every
        type X; by default, sorted, those of all types in `y_true`. Not for numbers.
    limits : tuple (low, high), default=None
        Ends of the rating scale, in the units of `y_true`; an answer beyond is put at
        the end. For numbers only.
    step : float, default=None
        Distance between neighbouring ratings, as between stars: answers are rounded to
        the nearest multiple of `step`, counted from the lower limit, or from 0 without
        `limits`. A whole number of steps must lead from one limit to the other. For
        numbers only.
    random_state : int, RandomState instance or None, default=None
        Seed; pass an int for the same crowd and the same answers at every call.

    Returns
    -------
    crowd : :class:`~sklearn.utils.Bunch`
        Dictionary-like object. Of every kind it has the following attributes.

        annotations : Annotations of shape (n_items, n_annotators)
            The answers; what an estimator is fitted to. Of sequences a
            SequenceAnnotations, every answer in valid IOB2.
        kind : ndarray of shape (n_annotators,)
            Kind of each annotator; "given" for those described one by one.
        share_answered : float
            Share of the (item, annotator) pairs with an answer.

        Of labels:

        confusion : ndarray of shape (n_annotators, n_classes, n_classes)
            ``[r, i, j]`` is the probability that annotator r answers ``classes[j]``
            to an item of class ``classes[i]``. Rows sum to 1.
        classes : ndarray of shape (n_classes,)
            The labels, in order.
        share_right : float
            Share of the answers that equal the truth.

        Of numbers, before `limits` and `step`:

        scale, bias, noise_std : ndarray of shape (n_annotators,)
            The line of each annotator and the standard deviation around it; bias and
            noise_std in the units of `y_true`.
        confusion : ndarray of shape (n_annotators, 2, 2)
            ``[[scale, bias], [0, 1]]``, which maps (truth, 1) to (expected answer, 1).

        Of sequences:

        miss : ndarray of shape (n_annotators,)
            Share of the true spans that are left out.
        wrong_type : ndarray of shape (n_annotators,)
            Share of the spans found that get another type, averaged over the true
            types, which all count the same. 0 if there is only one type.
        wrong_boundary : ndarray of shape (n_annotators,)
            Share of the spans found, where there is room, of which an end is moved by
            one token or all but the first token is cut off, whichever is possible,
            with the same probability.
        false_alarm : ndarray of shape (n_annotators,)
            Share of the tokens otherwise left O, whatever the truth, on which an
            invented span begins. It is of any type and has 1 to 3 tokens (60, 30 and
            10 in 100), fewer where the sentence ends or another span begins.
        type_confusion : ndarray of shape (n_annotators, n_types, n_types)
            ``[r, i, j]`` is the probability that r gives the type ``types[j]`` to a
            span found of type ``types[i]``. Rows sum to 1.
        types : ndarray of shape (n_types,)
            The types of spans, in the order of their first tags in `classes`.
        classes : ndarray of shape (n_classes,)
            The tags, in order.
        share_right : float
            Share of the answered tags that equal the truth, token by token.

    Raises
    ------
    ValueError
        If `y_true` is empty or holds missing values; holds continuous values, a label
        that is none of `classes`, or only one class (labels); or holds strings or
        infinity (numbers); or has a sentence that is empty or not in valid IOB2, a tag
        that is none of `classes`, or no type of span (sequences). If a kind is unknown,
        the crowd is empty or an array does not describe one. If `answers_per_item` is
        less than 1 or more than the crowd, or `workload` is unknown or has no effect.
        If `classes` lacks "O" or a tag of a type (sequences). If `limits` or `step` are
        no scale, or a parameter is given that is for another kind.

    See Also
    --------
    annotator_confusions : The confusion matrices alone.
    skcrowd.metrics.empirical_confusion : Count confusion matrices from answers.
    skcrowd.aggregation.sequence_dawid_skene : Infer true tags from such answers.

    Notes
    -----
    Kinds that rate, with m the mean and d the standard deviation of `y_true` (d = 1 if
    all values are the same). All lines turn about the mean: an annotator answers
    ``m + scale * (truth - m) + shift * d + noise * d * N(0, 1)``, so that bias is
    ``(1 - scale) * m + shift * d``. Each annotator is drawn uniformly from these
    ranges; shifts go up or down with the same probability.

    ============= ============ =========== =========== ===============================
    kind          scale        shift       noise       in words
    ============= ============ =========== =========== ===============================
    "expert"      0.95 to 1.05 0 to 0.05   0.05 to 0.2 close to the truth
    "average"     0.8 to 1.1   0 to 0.3    0.3 to 0.7  moderately biased and noisy
    "biased"      0.9 to 1.1   0.5 to 1.5  0.2 to 0.5  too high, or too low, throughout
    "compressing" 0.3 to 0.7   0 to 0.2    0.1 to 0.3  avoids the extremes
    "noisy"       0.9 to 1.1   0 to 0.2    1 to 2      right on average only
    "random"      0            0           1           unrelated to the truth
    "adversarial" -1           0 to 0.2    0.2 to 0.5  high for low and low for high
    ============= ============ =========== =========== ===============================

    A mixed crowd that rates has 3 experts, 8 average, 3 biased, 2 compressing, 2 noisy,
    1 random and 1 adversarial in 20.

    Kinds that tag, with the ranges in which the rates of each are drawn uniformly:

    =========== ============ ============ ============== ============== ================
    kind        miss         wrong_type   wrong_boundary false_alarm    in words
    =========== ============ ============ ============== ============== ================
    "expert"    0.02 to 0.1  0.01 to 0.05 0.01 to 0.05   0 to 0.005     few mistakes
    "average"   0.15 to 0.35 0.05 to 0.2  0.05 to 0.2    0.002 to 0.02  some of all
    "careless"  0.4 to 0.7   0.05 to 0.15 0.05 to 0.15   0 to 0.01      overlooks much
    "imprecise" 0.1 to 0.25  0.02 to 0.1  0.3 to 0.6     0.002 to 0.02  wrong ends
    "confused"  0.05 to 0.2  0.5 to 0.8   0.02 to 0.1    0.002 to 0.02  wrong types
    "spammer"   1            0            0              0 to 0.2       tags at random
    =========== ============ ============ ============== ============== ================

    A wrong type is any other one. Only those who are confused mistake half of the types
    (at least one), each for a particular other one: the range is that of these types.
    The spans of a spammer, none to many, are all invented and say nothing about the
    truth. A mixed crowd that tags has 3 experts, 8 average, 4 careless, 2 imprecise,
    2 confused and 1 spammer in 20. A span is missed or mistaken by each annotator
    independently; a real crowd agrees more, because some spans are hard for all.

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

    Stars from 1 to 5, by an expert and one who rates high for low:

    >>> crowd = make_annotations(
    ...     [1.2, 3.0, 4.8],
    ...     {"expert": 1, "adversarial": 1},
    ...     kind="numbers",
    ...     limits=(1, 5),
    ...     step=1,
    ...     random_state=0,
    ... )
    >>> crowd.annotations.to_dense()
    array([[1., 5.],
           [3., 4.],
           [5., 2.]])
    >>> crowd.scale.round(2)
    array([ 1., -1.])

    Names in sentences, by one who makes no mistakes, and one who misses half of them
    and is wrong about the ends of half of the others:

    >>> crowd = make_annotations(
    ...     [["O", "B-PER", "I-PER", "O", "B-LOC"], ["B-LOC", "O"]],
    ...     [[0, 0, 0, 0], [0.5, 0, 0.5, 0]],
    ...     kind="sequences",
    ...     random_state=3,
    ... )
    >>> crowd.annotations.shape
    (2, 2)
    >>> for tags in crowd.annotations[0].values():
    ...     print(tags)
    ['O', 'B-PER', 'I-PER', 'O', 'B-LOC']
    ['O', 'O', 'O', 'B-LOC', 'I-LOC']
    >>> crowd.types
    array(['LOC', 'PER'], dtype='<U3')
    """
    steps = find_task(kind)
    limits, step = steps.read_scale(limits, step)
    rng = check_random_state(random_state)
    truth, classes = steps.read_truth(y_true, classes=classes)
    choose = partial(
        assign, len(truth), answers_per_item=answers_per_item, workload=workload
    )
    task = Task(truth, classes, limits, step, choose, rng)
    (item, annotator, answer), crowd = steps.answer(annotators, task)
    shape = len(truth), len(crowd["kind"])
    return Bunch(
        annotations=steps.contain(item, annotator, answer, shape, truth, classes),
        share_answered=len(item) / (shape[0] * shape[1]),
        **crowd,
    )
