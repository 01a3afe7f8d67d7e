"""Networks that hear words: compiled and plain agree, words and things are told apart, and what is said is learned."""

from __future__ import annotations

import copy

import numpy as np
import pytest
import torch

from neurosym.errors import CheckpointError
from neurosym.options import (
    Features,
    FeatureSpec,
    HearingNetwork,
    HearingSpec,
    Learner,
    NetworkController,
    OptionNetwork,
    ParallelLearner,
    PPOConfig,
    Rollout,
    load_checkpoint,
    save_checkpoint,
)
from neurosym.options.descent import HearingDescent, TorchDescent
from neurosym.options.grounding import CompiledGrounding, Heard, ground, hear
from neurosym.options.loss import Batch

SPEC = HearingSpec(
    rows=30, width=5, things=4, said=2, places=12, dense=2, actions=3, words=tuple("abcdefg"), length=5
)


def random_features(count: int, seed: int = 0) -> Features:
    rng = np.random.default_rng(seed)
    features = SPEC.features.empty(count)
    features.sparse[:, :5] = rng.integers(SPEC.rows, size=(count, 5))
    things = rng.integers(1, 9, size=(count, 4, 3))
    things[rng.random((count, 4)) < 0.3] = 0
    features.sparse[:, 5 : SPEC.described] = things.reshape(count, -1)
    said = rng.integers(1, SPEC.numbers, size=(count, 5))
    said[np.arange(5) >= rng.integers(0, 6, size=(count, 1))] = 0
    features.sparse[:, SPEC.described :] = said
    features.dense[:] = rng.standard_normal(features.dense.shape)
    return features


def random_batch(count: int, seed: int = 0) -> Batch:
    rng, features = np.random.default_rng(seed), random_features(count, seed)
    return Batch(
        features.sparse,
        features.dense,
        rng.integers(3, size=count),
        np.full(count, -np.log(3), np.float32),
        rng.standard_normal(count).astype(np.float32),
        rng.random(count).astype(np.float32),
    )


def small_network(seed: int = 0) -> HearingNetwork:
    return HearingNetwork(SPEC, (16, 8), seed)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"things": 0}, "things must be"),
        ({"said": True}, "said must be"),
        ({"places": -1}, "places must be"),
        ({"length": 0}, "length must be"),
        ({"rows": 1}, "rows must be"),
        ({"words": ("a", "a")}, "all different"),
    ],
)
def test_sizes_are_checked(change, complaint):
    sizes = {name: getattr(SPEC, name) for name in HearingSpec.__slots__}
    with pytest.raises(ValueError, match=complaint):
        HearingSpec(**{**sizes, **change})


def test_the_columns_are_as_said():
    assert SPEC.described == 5 + 4 * 3
    assert SPEC.numbers == 9
    assert SPEC.features == FeatureSpec(rows=30, width=5 + 4 * 3 + 5, dense=2, actions=3)


def test_acting_is_the_compiled_form_of_the_definition():
    network, features = small_network(), random_features(64)
    logits, values = network(torch.from_numpy(features.sparse), torch.from_numpy(features.dense))
    found = network.evaluate(features)
    np.testing.assert_allclose(found[0], logits.detach().numpy(), atol=1e-6)
    np.testing.assert_allclose(found[1], values.detach().numpy(), atol=1e-5)


def test_one_state_is_judged_as_in_a_batch():
    network, features = small_network(), random_features(64)
    together = network.evaluate(features)[1]
    alone = [network.evaluate(features[k])[1][0] for k in range(64)]
    np.testing.assert_allclose(together, alone, atol=1e-5)


def test_the_order_of_things_does_not_matter_and_that_of_words_does():
    network, features = small_network(), random_features(32)
    values = network.evaluate(features)[1]
    turned = features[np.arange(32)]
    things = turned.sparse[:, 5 : SPEC.described].reshape(32, 4, 3)
    turned.sparse[:, 5 : SPEC.described] = things[:, ::-1].reshape(32, -1)
    np.testing.assert_allclose(network.evaluate(turned)[1], values, atol=1e-5)
    full = (features.sparse[:, SPEC.described :] > 0).all(1)
    turned.sparse[:, SPEC.described :] = features.sparse[:, SPEC.described :][:, ::-1]
    assert full.sum() > 2
    assert (abs(network.evaluate(turned)[1] - values)[full] > 1e-4).all()


def test_hearing_tells_apart_what_is_different():
    features = random_features(50)
    sparse = torch.from_numpy(features.sparse)
    network = small_network()
    heard = network.hear(sparse)
    said = sparse[:, SPEC.described :]
    assert torch.equal(heard.texts[heard.text_of], said[:, : heard.texts.shape[1]].long())
    assert len(heard.texts) == len(np.unique(said, axis=0))
    things = sparse[:, 5 : SPEC.described].reshape(50, 4, 3)
    there = heard.kind_of >= 0
    assert torch.equal(there, (things[..., :2] > 0).any(2))
    assert torch.equal(heard.kinds[heard.kind_of[there]], things[..., :2].long()[there])
    assert torch.equal(heard.place, things[..., 2].long())


