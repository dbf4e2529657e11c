"""Blocks of the Transformer: what they may look at, and decoding token by token."""

from typing import Any

import numpy as np
import pytest

import lamina
from lamina import Tensor, ops
from lamina.core import ShapeError, gradients
from lamina.layers import Repeat, Transformer, TransformerDecoder, TransformerEncoder

N, T, S, F = 2, 4, 3, 8


@pytest.fixture
def x(rng: np.random.Generator) -> Tensor:
    return Tensor(rng.normal(size=(N, T, F)).astype("float32"))


@pytest.fixture
def memory(rng: np.random.Generator) -> Tensor:
    return Tensor(rng.normal(size=(N, S, F)).astype("float32"))


def disturbed(layer: Any) -> Any:
    rng = np.random.default_rng(1)
    layer.set_weights([w + rng.normal(size=w.shape) * 0.3 for w in layer.get_weights()])
    return layer


def close(mine: Any, theirs: Any) -> None:
    np.testing.assert_allclose(mine, theirs, rtol=2e-5, atol=2e-5)


@pytest.mark.parametrize("normalize_first", [False, True])
def test_no_place_of_the_decoder_depends_on_a_later_one(normalize_first: bool, x: Tensor, memory: Tensor) -> None:
    stack = Repeat(TransformerDecoder(16, 2, normalize_first=normalize_first), 2)
    stack(x, memory)
    disturbed(stack)

    @lamina.compile
    def slopes(x: Tensor) -> Any:
        x = Tensor(x, requires_grad=True)
        y = stack(x, memory)
        u = np.linspace(-1, 1, F).astype("float32")  # the sum of a normalised row does not depend on anything
        return [gradients((y[:, t] * u).sum(), [x])[0] for t in range(T)]

    for t, slope in enumerate(slopes(x)):
        assert not np.any(slope[:, t + 1 :].numpy()), "not even a little"
        assert np.all(np.abs(slope[:, : t + 1].numpy()).max(-1) > 0)


@pytest.mark.parametrize("cross", [False, True])
def test_token_by_token_is_all_at_once(cross: bool, x: Tensor, memory: Tensor) -> None:
    block = TransformerDecoder(16, 2)
    more = {"encoder_sequence": memory} if cross else {}
    block(x, **more)
    disturbed(block)
    expected = block(x, **more)
    if cross:
        more = {"cross_attention_cache": block.cross_attention.fill_cache(memory)}

    @lamina.compile
    def step(token: Tensor, cache: Any, t: Any) -> Any:
        return block(token, self_attention_cache=cache, self_attention_cache_update_index=t, **more)

    cache = block.make_cache(N, T + 1)
    for t in range(T):
        y, cache = step(x[:, t : t + 1], cache, np.int32(t))
        close(y, expected[:, t : t + 1])
    assert len(step.compilations) == 1


def test_padding_is_not_looked_at(x: Tensor, memory: Tensor) -> None:
    """What stands in padded places changes nothing elsewhere, whether the mask is given or carried."""
    real = np.array([[True] * 3 + [False], [True] * 2 + [False] * 2])
    other = Tensor(np.where(real[..., None], x.numpy(), 9.0).astype("float32"))
    encoder, decoder = TransformerEncoder(16, 2), TransformerDecoder(16, 2)
    y = encoder(x, padding_mask=real)
    close(encoder(other, padding_mask=real)[real], y[real])
    assert np.abs((encoder(other) - encoder(x)).numpy()[real]).max() > 1e-3
    carried = lamina.layers.Masking(9.0)(other)
    close(encoder(carried)[real], y[real])
    assert encoder(carried).mask.tolist() == real.tolist()
    z = decoder(memory, x, encoder_padding_mask=real)
    close(decoder(memory, other, encoder_padding_mask=real), z)
    close(decoder(memory, carried), z)
    free = decoder(x, memory, use_causal_mask=False, decoder_padding_mask=real)
    close(decoder(other, memory, use_causal_mask=False, decoder_padding_mask=real)[real], free[real])
    assert np.abs((free - decoder(x, memory, decoder_padding_mask=real)).numpy()).max() > 1e-3


