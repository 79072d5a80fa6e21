"""Encoders of the library transformers as networks, small ones with random weights.

Transformers is imported in tests, not for the list of them: other modules that look
through all that is imported would load every part of it.
"""

import numpy as np
import pytest
import torch
from _persistence import rewrite
from sklearn.base import clone
from sklearn.pipeline import make_pipeline
from skorch.hf import HuggingfacePretrainedTokenizer
from tokenizers import Tokenizer, models, pre_tokenizers, processors, trainers

import skcrowd
from skcrowd import CrowdClassifier, CrowdRegressor, CrowdSequenceTagger
from skcrowd.transformers import TextClassifierModule, TokenClassifierModule

TEXTS = ["good film", "bad film indeed", "unhappiness is bad", "good good"] * 5
Y = [["+", "+"], ["-", "-"], ["-", None], ["+", "-"]] * 5
TOKENS = [text.split() for text in TEXTS]
TAGS = [[["A" if w == "good" else "O" for w in words]] * 2 for words in TOKENS]
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"]


@pytest.fixture(scope="module")
def tokenizer():
    from transformers import PreTrainedTokenizerFast

    pieces = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    pieces.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    options = {"vocab_size": 40, "special_tokens": SPECIAL, "show_progress": False}
    pieces.train_from_iterator(TEXTS, trainers.WordPieceTrainer(**options))
    ends = [("[CLS]", 2), ("[SEP]", 3)]
    pieces.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=ends
    )
    names = ("pad_token", "unk_token", "cls_token", "sep_token")
    special = dict(zip(names, SPECIAL, strict=True))
    return PreTrainedTokenizerFast(tokenizer_object=pieces, **special)


@pytest.fixture(scope="module")
def config():
    from transformers import BertConfig

    return BertConfig(
        vocab_size=40,
        hidden_size=16,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=16,
        max_position_embeddings=32,
    )


def of_texts(model, tokenizer, **parameters):
    return CrowdClassifier(
        TextClassifierModule,
        **{
            "module__model": model,
            "module__tokenizer": tokenizer,
            "max_epochs": 8,
            "lr": 1e-2,
            "random_state": 0,
            **parameters,
        },
    )


@pytest.fixture(scope="module")
def classifier(config, tokenizer):
    options = {"module__layer_decay": 0.5, "module__head_lr": 2.0}
    return of_texts(config, tokenizer, **options).fit(TEXTS, Y)


@pytest.fixture(scope="module")
def tagger(config, tokenizer):
    return CrowdSequenceTagger(
        TokenClassifierModule,
        module__model=config,
        module__tokenizer=tokenizer,
        max_epochs=8,
        lr=1e-2,
        random_state=0,
    ).fit(TOKENS, TAGS)


def test_texts_are_classified(classifier):
    assert classifier.predict(TEXTS[:4]).tolist() == ["+", "-", "-", "+"]


def test_a_text_is_predicted_alike_in_any_batch(classifier):
    alone = np.concatenate([classifier.predict_proba([text]) for text in TEXTS[:4]])
    np.testing.assert_allclose(classifier.predict_proba(TEXTS[:4]), alone, atol=1e-6)


def test_tokens_are_tagged(tagger):
    for words, tags in zip(TOKENS[:4], tagger.predict(TOKENS[:4]), strict=True):
        assert tags.tolist() == ["A" if word == "good" else "O" for word in words]


def test_layers_have_learning_rates_of_their_own(classifier):
    net = classifier.net_
    rate = {
        id(parameter): group["lr"]
        for group in net.optimizer_.param_groups
        for parameter in group["params"]
    }
    module = net.module_
    first, last = module.encoder.encoder.layer
    assert rate[id(module.head.weight)] == pytest.approx(2e-2)
    assert rate[id(last.output.dense.weight)] == pytest.approx(1e-2)
    assert rate[id(first.output.dense.bias)] == pytest.approx(5e-3)
    words = module.encoder.embeddings.word_embeddings.weight
    assert rate[id(words)] == pytest.approx(2.5e-3)
    assert len(rate) == len(list(module.parameters()))


def test_biases_and_norms_have_no_weight_decay(config, tokenizer):
    groups = TextClassifierModule(config, 2, tokenizer).parameter_groups(1e-3)
    for group in groups:
        is_plain = {parameter.ndim > 1 for parameter in group["params"]}
        assert is_plain == {"weight_decay" not in group}


@pytest.mark.parametrize("pooling", ["mean", "first"])
def test_pieces_are_pooled_to_tokens(config, tokenizer, pooling):
    torch.manual_seed(0)
    module = TokenClassifierModule(
        config, 3, tokenizer, pooling, max_subwords=16
    ).eval()
    words = ["unhappiness", "film", "xq", "gooddeed"]
    codes = torch.tensor(module.vocabulary.encode(words))
    assert ((codes > 0).sum(dim=1) > 1).any()
    batch = torch.zeros(2, 5, codes.shape[1], dtype=torch.int32)
    batch[0, :4], batch[1, :2] = codes, codes[1:3]  # a shorter sequence, padded
    with torch.no_grad():
        scores = module(batch, torch.tensor([4, 2]))
        encoded = tokenizer([words], is_split_into_words=True, return_tensors="pt")
        hidden = module.encoder(encoded["input_ids"]).last_hidden_state[0]
        word = np.array([-1 if w is None else w for w in encoded.word_ids(0)])
        parts = [hidden[word == k] for k in range(len(words))]
        pooled = [part.mean(dim=0) if pooling == "mean" else part[0] for part in parts]
        expected = module.head(torch.stack(pooled))
        alone = module(batch[1:, :2], torch.tensor([2]))
    torch.testing.assert_close(scores[0, :4], expected)
    torch.testing.assert_close(scores[1, :2], alone[0])


