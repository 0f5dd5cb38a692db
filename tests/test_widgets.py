"""Widgets without a browser: settings, words for what goes wrong, stills, films, the static way."""

import ast
import io
import json
import re
import time
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from autograder import reference
from descentlab import bowl, check, descend, valley
from descentlab.animation import frames, race_still, save_race
from descentlab.glance import Glance, Lesson, lessons, note, progress, read
from descentlab.live import SWITCH, is_live
from descentlab.styles import RULE_STYLES
from descentlab.widgets import bias_correction_explorer, optimizer_race, valley_explorer
from descentlab.widgets.controls import Several, Slider, clean_settings, geometric
from descentlab.widgets.front import Front, spec_of
from descentlab.widgets.running import racers, walk
from descentlab.widgets.view import written_call
from tests.widget_zoo import MOVES, RULES, ZOO

gd_step, adam_step = RULES["gradient descent"], RULES["Adam"]


def pixels(png_bytes):
    return np.asarray(Image.open(io.BytesIO(png_bytes)))


# Every widget


@pytest.mark.parametrize("name", ZOO)
def test_each_widget_moves_and_stands_still(name):
    """Its picture changes with its slider; the same settings give the same picture again."""
    view = ZOO[name]()
    scene = view.scene
    ((setting, values),) = MOVES[name].items()
    first, last = ({**view.settings, setting: values[k]} for k in (0, -1))
    top = 90 if name == "batches" else 0  # its title tells the time that it took

    def draw(settings):
        return pixels(scene.draw(settings))[top:]

    one = draw(first)
    other = draw(last)
    assert (one != other).any()
    assert (draw(first) == one).all()
    assert scene.notes == []
    assert len(scene.words(first)) > 20
    assert scene.try_this


@pytest.mark.parametrize("name", ZOO)
def test_the_static_picture_is_the_live_one(name):
    """`figure()` draws the whole at once, `draw` in two parts: the same picture."""
    view = ZOO[name]()
    live = pixels(view.scene.draw(view.settings)).astype(int)
    still = pixels(view.static()[0]).astype(int)
    assert live.shape == still.shape
    # Lines lie over the axes' frame in one and under it in the other; and batches tell the time.
    assert (np.abs(live - still).max(axis=2) > 60).mean() < 0.01


@pytest.mark.parametrize("name", ZOO)
def test_each_control_has_a_label_and_a_name_that_the_call_takes(name):
    view = ZOO[name]()
    for control in view.scene.controls:
        assert control.label
        assert control.spec()["name"] in view.settings
    again = ZOO[name](**{key: view.settings[key] for key in view.settings})
    assert again.settings == view.settings


def test_settings_are_checked_before_any_work():
    with pytest.raises(ValueError, match=r"lr must be a number from 0.0001 to 10, got -1"):
        valley_explorer(RULES, lr=-1)
    with pytest.raises(TypeError, match="there is no setting 'speed' here; there are: surface"):
        valley_explorer(RULES, speed=3)
    with pytest.raises(ValueError, match="start must be two finite numbers"):
        valley_explorer(RULES, start=(1, 2, 3))
    with pytest.raises(TypeError, match="rules must be a dict of label to rule"):
        valley_explorer([])
    with pytest.raises(ValueError, match=r"show can hold .* got 'Mine'"):
        valley_explorer(RULES, show=["Mine"])
    with pytest.raises(ValueError, match="lr names nobody, which is none of the rules"):
        optimizer_race(RULES, lr={"nobody": 0.1})


def test_a_slider_takes_values_between_its_stops():
    slider = Slider("lr", "α", geometric(0.1, 10))
    assert slider.clean(0.123456) == 0.123456
    assert slider.values[0] == 0.1
    assert slider.values[-1] == 10
    assert list(slider.values) == sorted(set(slider.values))
    whole = Slider("steps", "steps", (1, 10), whole=True)
    assert whole.clean(7.0) == 7
    with pytest.raises(ValueError, match="whole number"):
        whole.clean(1.5)
    with pytest.raises(ValueError, match="must be a number"):
        slider.clean(True)
    assert Several("show", "rules", ("a", "b")).clean(["b", "a"]) == ["a", "b"]
    assert clean_settings([slider], {}, {"lr": 1}) == {"lr": 1.0}


# Rules at play


