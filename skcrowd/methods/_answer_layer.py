"""Base of the methods that train network and annotator model on the answers."""

from numbers import Integral, Real

from skcrowd._sklearn_compat import Interval
from skcrowd.methods._method import Method, MethodResult
from skcrowd.methods._posterior import number_posterior
from skcrowd.training._callbacks import SwitchToAnswers

__all__ = ["AnswerLayer"]


class AnswerLayer(Method):
    """Base of the methods that train network and annotator model jointly.

    The network is followed by the annotator model, and the loss is that of the given
    answers. A subclass implements :meth:`make_annotators`. It may add terms to the
    loss (:meth:`make_penalties`), change batches (:meth:`make_transform`), and infer
    the truth of the training items in its own way (:meth:`make_result`).

    Parameters
    ----------
    warm_epochs : int, default=5
        First epochs, on the vote or the mean of the answers; at most half of
        ``max_epochs``.
    annotator_lr : float, default=1e-2
        Learning rate of the annotator model.

    Examples
    --------
    >>> from skcrowd import CrowdClassifier
    >>> from skcrowd.annotators import CONNECTIONS
    >>> from skcrowd.methods import AnswerLayer
    >>> class Reweighting(AnswerLayer):
    ...     def make_annotators(self, context, initial_truth):
    ...         n_annotators = context.annotations.n_annotators
    ...         return CONNECTIONS["VW"](n_annotators, initial_truth.shape[1])
    >>> CrowdClassifier(method=Reweighting(warm_epochs=2))
    CrowdClassifier(method=Reweighting(warm_epochs=2))
    """

    _parameter_constraints: dict = {
        "warm_epochs": [Interval(Integral, 0, None, closed="left")],
        "annotator_lr": [Interval(Real, 0, None, closed="neither")],
    }

    def __init__(self, warm_epochs=5, annotator_lr=1e-2):
        self.warm_epochs = warm_epochs
        self.annotator_lr = annotator_lr

    def make_annotators(self, context, initial_truth):
        """Return the annotator model to train.

        Parameters
        ----------
        context : TrainingContext
        initial_truth : ndarray of shape (n_items, n_classes) or (n_items,)
            Targets of the warm start: the soft vote or the mean of the answers, or
            the posterior under a previous fit.

        Returns
        -------
        annotators : AnnotatorModel
        """
        raise NotImplementedError

    def make_penalties(self, context, initial_truth):
        """Return what is added to the loss once the warm start is over.

        Parameters
        ----------
        context : TrainingContext
        initial_truth : ndarray of shape (n_items, n_classes) or (n_items,)
            See :meth:`make_annotators`.

        Returns
        -------
        penalties : sequence of callable
            Each takes the network's log-probabilities, (n_classes, n_items), the batch
            and the annotator model, and returns a number. See
            :class:`skcrowd.training.CrowdLoss`.
        """
        return ()

    def make_transform(self, context):
        """Return what changes a training batch, or None.

        Parameters
        ----------
        context : TrainingContext

        Returns
        -------
        transform : callable or None
            Takes the features and the dict of a batch, and returns both.
        """
        return None

    def make_warm_start(self, context, initial_truth, warm_epochs):
        """Return the callback that ends the warm start.

        Parameters
        ----------
        context : TrainingContext
        initial_truth : ndarray of shape (n_items, n_classes) or (n_items,)
        warm_epochs : int

        Returns
        -------
        callback : SwitchToAnswers
        """
        return SwitchToAnswers(warm_epochs)

    def make_result(self, context, net):
        """Infer the truth of the training items by Bayes' rule.

        Parameters
        ----------
        context : TrainingContext
        net : CrowdNet
            The trained network, with the annotator model in its criterion.

        Returns
        -------
        result : MethodResult
        """
        annotators = net.criterion_.annotators
        if self.kind == "numbers":
            posterior = number_posterior(context, net, annotators)
        else:
            log_truth = context.predict_truth(net)
            posterior = context.labels.posterior(log_truth, annotators.lean_confusion())
        return MethodResult(net, annotators, posterior)

    def learn(self, context):
        """Train the network and the annotator model together.

        Parameters
        ----------
        context : TrainingContext

        Returns
        -------
        result : MethodResult
        """
        warm_epochs = context.warm_epochs(self.warm_epochs)
        is_numeric = self.kind == "numbers"
        initial_truth = (
            context.ratings.initial_mean()
            if is_numeric
            else context.labels.initial_posterior()
        )
        warm_start = self.make_warm_start(context, initial_truth, warm_epochs)
        net = context.train(
            self.make_annotators(context, initial_truth),
            train_on="answers",
            targets=initial_truth,
            penalties=self.make_penalties(context, initial_truth),
            callbacks=[("warm_start", warm_start)],
            annotator_lr=self.annotator_lr,
            warm_epochs=warm_epochs,
            transform=self.make_transform(context),
        )
        return self.make_result(context, net)