def grounding_inputs(seed: int = 0) -> tuple[list[torch.Tensor], Heard]:
    generator = torch.Generator().manual_seed(seed)
    features = random_features(40, seed)
    sparse = torch.from_numpy(features.sparse)
    heard = hear(sparse[:, 5 : SPEC.described].reshape(40, 4, 3), sparse[:, SPEC.described :])
    shapes = (
        (len(heard.texts), 2, len(heard.kinds)),
        (2,),
        (2, len(heard.texts), 7),
        (len(heard.texts), 7),
        (12, 7),
    )
    return [torch.randn(shape, generator=generator).requires_grad_() for shape in shapes], heard


def test_the_compiled_gradient_is_that_of_autograd():
    inputs, heard = grounding_inputs()
    slope = torch.randn(40, 7, generator=torch.Generator().manual_seed(1))
    plain = torch.autograd.grad((ground(*inputs, heard) * slope).sum(), inputs)
    compiled = torch.autograd.grad((CompiledGrounding.apply(*inputs, heard) * slope).sum(), inputs)
    for name, found, expected in zip(
        ("scores", "nothing", "gates", "shift", "places"), compiled, plain, strict=True
    ):
        torch.testing.assert_close(
            found, expected, atol=1e-5, rtol=1e-4, msg=lambda text, name=name: f"{name}: {text}"
        )


def test_the_gradient_is_that_of_finite_differences():
    inputs, heard = grounding_inputs(2)
    slope = torch.randn(40, 7, generator=torch.Generator().manual_seed(3))

    def value(tensors: list[torch.Tensor]) -> float:
        return float((CompiledGrounding.apply(*tensors, heard).double() * slope).sum())

    gradients = torch.autograd.grad((CompiledGrounding.apply(*inputs, heard) * slope).sum(), inputs)
    with torch.no_grad():
        for k, gradient in enumerate(gradients):
            way = torch.randn(gradient.shape, generator=torch.Generator().manual_seed(k))
            moved = [[t + h * way if j == k else t for j, t in enumerate(inputs)] for h in (1e-2, -1e-2)]
            found = (value(moved[0]) - value(moved[1])) / 2e-2
            assert found == pytest.approx(float((gradient * way).sum()), rel=2e-2, abs=2e-2), k


def test_both_ways_to_learn_are_one():
    config = PPOConfig(max_gradient_norm=0.3)
    networks = small_network(5), small_network(5)
    descents = HearingDescent(networks[0], config), TorchDescent(networks[1], config, torch.device("cpu"))
    for seed in range(3):
        batch = random_batch(90, seed)
        told = []
        for descent in descents:
            descent.begin(batch)
            told.append(descent.step(np.arange(seed, 90, 2), 1e-2))
            descent.end()
        torch.testing.assert_close(*told, atol=1e-4, rtol=1e-4)
    for name, weight in networks[1].state_dict().items():
        torch.testing.assert_close(networks[0].state_dict()[name], weight, atol=1e-4, rtol=0, msg=name)


def test_padding_is_never_learned():
    network = small_network()
    learner = HearingDescent(network, PPOConfig())
    learner.begin(random_batch(90))
    learner.step(np.arange(90), 1e-2)
    for table in (network.table, network.words, network.places):
        assert not table[0].any()


# Checkpoints, and the other process. -----------------------------------------------------------------------------


@pytest.mark.parametrize("half", [False, True])
def test_a_checkpoint_keeps_what_is_heard(tmp_path, half):
    network = small_network(3)
    save_checkpoint(tmp_path, network, half=half)
    loaded = load_checkpoint(tmp_path, FeatureSpec(9, 9, 9, 9), SPEC).network
    assert isinstance(loaded, HearingNetwork)
    assert loaded.hearing == SPEC
    for name, weight in network.state_dict().items():
        torch.testing.assert_close(loaded.state_dict()[name], weight, atol=2e-3 if half else 0, rtol=1e-3)


def test_a_checkpoints_vocabulary_is_its_own(tmp_path):
    save_checkpoint(tmp_path, small_network())
    here = HearingSpec(**{**{name: getattr(SPEC, name) for name in SPEC.__slots__}, "words": ("x",)})
    network = load_checkpoint(tmp_path, SPEC.features, here).network
    assert network.hearing is not None
    assert network.hearing.words == SPEC.words