def test_a_walk_is_what_descend_walks():
    """The widget's loop and the course's give the same path, for every way to be called."""
    surface = valley()
    for name in ("gd_step", "momentum_step", "heavy_ball_step", "nesterov_step", "adagrad_step"):
        rule = reference.find(name)
        path = walk(racers(rule)[name], surface, surface.start, {"lr": 0.003}, 40).path
        expected = descend(surface, surface.start, rule=rule, lr=0.003, num_steps=40)
        np.testing.assert_array_equal(path, expected)
    newton = reference.find("newton_step")
    path = walk(racers(newton)["newton_step"], surface, surface.start, {"lr": 1.0}, 3).path
    assert path[-1] == pytest.approx([0, 0])


@pytest.mark.parametrize("name", ["adam_step", "adadelta_step", "rms_step", "radam_step"])
def test_a_first_state_is_found_by_the_signature(name):
    rule = reference.find(name)
    result = walk(racers(rule)[name], bowl(), (1.0, 1.0), {"lr": 0.1}, 5)
    assert result.note == ""
    assert len(result.path) == 6


def test_a_slider_sets_what_a_partial_has_left_open():
    momentum = reference.find("momentum_step")
    rules = racers({"free": momentum, "bound": partial(momentum, beta=0.5)})
    walks = {
        label: walk(racer, bowl(), (1.0, 1.0), {"lr": 0.1, "beta": 0.0}, 2).path
        for label, racer in rules.items()
    }
    plain = descend(bowl(), (1.0, 1.0), rule=gd_step, lr=0.1, num_steps=2)
    np.testing.assert_allclose(walks["free"], plain)
    half = descend(bowl(), (1.0, 1.0), rule=momentum, lr=0.1, num_steps=2)
    assert walks["bound"][2, 0] != plain[2, 0]
    assert walks["bound"][2, 0] != half[2, 0]


def raising(theta, grad, *, lr):
    return theta - lr * undefined_name  # noqa: F821


def nothing(theta, grad, *, lr):
    pass


def unwritten(theta, grad, *, lr):
    raise NotImplementedError


def endless(theta, grad, *, lr):
    while True:
        lr = lr + 0.0


def leaving(theta, grad, *, lr):
    raise SystemExit(3)


def in_place(theta, grad, *, lr):
    theta -= lr * grad
    return theta


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        (raising, r"mine: step 1 stopped with NameError: .*Line \d+: return theta - lr"),
        (nothing, "mine: nothing must return a new theta of the shape"),
        (unwritten, "mine: it isn't written yet"),
        (endless, "stopped after 1 s at step 1. Is there a loop that never ends"),
        (leaving, "mine: step 1 stopped with SystemExit"),
        (partial(gd_step, lr=30.0), "it diverged; step .* gave infinity or NaN"),
    ],
)
def test_what_goes_wrong_is_said_in_words(rule, said):
    """One rule goes wrong; the picture comes, and the other rule's path with it."""
    view = valley_explorer({"gradient descent": gd_step, "mine": rule}, steps=500)
    before = time.monotonic()
    picture = view.scene.draw(view.settings)
    assert time.monotonic() - before < 20
    assert len(pixels(picture)) > 100
    (sentence,) = view.scene.notes
    assert re.search(said, sentence), sentence
    assert "Traceback" not in sentence
    assert "gradient descent: in 500 steps" in view.scene.words()


def test_a_rule_that_writes_into_theta_harms_nothing():
    surface = bowl()
    path = walk(racers(in_place)["in_place"], surface, (1.0, 1.0), {"lr": 0.1}, 3).path
    np.testing.assert_allclose(
        path, descend(surface, (1.0, 1.0), rule=gd_step, lr=0.1, num_steps=3)
    )


# The model between kernel and page


@pytest.fixture
def front():
    return Front(valley_explorer(RULES))


def test_a_request_is_answered_with_a_picture(front):
    picture = front.picture
    wanted = {**front.settings, "lr": 0.02}
    front.ask = {"number": 1, "settings": wanted}
    assert front.answer == 1
    assert front.picture != picture
    assert front.settings["lr"] == 0.02
    assert front.notes == []


def test_nonsense_from_the_page_is_answered_too(front):
    picture = front.picture
    front.ask = {"number": 2, "settings": {**front.settings, "lr": "fast"}}
    assert front.answer == 2
    assert "lr must be a number" in front.notes[0]
    assert front.picture == picture