def test_long_sequences_are_read_in_parts(config, tokenizer):
    module = TokenClassifierModule(config, 3, tokenizer, max_length=6).eval()
    codes = torch.tensor(module.vocabulary.encode(["good", "film", "is", "bad"] * 2))
    with torch.no_grad():
        whole = module(codes[None], torch.tensor([8]))
        halves = module(codes.reshape(2, 4, -1), torch.tensor([4, 4]))
    torch.testing.assert_close(whole.reshape(2, 4, 3), halves)


def test_long_texts_are_cut(config, tokenizer):
    module = TextClassifierModule(config, 2, tokenizer, max_length=4).eval()
    with torch.no_grad():
        long, short = module(["good film " * 50, "good film"])
    torch.testing.assert_close(long, short)


@pytest.mark.parametrize("which", ["classifier", "tagger"])
def test_a_file_holds_all(which, request, tmp_path):
    estimator = request.getfixturevalue(which)
    X = TEXTS if which == "classifier" else TOKENS
    twin = skcrowd.load(skcrowd.save(estimator, tmp_path / "model.skcrowd"))
    for one, other in zip(
        twin.predict_proba(X), estimator.predict_proba(X), strict=True
    ):
        np.testing.assert_array_equal(one, other)


@pytest.fixture(scope="module")
def encoder(config):
    from transformers import BertModel

    torch.manual_seed(0)
    return BertModel(config)


@pytest.fixture(scope="module")
def folder(encoder, tokenizer, tmp_path_factory):
    folder = tmp_path_factory.mktemp("encoder")
    tokenizer.save_pretrained(folder)
    encoder.save_pretrained(folder)
    return str(folder)


def test_a_file_never_names_an_encoder(folder, config, tmp_path):
    clf = of_texts(folder, None, max_epochs=1).fit(TEXTS, Y)
    net = clf.net_
    stored = net.module_.stored_parameters()
    assert isinstance(stored["model"], type(config))
    path = skcrowd.save(clf, tmp_path / "model.skcrowd")

    def name_it(content):
        network = content["estimator"]["attributes"]["net_"]["network"]
        network["parameters"]["model"] = folder

    rewrite(path, name_it)
    with pytest.raises(ValueError, match="encoder is named, but not held"):
        skcrowd.load(path)


def test_a_pretrained_model_is_copied(encoder, tokenizer):
    before = {name: values.clone() for name, values in encoder.state_dict().items()}
    clf = of_texts(encoder, tokenizer, max_epochs=1)
    clone(clf).fit(TEXTS, Y)
    for name, values in encoder.state_dict().items():
        torch.testing.assert_close(values, before[name])


def test_an_instance_is_a_network_too(config, tokenizer, tmp_path):
    clf = CrowdClassifier(
        TextClassifierModule(config, 2, tokenizer), max_epochs=1, random_state=0
    ).fit(TEXTS, Y)
    twin = skcrowd.load(skcrowd.save(clf, tmp_path / "model.skcrowd"))
    np.testing.assert_array_equal(twin.predict_proba(TEXTS), clf.predict_proba(TEXTS))


def test_a_tokenizer_of_skorch_may_come_before(folder):
    texts = of_texts(folder, None, max_epochs=1).fit(TEXTS, Y)
    encoder = HuggingfacePretrainedTokenizer(folder, max_length=16).fit(TEXTS)
    encoded = dict(encoder.transform(TEXTS))
    arrays = of_texts(folder, None, max_epochs=1)
    pipeline = make_pipeline(encoder, arrays).fit(TEXTS, Y)
    assert set(encoded) >= {"input_ids", "attention_mask"}
    arrays.net_.module_.load_state_dict(texts.net_.module_.state_dict())
    np.testing.assert_allclose(
        pipeline.predict_proba(TEXTS), texts.predict_proba(TEXTS), atol=1e-6
    )


def test_numbers_are_learned_from_texts(config, tokenizer):
    ratings = [[1.0, 1.5], [3.0, 3.5], [3.0, 4.0], [1.0, 0.5]] * 5
    reg = CrowdRegressor(
        TextClassifierModule,
        module__model=config,
        module__tokenizer=tokenizer,
        lr=1e-2,
        max_epochs=8,
        random_state=0,
    ).fit(TEXTS, ratings)
    good, bad = reg.predict(["good good", "bad film indeed"])
    assert good < bad


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"module__tokenizer": None}, ValueError, "tokenizer is None"),
        ({"module__model": 3}, ValueError, "model is 3"),
        ({"module__pooling": "max"}, ValueError, "pooling must be"),
        ({"module__layer_decay": 2}, ValueError, "layer_decay must be"),
        ({"module__max_length": 2}, ValueError, "max_length is 2"),
    ],
)
def test_what_cannot_be_built_is_refused(config, tokenizer, change, error, message):
    with pytest.raises(error, match=message):
        of_texts(config, tokenizer, **change).fit(TEXTS, Y)