def test_a_checkpoint_that_hears_other_things_is_refused(tmp_path):
    save_checkpoint(tmp_path, small_network())
    other = HearingSpec(**{**{name: getattr(SPEC, name) for name in SPEC.__slots__}, "places": 13})
    with pytest.raises(CheckpointError, match="hear of other things"):
        load_checkpoint(tmp_path, SPEC.features, other)
    with pytest.raises(CheckpointError, match="nothing is told in words"):
        load_checkpoint(tmp_path, SPEC.features)


def test_a_checkpoint_whose_vocabulary_is_damaged_is_refused(tmp_path):
    save_checkpoint(tmp_path, small_network())
    index = tmp_path / "checkpoint.json"
    index.write_text(index.read_text().replace('"words"', '"worlds"'))
    with pytest.raises(CheckpointError, match="what is heard is missing or wrong"):
        load_checkpoint(tmp_path)


def filled(rollout: Rollout) -> Rollout:
    count = rollout.steps * rollout.worlds
    batch = random_batch(count, 4)
    rollout.sparse[:] = batch.sparse.reshape(rollout.sparse.shape)
    rollout.dense[:] = batch.dense.reshape(rollout.dense.shape)
    rollout.action[:], rollout.log_prob[:] = batch.action.reshape(rollout.action.shape), -np.log(3)
    rollout.reward[:] = batch.target.reshape(rollout.reward.shape)
    rollout.valid[:] = True
    return rollout


def test_learning_beside_equals_learning_in_place():
    sizes = {"steps": 4, "worlds": 6}
    alone = Learner(small_network(4), PPOConfig(minibatch=8), seed=2)
    told = alone.update(filled(Rollout(SPEC.features, **sizes)))
    network = small_network(4)
    with ParallelLearner(network, PPOConfig(minibatch=8), seed=2, **sizes) as learner:
        filled(learner.rollout)
        learner.submit()
        assert learner.finish() == told
    for name, weight in alone.network.state_dict().items():
        assert torch.equal(network.state_dict()[name], weight), name


# A world in which words are needed: four things in a row, and one of them is asked for. ---------------------------

COLOURS, NOUNS = ("red", "blue"), ("cup", "bell")
WORDS = ("take", "the", *COLOURS, *NOUNS)
ROW = HearingSpec(rows=2, width=1, things=4, said=2, places=5, dense=0, actions=4, words=WORDS, length=4)
NUMBER = {word: number for number, word in enumerate(WORDS, 2)}
THINGS = [(NUMBER[colour], NUMBER[noun]) for colour in COLOURS for noun in NOUNS]


def rows_of_things(rng: np.random.Generator, count: int) -> tuple[Features, np.ndarray]:
    """Things in any order, told in any order, with a place each; and where the one is that is asked for."""
    features = ROW.features.empty(count)
    wanted = rng.integers(4, size=count)
    answer = np.empty(count, np.int64)
    for n in range(count):
        places = rng.permutation(4)
        answer[n] = places[wanted[n]]
        told = [[*THINGS[k], 1 + places[k]] for k in rng.permutation(4)]
        features.sparse[n, 1 : ROW.described] = np.ravel(told)
        features.sparse[n, ROW.described :] = [NUMBER["take"], NUMBER["the"], *THINGS[wanted[n]]]
    return features, answer


def practise(network: OptionNetwork, rng: np.random.Generator, updates: int) -> None:
    learner, controller = (
        Learner(network, PPOConfig(learning_rate=5e-3, minibatch=256)),
        NetworkController(network),
    )
    rollout = Rollout(network.spec, 4, 128)
    for _ in range(updates):
        for t in range(rollout.steps):
            features, answer = rows_of_things(rng, rollout.worlds)
            action, log_prob, value = controller.act_with_values(features, rng)
            rollout.decide(t, features, action, log_prob, value)
            rollout.pay(t, (action == answer).astype(np.float32), np.zeros(rollout.worlds, np.float32))
        learner.update(rollout)


def share_right(network: OptionNetwork, features: Features, answer: np.ndarray) -> float:
    return float((network.evaluate(features)[0].argmax(1) == answer).mean())


def test_what_is_said_is_learned_and_scrambled_words_do_worse():
    rng = np.random.default_rng(0)
    network = HearingNetwork(ROW, (32,), seed=0)
    practise(network, rng, updates=40)
    features, answer = rows_of_things(rng, 400)
    assert share_right(network, features, answer) > 0.97
    scrambled, silent = copy.deepcopy(features), copy.deepcopy(features)
    scrambled.sparse[:, ROW.described :] = np.roll(features.sparse[:, ROW.described :], 1, axis=0)
    silent.sparse[:, ROW.described :] = 0
    assert share_right(network, scrambled, answer) < 0.4, "one of four is right by chance"
    assert share_right(network, silent, answer) < 0.4