def test_a_scene_that_fails_keeps_its_picture_and_says_so(front, monkeypatch):
    picture = front.picture
    scene = front._view.scene
    monkeypatch.setattr(scene, "move", lambda settings: 1 / 0)
    front.ask = {"number": 3, "settings": {**front.settings, "lr": 0.03}}
    assert front.answer == 3
    assert "No picture of these settings: division by zero" in front.notes
    assert front.picture == picture
    monkeypatch.undo()
    front.ask = {"number": 4, "settings": {**front.settings, "lr": 0.04}}
    assert front.answer == 4
    assert front.picture != picture


def test_another_surface_brings_its_own_start(front):
    front.ask = {"number": 5, "settings": {**front.settings, "surface": "Saddle"}}
    assert front.settings["start"] == pytest.approx((-1.6, 0.001))
    json.dumps(front.settings)


def test_a_film_comes_over_the_wire(monkeypatch):
    race = optimizer_race({"gradient descent": gd_step}, [valley()], steps=10)
    front = Front(race)
    sent = []
    monkeypatch.setattr(
        front, "send", lambda message, buffers=None: sent.append((message, buffers))
    )
    front._told(front, {"do": "file", "action": "gif"}, [])
    front._told(front, {"do": "file", "action": "still"}, [])
    (gif, (film,)), (still, (paper,)) = sent
    assert gif["name"] == "race.gif"
    assert film.startswith(b"GIF8")
    assert still["name"] == "race.pdf"
    assert paper.startswith(b"%PDF")


# The call that keeps the settings


def test_the_call_is_the_cells_own_brought_up_to_date():
    code = "a = 1\nvalley_explorer({'mine': my_step}, surface=plateau(), lr=0.5)\n"
    known = {"surface", "lr", "beta", "start"}
    text = written_call(code, "valley_explorer", {"lr": 0.02, "start": (1.0, -2.0)}, known)
    assert text == (
        "valley_explorer({'mine': my_step}, surface=plateau(), lr=0.02, start=(1.0, -2.0))"
    )
    ast.parse(text)
    assert written_call("no python (", "f", {"lr": 1}, known) == "f(..., lr=1)"
    assert written_call("", "f", {}, known) == "f(...)"


def test_a_pasted_call_opens_the_same_settings():
    view = valley_explorer(RULES, lr=0.02, beta=0.7, start=(1.0, 0.5), show=["momentum"])
    view._code = "valley_explorer(RULES)"
    again = eval(view.call(), {"valley_explorer": valley_explorer, "RULES": RULES})
    assert again.settings == view.settings


# Without a front end


def test_nobody_looks_at_a_test():
    assert not is_live()


def test_the_switch_decides(monkeypatch):
    monkeypatch.setenv(SWITCH, "live")
    assert is_live()
    monkeypatch.setenv(SWITCH, "static")
    assert not is_live()


def test_behind_walls_nobody_looks(monkeypatch):
    from descentlab import answering, live

    monkeypatch.setattr(live, "request", lambda: {"metadata": {"cellId": "abc"}})
    assert is_live()
    monkeypatch.setattr(answering, "LINK", object())
    assert not is_live()


@pytest.mark.slow
def test_an_executed_notebook_has_the_picture_and_no_widget():
    """As nbgrader, nbconvert and our own tests run it."""
    import nbformat
    from nbclient import NotebookClient

    code = (
        "from autograder import reference\n"
        "from descentlab.widgets import valley_explorer\n"
        "valley_explorer(reference.find('gd_step'), lr=0.015)"
    )
    cell = nbformat.v4.new_code_cell(code)
    NotebookClient(nbformat.v4.new_notebook(cells=[cell]), kernel_name="python3").execute()
    (output,) = cell.outputs
    assert set(output.data) == {"image/png", "text/plain"}
    assert "gd_step: in 100 steps the height fell from 40" in output.data["text/plain"]


def test_without_anywidget_the_picture_stands(monkeypatch, capsys):
    import builtins
    import sys

    from descentlab.widgets import view as views

    monkeypatch.setenv(SWITCH, "live")
    monkeypatch.delitem(sys.modules, "descentlab.widgets.front", raising=False)
    monkeypatch.setitem(sys.modules, "anywidget", None)
    real = builtins.__import__

    def without(name, *args, **kwargs):
        if name == "anywidget":
            raise ModuleNotFoundError(name, name="anywidget")
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without)
    assert views.open_front(valley_explorer(RULES)) is None
    assert "pip install anywidget" in capsys.readouterr().out


