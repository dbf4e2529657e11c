"""The `.lamina` file: round trips, and everything that may be wrong with a file."""

import json
import zipfile

import numpy as np
import pytest
from safetensors.numpy import save_file

import lamina
from lamina import layers, ops
from lamina.core import ArgumentError, FileFormatError, UnknownNameError
from models.sandbox import at_most

X = np.random.default_rng(0).normal(size=(16, 8, 8, 1)).astype(np.float32)
Y = np.arange(16) % 3


def classifier():
    return lamina.Sequential(
        [
            layers.Input((8, 8, 1)),
            layers.Conv2D(4, 3, activation="relu", kernel_regularizer="l2"),
            layers.BatchNormalization(),
            layers.Flatten(),
            layers.Dropout(0.3),
            layers.Dense(3),
        ]
    )


@pytest.fixture
def saved(tmp_path):
    model = classifier()
    model.compile(lamina.optimizers.Adam(1e-2), "sparse_categorical_crossentropy", metrics=["accuracy"])
    path = tmp_path / "model.lamina"
    model.save(path)
    return path


def test_a_trained_model_comes_back_and_trains_on_as_if_never_saved(tmp_path):
    model = classifier()
    loss = lamina.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(lamina.optimizers.Adam(1e-2), loss, metrics=["accuracy"])
    model.fit(X, Y, epochs=2, batch_size=8, verbose=0)
    model.save(tmp_path / "m.lamina")
    again = lamina.load_model(tmp_path / "m.lamina")
    np.testing.assert_array_equal(again.predict(X), model.predict(X))
    more = model.fit(X, Y, initial_epoch=2, epochs=4, batch_size=8, verbose=0)
    same = again.fit(X, Y, initial_epoch=2, epochs=4, batch_size=8, verbose=0)
    assert more.history == same.history
    for a, b in zip(model.get_weights(), again.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_equal_models_give_equal_files(saved, tmp_path):
    model = lamina.load_model(saved)
    model.save(tmp_path / "again.lamina")
    assert (tmp_path / "again.lamina").read_bytes() == saved.read_bytes()


def test_a_registered_subclass_comes_back(tmp_path):
    @lamina.register
    class SavedNet(lamina.Model):
        def __init__(self, units, name=None):
            super().__init__(name=name)
            self.blocks = [layers.Dense(units, activation="relu"), layers.Dense(2)]

        def call(self, inputs):
            for block in self.blocks:
                inputs = block(inputs)
            return ops.tanh(inputs)

    model = SavedNet(5)
    model(np.ones((1, 3), np.float32))
    model.save(tmp_path / "net.lamina")
    again = lamina.load_model(tmp_path / "net.lamina")
    np.testing.assert_array_equal(again.predict(X[:, 0, :3, 0]), model.predict(X[:, 0, :3, 0]))


def test_a_registered_function_comes_back_as_activation(tmp_path):
    @lamina.register
    def doubled_relu(x):
        return lamina.ops.relu(x) * 2.0

    model = lamina.Sequential([lamina.layers.Input((3,)), lamina.layers.Dense(2, activation=doubled_relu)])
    model.save(tmp_path / "model.lamina")
    x = np.ones((4, 3), "float32")
    again = lamina.load_model(tmp_path / "model.lamina")
    np.testing.assert_array_equal(again.predict(x, verbose=0), model.predict(x, verbose=0))


def test_an_unregistered_class_is_refused_and_nothing_is_written(tmp_path):
    class Hidden(lamina.Model):
        def call(self, inputs):
            return inputs

    model = Hidden()
    model(np.ones((1, 3), np.float32))
    with pytest.raises(ArgumentError, match="@lamina.register above class Hidden"):
        model.save(tmp_path / "x.lamina")
    assert not list(tmp_path.iterdir())


def test_weights_alone(tmp_path):
    model, other = classifier(), classifier()
    model.save_weights(tmp_path / "w.safetensors")
    renamed = {v: k for k, v in zip(other.named_variables(), model.named_variables(), strict=True)}
    assert renamed
    model.set_weights([w + 1 for w in model.get_weights()])
    changed = model.get_weights()
    model.load_weights(tmp_path / "w.safetensors")
    for a, b in zip(model.get_weights(), changed, strict=True):
        np.testing.assert_allclose(a + 1, b, rtol=1e-6)


def test_weights_of_another_model_are_refused_with_the_names(tmp_path, saved):
    model = lamina.Sequential([layers.Input((2,)), layers.Dense(3, name="only")])
    with pytest.raises(FileFormatError, match=r"missing: only/bias, only/kernel.*unexpected:"):
        model.load_weights(saved)


def rewrite(path, change):
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    change(parts)
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in parts.items():
            archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), data)


def resign(parts):
    import hashlib

    meta = json.loads(parts["metadata.json"])
    meta["sha256"] = {n: hashlib.sha256(parts[n]).hexdigest() for n in ("config.json", "weights.safetensors")}
    parts["metadata.json"] = json.dumps(meta).encode()


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.9, 0.999])
def test_truncation_is_noticed(saved, share):
    data = saved.read_bytes()
    saved.write_bytes(data[: int(len(data) * share)])
    with pytest.raises(FileFormatError):
        lamina.load_model(saved)


