"""The public names: a change of this list is a decision, said in the change log."""

import importlib

import pytest

import skcrowd

PUBLIC = {
    "skcrowd": """
        Annotations CrowdClassifier CrowdMultilabelClassifier CrowdRanker
        CrowdRegressor CrowdSequenceTagger MultilabelAnnotations SequenceAnnotations
        __version__ insight load report save
    """,
    "skcrowd.aggregation": """
        Aggregator AnswerCounts BWA BradleyTerry CATD COMPARISON_AGGREGATORS CROWDLAB
        ComparisonAggregator Comparisons Consensus CrowdBradleyTerry DawidSkene
        DawidSkeneResult Disagreement EBCC GLAD GaussianRating IBCC KOS
        LABEL_AGGREGATORS LabelAggregator LazyConfusion MACE MMSR MajorityVote
        MeanRating MedianRating MultiLabelDawidSkene OneCoin OrdinalDawidSkene
        RATING_AGGREGATORS RatingAggregator RatingConsensus RatingParameters
        SEQUENCE_AGGREGATORS SequenceAggregator SequenceDawidSkene SequenceResult
        TokenDawidSkene TokenMajorityVote Wawa WeightedMeanResult WeightedRating
        ZeroBasedSkill answer_mean apply_identifiability_constraint class_shares
        dawid_skene fit_rating_parameters iob2_transitions majority_vote
        measure_disagreement pooled_confusion rating_posterior sequence_dawid_skene
        shrunk_confusion weighted_mean
    """,
    "skcrowd.annotations": """
        Annotations MultilabelAnnotations RegexTokenizer SequenceAnnotations Span
        TokenizedTexts check_annotations check_sequence_annotations concatenate
    """,
    "skcrowd.annotators": """
        AFFINE_CONNECTIONS AnnotatorModel CONNECTIONS ConfusionTable FixedConfusion
        FixedGaussianAnnotators GaussianAnnotators LabelModel NumberModel
    """,
    "skcrowd.backbones": """
        MLP PairScorer RecurrentTagger TabularNet Vocabulary
    """,
    "skcrowd.callbacks": """
        GradientAccumulation LRSchedule WeightAverage
    """,
    "skcrowd.command": """
        main
    """,
    "skcrowd.datasets": """
        annotator_confusions fetch_conll_mturk fetch_labelme fetch_movie_reviews
        make_annotations
    """,
    "skcrowd.estimators": """
        CrowdClassifier CrowdMultilabelClassifier CrowdRanker CrowdRegressor
        CrowdSequenceTagger
    """,
    "skcrowd.exceptions": """
        CrowdVersionWarning CrowdWarning
    """,
    "skcrowd.experimental": """
        CoTeaching DoctorNet EarlyLearning LABEL_METHODS Mixup ROBUST_TRAINING
        SmallLoss
    """,
    "skcrowd.inspection": """
        CrowdInsight insight
    """,
    "skcrowd.io": """
        Export FORMATS read_answers read_argilla read_doccano read_items
        read_label_studio read_mturk read_potato read_prodigy read_table read_toloka
        write_argilla write_label_studio write_prodigy
    """,
    "skcrowd.methods": """
        AffineCrowdLayer AnnotMix AnswerLayer AnswerMean CoNAL ConfusionLayer
        CrowdLayer DawidSkene DistilledMean EM GaussianEM GaussianLayer GeoCrowdNet
        KDCrowd LABEL_METHODS MajorityVote MaxMIG Method MethodResult
        MutualInformation NUMBER_METHODS RegularizedEM RobustTraining SEQUENCE_METHODS
        SequenceEM SequenceTrainingContext TraceRegularization TrainingContext
        UnionNet WeightedMean check_method
    """,
    "skcrowd.metrics": """
        AnnotatorDependence AnswerEvaluation AnswerScorer ExpectedLabelErrors
        GoldScorer ModelEvaluation SCORERS SpanScores agreement annotator_dependence
        answer_times confusion_error empirical_confusion evaluate
        expected_label_errors get_scorer get_scorer_names spammer_score span_f1_score
        span_precision_score span_recall_score span_scores token_accuracy_score
    """,
    "skcrowd.metrics.agreement": """
        AgreementInterval cohen_kappa_matrix fleiss_kappa gwet_ac1
        intraclass_correlation krippendorff_alpha percent_agreement scott_pi
        span_agreement
    """,
    "skcrowd.model_selection": """
        AnnotatorKFold AnswerKFold LeaveAnnotatorsOut VoteStratifiedGroupKFold
        VoteStratifiedKFold VoteStratifiedShuffleSplit cross_val_answer_score
        cross_val_predict train_test_split_answers
    """,
    "skcrowd.persistence": """
        load register save
    """,
    "skcrowd.plots": """
        AgreementDisplay AnnotatorAccuracyDisplay AnnotatorBiasDisplay
        AnnotatorConfusionDisplay DependenceDisplay LabelQualityDisplay
        TrainingHistoryDisplay plot_confusions
    """,
    "skcrowd.reporting": """
        CrowdReport report
    """,
    "skcrowd.training": """
        ClassScores CrowdLoss CrowdNet DIVERGENCES NetFactory Number SequenceRows
    """,
    "skcrowd.transformers": """
        SubwordVocabulary TextClassifierModule TokenClassifierModule
    """,
}


def test_every_package_is_listed():
    packages = {"skcrowd", *(f"skcrowd.{p}" for p in skcrowd._SUBPACKAGES)}
    assert set(PUBLIC) == packages | {"skcrowd.metrics.agreement"}


@pytest.mark.parametrize("module", PUBLIC)
def test_public_names(module):
    assert sorted(importlib.import_module(module).__all__) == PUBLIC[module].split()
