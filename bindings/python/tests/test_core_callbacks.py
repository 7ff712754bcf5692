"""The library's callbacks from Python, budgets, and what is killed and goes on."""

import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from conftest import digit_reader, two_layers, weight_bytes

import swiftnn
from swiftnn import callbacks, layers


def test_early_stopping_ends_with_the_best_weights(points):
    x, y = points
    seen = []
    model = two_layers()
    model.compile(swiftnn.optimizers.SGD(40.0), "mean_squared_error")
    early = callbacks.EarlyStopping("loss", patience=3, restore_best_weights=True)
    told = callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: seen.append((weight_bytes(model), model.stop_training))
    )
    history = model.fit(x, y, epochs=60, verbose=0, callbacks=[early, told])
    losses = history.history["loss"]
    best = int(np.argmin(losses))
    assert len(losses) == best + 4
    assert early.stopped_epoch == len(losses) - 1
    assert (early.best, early.best_epoch, early.wait) == (min(losses), best, 3)
    # The last epoch's weights are there until the training ends.
    assert [stops for _, stops in seen] == [False] * (len(losses) - 1) + [True]
    assert seen[-1][0] != weight_bytes(model) == seen[best][0]
    assert not history.paused


def test_a_name_that_is_not_reported_is_an_error_with_the_names(points):
    with pytest.raises(swiftnn.ConfigurationError, match=r"'loss', 'accuracy'\).*'val_loss'"):
        two_layers().fit(*points, verbose=0, callbacks=callbacks.EarlyStopping())
    with pytest.raises(swiftnn.ConfigurationError, match="patience"):
        two_layers().fit(
            *points, verbose=0, callbacks=[callbacks.EarlyStopping("loss", patience=-1)]
        )


def test_a_scheduler_sets_the_rate(points):
    rates = callbacks.LearningRateScheduler(lambda epoch, rate: rate / 2 if epoch else rate)
    history = two_layers().fit(*points, epochs=3, verbose=0, callbacks=[rates])
    assert history.history["learning_rate"] == pytest.approx([0.03, 0.015, 0.0075])
    alone = callbacks.LearningRateScheduler(lambda epoch: 0.1 + epoch)
    history = two_layers().fit(*points, epochs=2, verbose=0, callbacks=[alone])
    assert history.history["learning_rate"] == pytest.approx([0.1, 1.1])


def test_terminate_on_nan_stops(points):
    x, y = points
    x = x.copy()
    x[100] = np.nan
    model = two_layers()
    history = model.fit(
        x, y, epochs=5, batch_size=32, shuffle=False, verbose=0,
        callbacks=[callbacks.TerminateOnNaN()],
    )  # fmt: skip
    assert history.epoch == [0]
    assert np.isnan(history.history["loss"][0])
    assert all(np.isfinite(weight).all() for weight in model.get_weights())


def test_a_budget_pauses_and_goes_on(points):
    x, y = points
    expected = two_layers()
    expected.fit(x, y, epochs=3, batch_size=32, verbose=0, validation_split=0.25)
    model = two_layers()
    calls = 0
    while True:
        history = model.fit(
            x, y, epochs=3, batch_size=32, verbose=0, validation_split=0.25, max_steps=4,
            resume=calls > 0,
        )  # fmt: skip
        calls += 1
        if not history.paused:
            break
    assert weight_bytes(model) == weight_bytes(expected)
    assert calls == 5  # 18 steps


def test_a_deadline_gives_a_step_at_least(points):
    model = two_layers()
    first = model.fit(*points, epochs=3, batch_size=32, verbose=0, max_seconds=0)
    assert first.paused
    assert first.epoch == []
    began = time.monotonic()
    history = model.fit(
        *points, epochs=10**6, batch_size=32, verbose=0, max_seconds=0.2, resume=True
    )
    assert history.paused
    assert time.monotonic() - began < 5


@pytest.mark.parametrize("bad", [{"max_steps": 0}, {"max_steps": 1.5}, {"max_seconds": -1}])
def test_budgets_that_are_none(points, bad):
    with pytest.raises(swiftnn.ArgumentError, match=next(iter(bad))):
        two_layers().fit(*points, verbose=0, **bad)


def test_what_is_not_done_is_refused_by_name(points):
    with pytest.raises(swiftnn.UnsupportedError, match="steps_per_epoch"):
        two_layers().fit(*points, verbose=0, steps_per_epoch=3)