@pytest.mark.parametrize("name", ["model.lamina", "weights.safetensors"])
def test_every_flipped_bit_is_noticed(saved, tmp_path, name):
    """A bit in each of 300 places, all eight of them in the end; every place of small files is tried in tests/core."""
    model = lamina.load_model(saved)
    model.save_weights(tmp_path / "weights.safetensors")
    path = tmp_path / name
    data = path.read_bytes()
    for bit, place in enumerate(np.linspace(0, len(data) - 1, 300).astype(int)):
        path.write_bytes(data[:place] + bytes([data[place] ^ 1 << bit % 8]) + data[place + 1 :])
        with at_most(1.0, 200), pytest.raises(FileFormatError):
            lamina.load_model(path) if name == "model.lamina" else model.load_weights(path)
    for length in np.linspace(0, len(data) - 1, 50).astype(int):
        path.write_bytes(data[:length])
        with at_most(1.0, 200), pytest.raises(FileFormatError):
            lamina.load_model(path) if name == "model.lamina" else model.load_weights(path)


def test_weights_of_other_types(tmp_path):
    model = lamina.Sequential([layers.Input((2,)), layers.Dense(1, name="a")])
    half = {"a/kernel": np.ones((2, 1), np.float16), "a/bias": np.ones(1, np.float64)}
    save_file(half, tmp_path / "w.safetensors")
    model.load_weights(tmp_path / "w.safetensors")
    assert [w.dtype for w in model.get_weights()] == [np.float32] * 2 and model.get_weights()[0].sum() == 2
    save_file({**half, "a/bias": np.ones(1, np.int32)}, tmp_path / "w.safetensors")
    with pytest.raises(FileFormatError, match="another type"):
        model.load_weights(tmp_path / "w.safetensors")


def test_what_a_file_describes_may_not_be_larger_than_what_it_holds(tmp_path):
    """The limit is generous: a deep stack of small layers, and one without weights, are read."""
    deep = [layers.Input((3,)), *(layers.Dense(3) for _ in range(60)), layers.Repeat(layers.Dense(3), 200)]
    model = lamina.Sequential([*deep, *(layers.Dropout(0.1) for _ in range(60))])
    model.save(tmp_path / "deep.lamina")
    assert lamina.load_model(tmp_path / "deep.lamina").count_params() == model.count_params()


@pytest.mark.parametrize(
    "change",
    [
        lambda p: p.update({"evil.py": b"print(1)"}),
        lambda p: p.pop("weights.safetensors"),
        lambda p: p.update({"config.json": b"{}"}),
        lambda p: (p.update({"config.json": b"{}"}), resign(p)),
        lambda p: (p.update({"config.json": b"[" * 200_000}), resign(p)),
        lambda p: (p.update({"config.json": b'{"format": 99}'}), resign(p)),
        lambda p: (p.update({"weights.safetensors": b"\x00" * 64}), resign(p)),
        lambda p: (p.update({"config.json": p["config.json"].replace(b'"units": 3', b'"units": 4')}), resign(p)),
    ],
)
def test_tampering_is_refused(saved, change):
    rewrite(saved, change)
    with pytest.raises(FileFormatError):
        lamina.load_model(saved)


def test_compressed_members_are_refused(saved):
    with zipfile.ZipFile(saved) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(saved, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    with pytest.raises(FileFormatError, match="stored as they are"):
        lamina.load_model(saved)


@pytest.mark.parametrize("name", ["os.system", "builtins.eval", "subprocess.Popen", "Model", "Layer", "Registry"])
def test_a_file_cannot_name_what_is_not_registered(saved, name):
    def change(parts):
        config = json.loads(parts["config.json"])
        config["model"]["config"]["layers"][-1]["class_name"] = name
        parts["config.json"] = json.dumps(config).encode()
        resign(parts)

    rewrite(saved, change)
    with pytest.raises(UnknownNameError, match="layer: the name is not registered"):
        lamina.load_model(saved)


def test_a_wrong_ending_and_an_unbuilt_model_are_refused(tmp_path):
    with pytest.raises(ArgumentError, match=r"ends in \.lamina"):
        classifier().save(tmp_path / "model.h5")
    with pytest.raises(ArgumentError, match="when its weights exist"):
        lamina.Sequential([layers.Dense(1)]).save(tmp_path / "m.lamina")
    with pytest.raises(FileNotFoundError):
        lamina.load_model(tmp_path / "none.lamina")


def test_a_failed_write_leaves_the_old_file(saved, monkeypatch):
    before = saved.read_bytes()
    model = lamina.load_model(saved)
    model.set_weights([w + 1 for w in model.get_weights()])

    def full(*args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space left"):
        model.save(saved)
    assert saved.read_bytes() == before and [p.name for p in saved.parent.iterdir()] == ["model.lamina"]
