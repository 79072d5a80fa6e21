"""Statistics of ratings: means, posterior of the truth, parameters of annotators."""

from skcrowd.aggregation import (
    answer_mean,
    apply_identifiability_constraint,
    fit_rating_parameters,
    rating_posterior,
)

__all__ = ["RatingStatistics"]


class RatingStatistics:
    """Statistics of the ratings of a fit, with gold and side information.

    Parameters
    ----------
    context : TrainingContext
    """

    def __init__(self, context):
        self._context = context

    def initial_mean(self):
        """Return the truth to start with: mean ratings, or that of a previous fit.

        Returns
        -------
        mean : ndarray of shape (n_items,)
            Gold clamped.
        """
        context = self._context
        if context.side_information.is_cold_start:
            return context.clamp_gold(answer_mean(context.annotations))
        previous = context.side_information.previous_fit
        *rating_parameters, residual_var = previous.rating_parameters
        prediction = context.predict_truth(previous.net)
        return self.posterior(rating_parameters, prediction, residual_var)[0]

    def posterior(self, rating_parameters, prediction, residual_var):
        """Return the posterior of the truth given network and ratings.

        See :func:`skcrowd.aggregation.rating_posterior`.

        Parameters
        ----------
        rating_parameters : RatingParameters or tuple
        prediction : ndarray of shape (n_items,)
            Of the network.
        residual_var : float
            Variance of the truth about the prediction.

        Returns
        -------
        mean, var : ndarray of shape (n_items,)
            Gold clamped.
        """
        context = self._context
        mean, var = rating_posterior(
            context.annotations, rating_parameters, prediction, residual_var
        )
        return context.clamp_gold(mean), context.zero_variance_at_gold(var)

    def fit_parameters(self, mean, var, **settings):
        """Estimate scale, bias and noise of each annotator.

        Parameters
        ----------
        mean, var : ndarray of shape (n_items,)
            Posterior of the truth.
        **settings
            See :func:`skcrowd.aggregation.fit_rating_parameters`.

        Returns
        -------
        rating_parameters : RatingParameters
        """
        return fit_rating_parameters(
            self._context.annotations,
            mean,
            var,
            sample_weight=self._context.training_weight,
            moments=self._context.side_information.annotator_counts,
            **settings,
        )

    def apply_identifiability_constraint(self, rating_parameters, mean, var):
        """Choose the scale and offset of the truth that ratings leave open.

        Nothing changes where a previous fit has chosen them. See
        :func:`skcrowd.aggregation.apply_identifiability_constraint`.

        Parameters
        ----------
        rating_parameters : RatingParameters
        mean, var : ndarray of shape (n_items,)
            Posterior of the truth.

        Returns
        -------
        rating_parameters : RatingParameters
        scale, offset : float
            The truth becomes ``scale * truth + offset``.
        """
        context = self._context
        if context.side_information.is_identified:
            return rating_parameters, 1.0, 0.0
        return apply_identifiability_constraint(
            rating_parameters,
            context.annotations,
            mean,
            var,
            sample_weight=context.training_weight,
            gold=context.side_information.gold,
            moments=context.side_information.annotator_counts,
        )