KILLED = textwrap.dedent(
    """
    import sys, time, numpy as np, swiftnn
    from swiftnn import callbacks, layers

    backup, log, slow = sys.argv[1:4]
    rng = np.random.default_rng(1)
    x = rng.normal(size=(200, 8)).astype(np.float32)
    y = rng.integers(0, 3, 200).astype(np.int32)
    model = swiftnn.Sequential([
        swiftnn.Input((8,)), layers.Dense(16, activation="relu"), layers.Dropout(0.2),
        layers.Dense(3, activation="softmax")], seed=5)
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    told = [callbacks.LambdaCallback(on_train_batch_end=lambda b, logs: (
        print(b, flush=True), time.sleep(0.005)))] if slow == "slow" else []
    model.fit(x, y, epochs=6, batch_size=10, verbose=0, validation_split=0.1, callbacks=[
        callbacks.BackupAndRestore(backup, save_freq=3),
        callbacks.EarlyStopping("loss", patience=4, restore_best_weights=True),
        callbacks.CSVLogger(log), *told])
    print("".join(w.tobytes().hex() for w in model.get_weights()))
    """
)


def test_a_killed_training_goes_on_and_ends_with_the_same_bytes(tmp_path):
    def run(name, kill_after=None):
        command = [
            sys.executable, "-c", KILLED, str(tmp_path / name), str(tmp_path / f"{name}.csv"),
            "slow" if kill_after else "fast",
        ]  # fmt: skip
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=os.environ)
        if kill_after:
            for _ in range(kill_after):
                assert process.stdout.readline()
            process.send_signal(signal.SIGKILL)
        out, _ = process.communicate()
        assert process.returncode == (-signal.SIGKILL if kill_after else 0)
        return out

    expected = run("never")
    for steps in (20, 41, 5):
        run("often", kill_after=steps)
        assert (tmp_path / "often" / "latest.h5").exists()
    assert run("often") == expected
    assert not (tmp_path / "often").exists()
    assert (tmp_path / "often.csv").read_bytes() == (tmp_path / "never.csv").read_bytes()


def test_ctrl_c_ends_an_evaluation(rng):
    model = digit_reader()
    x = rng.random((20000, 8, 8), np.float32)
    y = np.zeros(20000, np.int32)
    model.evaluate(x[:10], y[:10], verbose=0)
    main = threading.main_thread().ident

    def interrupt():
        time.sleep(0.05)
        signal.pthread_kill(main, signal.SIGINT)

    thread = threading.Thread(target=interrupt)
    thread.start()

    def evaluate_for_long():
        for _ in range(10000):
            model.evaluate(x, y, batch_size=1, verbose=0)

    with pytest.raises(KeyboardInterrupt):
        evaluate_for_long()
    thread.join()
    model.evaluate(x[:10], y[:10], verbose=0)


def test_ctrl_c_ends_a_search_for_a_rate(rng):
    model = digit_reader(units=128)
    x, y = rng.random((64, 8, 8), np.float32), np.zeros(64, np.int32)
    before = weight_bytes(model)
    timer = threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT))
    began = time.monotonic()
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        # Some minutes.
        model.find_learning_rate(x, y, start=1e-9, end=1e-8, steps=10**6, batch_size=64)
    assert time.monotonic() - began < 20
    timer.join()
    assert weight_bytes(model) == before
    assert len(model.find_learning_rate(x, y, steps=5)["rates"]) <= 5


def test_where_the_librarys_callbacks_stand(points, tmp_path):
    x, y = points
    model = two_layers()
    plateau = callbacks.ReduceLROnPlateau("loss", mode="max", patience=2, cooldown=3)
    early = callbacks.EarlyStopping("loss", patience=9)
    saved = callbacks.ModelCheckpoint(tmp_path / "m.h5", "loss", save_best_only=True)
    assert (early.best, early.wait, plateau.best, saved.best) == (None, 0, None, None)
    losses = model.fit(x, y, epochs=4, verbose=0, callbacks=[plateau, early, saved]).history["loss"]
    assert losses == sorted(losses, reverse=True)
    assert (early.best, early.best_epoch, early.wait, early.stopped_epoch) == (losses[3], 3, 0, 0)
    assert (plateau.best, plateau.wait, plateau.cooldown_counter) == (losses[0], 0, 2)
    assert saved.best == losses[3]


def averaging_model():
    model = two_layers()
    model.compile(swiftnn.optimizers.SGD(0.5, use_ema=True, ema_momentum=0.9), "mse")
    return model