# Films and stills


@pytest.fixture(scope="module")
def paths():
    how = {"lr": 0.01, "num_steps": 30}
    surface = valley()
    return surface, {
        "gradient descent": descend(surface, surface.start, rule=gd_step, **how),
        "momentum": descend(surface, surface.start, rule=RULES["momentum"], **how),
    }


def test_a_gif_has_every_step_and_the_paths_grow_in_it(paths, tmp_path):
    file = save_race(*paths, tmp_path / "race.gif", dpi=60)
    with Image.open(file) as film:
        shown = []
        for k in range(film.n_frames):
            film.seek(k)
            shown.append(np.asarray(film.convert("RGB")).astype(int))
    assert len(shown) >= 31
    assert len({image.tobytes() for image in shown}) == 31  # 30 steps and the start
    ink = [(image.sum(axis=2) < 600).sum() for image in (shown[0], shown[10], shown[30])]
    assert ink[0] < ink[1] < ink[2]


def test_films_of_long_races_skip_steps():
    assert frames(30) == list(range(31))
    assert len(frames(500)) <= 62
    assert frames(500)[-1] == 500


def test_what_is_no_film_is_refused(paths, tmp_path, monkeypatch):
    with pytest.raises(ValueError, match=r"saved as \.gif or \.mp4, got 'race.avi'"):
        save_race(*paths, tmp_path / "race.avi")
    from matplotlib import animation

    monkeypatch.setattr(animation.FFMpegWriter, "isAvailable", classmethod(lambda cls: False))
    with pytest.raises(RuntimeError, match=r"needs the program ffmpeg.*as race.gif"):
        save_race(*paths, tmp_path / "race.mp4")
    assert list(tmp_path.iterdir()) == []


def test_an_mp4_where_there_is_ffmpeg(paths, tmp_path):
    from matplotlib import animation

    if not animation.FFMpegWriter.isAvailable():
        pytest.skip("no ffmpeg on this machine")
    file = save_race(*paths, tmp_path / "race.mp4", dpi=60)
    assert file.read_bytes()[4:8] == b"ftyp"


def test_a_still_marks_the_steps_it_names(paths):
    figure = race_still(*paths, marks=[0, 5, 20, 99])
    ground = figure.axes[0]
    lines = {line.get_label(): line for line in ground.get_lines()}
    assert lines["momentum"].get_markevery() == [0, 5, 20]
    assert "marked steps: 0, 5, 20" in [text.get_text() for text in figure.texts]
    assert {"5", "20"} >= {text.get_text() for text in ground.texts} > set()


def test_a_race_stands_where_it_is_told():
    race = optimizer_race({"momentum": RULES["momentum"]}, [valley()], steps=50, percent=40)
    figure = race.figure()
    (line,) = [one for one in figure.axes[0].get_lines() if one.get_label() == "momentum"]
    assert len(line.get_xdata()) == 21
    assert "step 20 of 50" in [text.get_text() for text in figure.axes[1].texts]


# Each widget's own


def test_the_first_uncorrected_step_is_as_long_as_the_lesson_says():
    """(1 - 0.9) / sqrt(1 - 0.999) = 3.16 steps, and 1 with correction."""
    rules = {name: reference.find(name) for name in ("adam_step", "adam_uncorrected_step")}
    view = bias_correction_explorer(rules, beta1=0.9, beta2=0.999)
    words = view.describe()
    assert "adam_step: the first step is 1.00 α" in words
    assert "adam_uncorrected_step: the first step is 3.16 α" in words


def test_he_holds_the_signal_and_a_small_start_loses_it():
    view = ZOO["initialization"](std=0.05, depth=50)
    view.figure()
    sizes = view.scene._last
    assert 0.05 < sizes["He"][-1] < 5
    assert sizes["normal"][-1] < 1e-15


def test_more_decay_makes_smaller_weights():
    def spread(**settings):
        view = ZOO["regularization"](**settings)
        view.figure()
        return np.std(view.scene._weights(view.scene._last[2]))

    assert spread(l2=0.1) < 0.5 * spread()
    assert spread(l1=0.03) < 0.5 * spread()