def test_masks_of_pairs_and_the_scores(x: Tensor) -> None:
    block = TransformerEncoder(16, 2)
    mask = np.tril(np.ones((T, T), bool))
    y, scores = block(x, attention_mask=np.broadcast_to(mask, (N, T, T)), return_attention_scores=True)
    assert y.shape == (N, T, F) and scores.shape == (N, 2, T, T)
    np.testing.assert_allclose(scores.sum(-1), 1.0, rtol=1e-5)
    assert not np.any(scores.numpy()[..., ~mask])


def test_the_whole_is_its_parts_and_decodes_token_by_token(x: Tensor, memory: Tensor) -> None:
    model = Transformer(num_heads=2, num_encoder_layers=2, num_decoder_layers=3, intermediate_dim=16, dropout=0.0)
    model(memory, x)
    disturbed(model)
    real = np.array([[True, True, False], [True, True, True]])
    expected = model(memory, x, source_mask=real)
    carried = lamina.layers.Masking(9.0)(Tensor(np.where(real[..., None], memory.numpy(), 9.0).astype("float32")))
    close(model(carried, x), expected)
    read = model.encode(memory, real)
    cache = model.make_cache(N, T)
    step = lamina.compile(lambda token, cache, t: model.decode(token, read, real, cache=cache, position=t))
    for t in range(T):
        y, cache = step(x[:, t : t + 1], cache, np.int32(t))
        close(y, expected[:, t : t + 1])


def test_dropout_and_saving(x: Tensor, memory: Tensor, tmp_path: object) -> None:
    source, target = lamina.layers.Input((S, F)), lamina.layers.Input((T, F))
    whole = Transformer(2, num_encoder_layers=1, num_decoder_layers=2, intermediate_dim=8, normalize_first=True)
    model = lamina.Model([source, target], lamina.layers.Dense(3)(whole(source, target)))
    y = model([memory, x])
    assert np.abs((model([memory, x], training=True) - y).numpy()).max() > 1e-3
    model.save(f"{tmp_path}/m.lamina")
    np.testing.assert_array_equal(lamina.load_model(f"{tmp_path}/m.lamina")([memory, x]), y)


def test_heads_must_share_the_features(x: Tensor) -> None:
    with pytest.raises(ShapeError, match="multiple of 3"):
        TransformerEncoder(16, 3)(x)


def test_rows_of_a_language_model_in_numpy(x: Tensor) -> None:
    """One pre-norm decoder block without encoder, written out."""
    block = TransformerDecoder(5, 2, activation="gelu", normalize_first=True)
    block(x)
    w = {name: v.numpy().astype("float64") for name, v in disturbed(block).named_variables().items()}

    def norm(v: np.ndarray, name: str) -> np.ndarray:
        centred = v - v.mean(-1, keepdims=True)
        return centred / np.sqrt(v.var(-1, keepdims=True) + 1e-5) * w[f"{name}/gamma"] + w[f"{name}/beta"]

    def project(v: np.ndarray, name: str) -> np.ndarray:
        part = f"self_attention/{name}_dense/"
        return np.einsum("ntf,fah->ntah", v, w[part + "kernel"]) + w[part + "bias"]

    v = x.numpy().astype("float64")
    h = norm(v, "self_attention_norm")
    scores = np.einsum("ntah,nsah->nats", project(h, "query"), project(h, "key")) / np.sqrt(F // 2)
    scores = np.exp(np.where(np.tril(np.ones((T, T), bool)), scores, -np.inf))
    mixed = np.einsum("nats,nsah->ntah", scores / scores.sum(-1, keepdims=True), project(h, "value"))
    out = "self_attention/output_dense/"
    v = v + np.einsum("ntah,ahf->ntf", mixed, w[out + "kernel"]) + w[out + "bias"]
    u = norm(v, "feedforward_norm") @ w["feedforward_intermediate/kernel"] + w["feedforward_intermediate/bias"]
    v = v + np.asarray(ops.gelu(u, False)) @ w["feedforward_output/kernel"] + w["feedforward_output/bias"]
    close(block(x), v)