def test_swap_ema_weights_validates_with_the_averages(points):
    x, y = points
    plain, swapping = averaging_model(), averaging_model()
    without = plain.fit(x, y, epochs=3, verbose=0, validation_data=points).history
    seen = []
    told = callbacks.LambdaCallback(on_epoch_end=lambda *_: seen.append(weight_bytes(swapping)))
    history = swapping.fit(
        x, y, epochs=3, verbose=0, validation_data=points,
        callbacks=[callbacks.SwapEMAWeights(swap_on_epoch=True), told],
    ).history  # fmt: skip
    assert weight_bytes(swapping) == weight_bytes(plain) == seen[-1]
    assert history["loss"] == without["loss"]
    assert history["val_loss"] != without["val_loss"]
    assert history["val_loss"][-1] == swapping.evaluate(x, y, verbose=0)
    with pytest.raises(swiftnn.ConfigurationError, match="use_ema"):
        two_layers().fit(x, y, verbose=0, callbacks=callbacks.SwapEMAWeights())


def test_a_loss_surface_leaves_the_training_as_it_was(points):
    x, y = points
    plain, looked_at = averaging_model(), averaging_model()
    for model in (plain, looked_at):
        model.fit(x, y, epochs=2, verbose=0)
    swiftnn.plots.loss_surface(looked_at, x, y, steps=3)
    for model in (plain, looked_at):
        model.fit(x, y, epochs=4, verbose=0, resume=True)
    assert weight_bytes(looked_at) == weight_bytes(plain)