def test_dropout_trains_the_same_network_when_nobody_is_off():
    """With p so small that no unit falls, the way through the layers gives the MLP's gradient."""
    view = ZOO["regularization"]()
    scene = view.scene
    view.figure()
    theta = scene._net.pack(scene.init([2, 24, 24, 2], np.random.default_rng(0)))
    x, labels = scene._train
    keep = lambda x, p, rng: (x, np.ones_like(x))  # noqa: E731
    scene.dropout = keep, scene.dropout[1]
    ours = scene._with_units_off(theta, x, labels, 0.5, np.random.default_rng(0))
    np.testing.assert_allclose(ours, scene._net.loss_and_grad(theta, x, labels)[1], atol=1e-12)


def test_stopping_early_shows_the_best_network():
    view = ZOO["regularization"](patience=2)
    view.figure()
    best, losses, _theta = view.scene._last
    validation = [val for _train, val in losses]
    assert best == int(np.argmin(validation))
    assert len(losses) == best + 3


def test_a_warm_up_multiplies_a_decay():
    view = ZOO["schedules"](decay="step", lr=1.0, drop=0.5, every=100, warmup_steps=10)
    rates = view.scene.rates(view.scene.fixed | view.settings)
    assert rates[0] == pytest.approx(0.1)
    assert rates[50] == pytest.approx(1.0)
    assert rates[150] == pytest.approx(0.5)


def test_noise_falls_with_the_batch():
    noise = ZOO["batches"]().scene._noise
    assert noise[0] > 3 * noise[-1] > 0


def test_newton_and_lbfgs_have_a_look_of_their_own():
    assert {"Newton", "L-BFGS"} <= set(RULE_STYLES)


def test_the_page_is_told_everything_in_the_learners_language():
    spec = spec_of(ZOO["race"]().scene)
    assert spec["controls"][0]["name"] == "percent"
    assert {action["name"] for action in spec["actions"]} == {"gif", "mp4", "still"}
    json.dumps(spec)


# The course at a glance


@pytest.fixture
def somebody_looks(tmp_path, monkeypatch):
    lesson = tmp_path / "03_momentum"
    lesson.mkdir()
    (lesson / "03_momentum.ipynb").write_text("{}")
    monkeypatch.chdir(lesson)
    monkeypatch.setenv(SWITCH, "live")
    return tmp_path


def test_points_are_kept_beside_the_lessons_and_the_best_counts(somebody_looks):
    note("momentum_step", 22.0)
    note("momentum_step", 5.0)
    note("running_mean", 0.0)
    assert read() == {"momentum_step": 22.0, "running_mean": 0.0}
    assert [file.name for file in somebody_looks.iterdir() if file.is_file()] == ["progress.json"]


def test_check_keeps_its_points(somebody_looks, capsys):
    check(reference.find("momentum_step"), "momentum_step")
    assert read() == {"momentum_step": 22.0}
    shown = progress()
    assert "22 of 94" in repr(shown)
    assert 'href="03_momentum.ipynb"' in shown._repr_mimebundle_()["text/html"]


def test_nothing_is_kept_where_nobody_looks(somebody_looks, monkeypatch, capsys):
    monkeypatch.setenv(SWITCH, "static")
    check(reference.find("momentum_step"), "momentum_step")
    assert read() == {}


def test_a_damaged_file_counts_as_none(somebody_looks):
    (somebody_looks / "progress.json").write_text("[1, 2")
    assert read() == {}
    note("gd_step", 14.0)
    assert read() == {"gd_step": 14.0}


def test_the_course_at_a_glance():
    course = [
        Lesson("00_a", "First", {"x": 10.0, "y": 20.0}, 6.0),
        Lesson("01_b", "Second", {"z": 5.0}, 0.0),
    ]
    half = Glance(course, {"x": 10.0, "y": 5.0}, Path("nowhere"))
    text = repr(half)
    assert "15 of 30" in text
    assert "15 of 35 points so far; 6 more are given by hand." in text
    assert "Next: y, in lesson 00, First." in text
    done = Glance(course, {"x": 10.0, "y": 20.0, "z": 5.0}, Path("nowhere"))
    assert "All that can be checked is done." in repr(done)
    assert "<a " not in done._repr_mimebundle_()["text/html"]


def test_ten_lessons_of_a_hundred_points():
    found = lessons()
    assert [lesson.folder[:2] for lesson in found] == [f"{k:02}" for k in range(len(found))]
    for lesson in found:
        assert sum(lesson.exercises.values()) + lesson.by_hand == pytest.approx(100)
        assert lesson.title != lesson.folder