def test_ctrl_c_in_a_fit_keeps_the_backup_and_goes_on(points, tmp_path):
    def config():
        return [
            callbacks.BackupAndRestore(tmp_path / "b"),
            callbacks.EarlyStopping("loss", patience=9),
        ]

    x, y = points
    expected = two_layers()
    expected.fit(x, y, epochs=3, batch_size=32, verbose=0, callbacks=config())

    class Interrupt(callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            if batch == 5 and len(self.model.history.epoch) == 1:
                os.kill(os.getpid(), signal.SIGINT)

    model = two_layers()
    with pytest.raises(KeyboardInterrupt):
        model.fit(x, y, epochs=3, batch_size=32, verbose=0, callbacks=[*config(), Interrupt()])
    assert (tmp_path / "b" / "latest.h5").exists()
    model.fit(x, y, epochs=3, batch_size=32, verbose=0, callbacks=config(), resume=True)
    assert weight_bytes(model) == weight_bytes(expected)


def test_evaluate_looks_at_so_many_batches(points):
    x, y = points
    model = two_layers()
    assert model.evaluate(x, y, batch_size=8, steps=2, verbose=0) == model.evaluate(
        x[:16], y[:16], batch_size=8, verbose=0
    )


def test_mixup_trains_and_refuses_class_numbers(points):
    x, y = points
    plain, mixed = two_layers(), two_layers()
    plain.fit(x, y, verbose=0)
    mixed.fit(x, y, verbose=0, mixup=0.3)
    assert weight_bytes(plain) != weight_bytes(mixed)
    with pytest.raises(swiftnn.UnsupportedError, match="one-hot"):
        digit_reader().fit(np.zeros((4, 8, 8), np.float32), np.zeros(4, np.int32), mixup=0.2)


def test_diagnose_prints_a_table_and_draws(points, tmp_path):
    x, y = points
    model = swiftnn.Sequential(
        [swiftnn.Input((2,))]
        + [layers.Dense(8, activation="sigmoid") for _ in range(10)]
        + [layers.Dense(1)],
        seed=1,
    )
    model.compile("sgd", "mse")
    before = weight_bytes(model)
    report = model.diagnose(x, y)
    assert weight_bytes(model) == before
    verdicts = list(report.verdicts.values())
    assert verdicts[0] == "vanishing"
    assert verdicts[-1] == "healthy"
    assert not report.is_healthy
    text = str(report)
    assert len(text.splitlines()) == 13
    assert "residual" in text
    pytest.importorskip("matplotlib")
    report.plot(tmp_path / "d.png")
    assert (tmp_path / "d.png").read_bytes().startswith(b"\x89PNG")


def test_pictures(points, tmp_path):
    pytest.importorskip("matplotlib")
    x, y = points
    model = two_layers()
    history = model.fit(x, y, epochs=4, verbose=0, validation_split=0.2, validation_freq=2)
    swiftnn.plots.learning_curve(history, tmp_path / "curve.png")
    before = weight_bytes(model)
    at, losses = swiftnn.plots.loss_surface(
        model, x, y, tmp_path / "surface.png", steps=5, radius=0.5
    )
    assert weight_bytes(model) == before
    assert losses[2, 2] == pytest.approx(model.evaluate(x, y, verbose=0)[0])
    assert at.tolist() == [-0.5, -0.25, 0, 0.25, 0.5]
    assert losses.shape == (5, 5)
    for name in ("curve.png", "surface.png"):
        assert Path(tmp_path / name).read_bytes().startswith(b"\x89PNG")


def test_pictures_say_what_they_need(points, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(ImportError, match=r"swiftnn\[plots\]"):
        swiftnn.plots.learning_curve({"loss": [1.0]}, tmp_path / "x.png")


def test_the_direction_is_the_metrics_own_whatever_outputs_are_called():
    x = np.linspace(-1, 1, 20, dtype=np.float32)[:, None]
    given = swiftnn.Input((1,))
    outputs = [swiftnn.layers.Dense(1, name=name)(given) for name in ("is_error", "loss_rate")]
    model = swiftnn.Model(given, outputs)
    model.compile(
        swiftnn.optimizers.SGD(learning_rate=0.01), "mse", metrics=[["r2_score"], ["mse"]]
    )
    stop = swiftnn.callbacks.EarlyStopping(monitor="is_error_r2_score", patience=0)
    history = model.fit(
        x, [x + 3, x], batch_size=20, epochs=10, shuffle=False, verbose=0, callbacks=[stop]
    )
    values = history.history["is_error_r2_score"]
    assert len(values) == 10
    assert values == sorted(values)


def half_squares(y_true, y_pred):
    """A loss of Python."""
    difference = y_pred - y_true
    return (difference**2).mean(1) / 2, difference / difference.shape[1]


@pytest.mark.parametrize("loss", ["mse", half_squares])
def test_a_backup_goes_on_whatever_the_loss(points, tmp_path, loss):
    def model():
        made = two_layers()
        made.compile("adam", loss)
        return made

    def give_up(epoch, logs=None):
        if epoch == 2:
            raise RuntimeError("killed")

    def backup():
        return callbacks.BackupAndRestore(tmp_path / "b")

    expected, killed, again = model(), model(), model()
    expected.fit(*points, epochs=5, verbose=0)
    told = [backup(), callbacks.LambdaCallback(on_epoch_begin=give_up)]
    with pytest.raises(RuntimeError, match="killed"):
        killed.fit(*points, epochs=5, verbose=0, callbacks=told)
    assert again.fit(*points, epochs=5, verbose=0, callbacks=backup()).epoch == [2, 3, 4]
    assert weight_bytes(again) == weight_bytes(expected)


@pytest.mark.parametrize("goes_on_from", ["backup", "file"])
def test_a_training_killed_after_it_was_stopped_does_not_go_on(points, tmp_path, goes_on_from):
    folder, file = tmp_path / "b", tmp_path / "m.h5"

    def config(backup):
        stop = callbacks.EarlyStopping("loss", mode="max", patience=2, restore_best_weights=True)
        return [callbacks.BackupAndRestore(backup), stop]

    def model():
        made = two_layers()
        made.compile(swiftnn.optimizers.Adam(0.03, use_ema=True), "binary_crossentropy")
        return made

    def give_up(epoch, logs=None):
        if killed.stop_training:
            killed.save(file)
            raise RuntimeError("killed")

    expected, killed = model(), model()
    history = expected.fit(*points, epochs=9, verbose=0, callbacks=config(tmp_path / "a"))
    assert history.epoch == [0, 1, 2]
    told = [*config(folder), callbacks.LambdaCallback(on_epoch_end=give_up)]
    with pytest.raises(RuntimeError, match="killed"):
        killed.fit(*points, epochs=9, verbose=0, callbacks=told)
    again = model() if goes_on_from == "backup" else swiftnn.load_model(file)
    ends = []
    again.fit(
        *points, epochs=9, verbose=0, resume=goes_on_from == "file",
        callbacks=[*config(folder), callbacks.LambdaCallback(on_train_end=ends.append)],
    )  # fmt: skip
    assert again.history.epoch == []
    assert not again.history.paused
    assert again.stop_training
    assert ends == [{}]
    assert weight_bytes(again) == weight_bytes(expected) != weight_bytes(killed)
    assert not folder.exists() or not list(folder.iterdir())
