"""Specs of experiments: what is read, and that no slip in them goes unnoticed."""

import dataclasses

import pytest

from attend_ml import _resources
from attend_ml.errors import RequestError
from attend_ml.experiment import Model, available, load_experiment


@pytest.fixture
def spec(tmp_path):
    """Write a spec of the user's own, and return its path."""

    def write(text, name="mine.toml"):
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


@pytest.fixture
def shelf(tmp_path, monkeypatch):
    """Stand for the shipped folder, to be filled with specs that extend each other."""
    folder = tmp_path / "experiments"
    folder.mkdir()
    monkeypatch.setattr(_resources, "folder", lambda name: folder)

    def put(**specs):
        for name, text in specs.items():
            (folder / f"{name}.toml").write_text(text, encoding="utf-8")

    return put


def refusal(path) -> str:
    with pytest.raises(RequestError) as caught:
        load_experiment(path)
    return str(caught.value)


# -- the shipped ones ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", available())
def test_every_shipped_experiment_is_read_and_says_what_it_is(name):
    experiment = load_experiment(name)
    assert experiment.name == name
    assert len(experiment.summary) > 20


def test_the_rules_to_beat_and_the_champion_are_shipped():
    assert {"champion", "climatology", "party-history", "last-statement", "logistic", "trees", "blend"} <= set(
        available()
    )


def test_no_two_shipped_experiments_are_the_same_but_the_champion_and_its_base():
    prints = {name: load_experiment(name).fingerprint() for name in available() if name != "champion"}
    assert len(set(prints.values())) == len(prints)
    assert load_experiment("champion").fingerprint() in prints.values()


def test_experiments_in_folders_are_shipped_under_names_of_their_own():
    files = list(_resources.folder("experiments").rglob("*.toml"))
    assert sorted(path.stem for path in files) == sorted(available())
    folders = {path.parent.name for path in files if load_experiment(path.stem) == load_experiment(path)}
    assert folders == {"experiments", "ablations", "alternatives"}


def test_a_path_of_a_shipped_file_gives_the_same_as_its_name():
    assert load_experiment(_resources.folder("experiments") / "logistic.toml") == load_experiment("logistic")


# -- a spec of one's own ---------------------------------------------------------------------------------------


def test_what_is_written_is_taken_and_the_rest_is_the_default(spec):
    path = spec(
        'summary = "Mine"\n[features]\nextractors = ["history"]\nwithout = ["history__contact"]\n'
        "[features.history]\nstrength = 3\n"
        '[model]\nkind = "logistic"\ndiscount = 1\nmembers = ["trees"]\n[model.logistic]\nC = 0.5\n'
        '[scoring]\nstart = "2020-07-01"\nmonths = 12\nhorizons = [7, 1]\n'
    )
    mine = load_experiment(str(path))
    assert (mine.name, mine.summary) == ("mine", "Mine")
    assert mine.features.extractors == ("history",)
    assert mine.features.without == ("history__contact",)
    assert mine.features.parameters() == {"context": {}, "statements": {}, "signals": {}, "history": {"strength": 3}}
    assert (mine.model.kind, mine.model.discount) == ("logistic", 1)
    given = {"members": ("trees",), "logistic": {"C": 0.5}}
    untouched = {item.name for item in dataclasses.fields(Model)} - {"kind", "discount", *given}
    assert untouched >= {"trees", "boosting", "calibration"}
    assert mine.model.parameters() == {**given, **{name: {} for name in untouched}}
    assert (mine.scoring.start, mine.scoring.months, mine.scoring.horizons) == ("2020-07-01", 12, (7, 1))


def test_an_empty_spec_is_the_default_under_its_own_name(spec):
    mine = load_experiment(spec(""))
    assert mine.name == "mine"
    assert mine.model.kind == "blend"
    assert mine.scoring.horizons == (14, 7, 3, 1, 0)


def test_a_spec_cannot_be_changed_after_it_was_read():
    experiment = load_experiment("logistic")
    with pytest.raises(dataclasses.FrozenInstanceError):
        experiment.name = "other"
    with pytest.raises(dataclasses.FrozenInstanceError):
        experiment.model.kind = "trees"


def test_a_spec_saved_with_a_byte_order_mark_is_read(spec):
    assert load_experiment(spec(b'\xef\xbb\xbfname = "marked"\n')).name == "marked"


# -- slips -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "where", "found", "nearest"),
    [
        ('nam = "x"', "mine.toml", "nam", "name"),
        ("[modell]", "mine.toml", "modell", "model"),
        ('[features]\nextractor = ["history"]', "mine.toml [features]", "extractor", "extractors"),
        ("[model.logistc]\nC = 1", "mine.toml [model]", "logistc", "logistic"),
        ("[scoring]\nhorizon = [1]", "mine.toml [scoring]", "horizon", "horizons"),
    ],
)
def test_an_unknown_key_is_refused_and_the_nearest_named(spec, text, where, found, nearest):
    message = refusal(spec(text))
    assert message.startswith(f"{where}: found the unknown key {found!r}; did you mean {nearest!r}? use one of ")


@pytest.mark.parametrize(
    ("text", "found", "remedy"),
    [
        ("name = 5", "name = 5", "write a text"),
        ("model = 3", "model = 3", "write a table [model]"),
        ('[features]\nextractors = "history"', "extractors = 'history'", "write a list"),
        ("[features]\ncontext = 3", "context = 3", "write a table"),
        ("[model]\nkind = 3", "kind = 3", "write a text"),
        ("[model]\ndiscount = 'half'", "discount = 'half'", "write a number"),
        ("[model]\ndiscount = true", "discount = True", "write a number"),
        ("[scoring]\nmonths = '6'", "months = '6'", "write a whole number"),
        ("[scoring]\nmonths = 1.5", "months = 1.5", "write a whole number"),
        ("[scoring]\nmonths = true", "months = True", "write a whole number"),
        ("[scoring]\nhorizons = 7", "horizons = 7", "write a list"),
        ("[scoring]\nhorizons = [7.5]", "horizons = [7.5]", "write a list of whole numbers"),
        ("[scoring]\nhorizons = [true]", "horizons = [True]", "write a list of whole numbers"),
        ("[scoring]\nstart = 2018", "start = 2018", "write a text"),
    ],
)
def test_a_value_of_the_wrong_type_is_refused(spec, text, found, remedy):
    message = refusal(spec(text))
    assert message.startswith("mine.toml")
    assert f"found {found}; {remedy}" in message


@pytest.mark.parametrize("key", ["extractors", "without"])
def test_a_list_of_anything_but_texts_is_refused(spec, key):
    assert "write a list of texts" in refusal(spec(f"[features]\n{key} = [1, 2]"))


@pytest.mark.parametrize(
    "text",
    [
        "months = 0",
        "months = -6",
        'start = "2018-13-01"',
        'start = "soon"',
        "horizons = []",
        "horizons = [-1]",
    ],
)
def test_a_value_with_which_nothing_can_be_scored_is_refused(spec, text):
    assert text.split(" = ")[0] in refusal(spec(f"[scoring]\n{text}"))


@pytest.mark.parametrize("value", ["-0.5", "2", "nan"])
def test_a_discount_that_is_no_share_is_refused(spec, value):
    assert f"discount: found {value}; write a number from 0 to 1" in refusal(spec(f"[model]\ndiscount = {value}"))


@pytest.mark.parametrize("content", ["name = ", "[model\n", 'name = "a"\nname = "b"\n', b'name = "\xff"\n'])
def test_a_file_that_is_no_toml_is_refused_by_name(spec, content):
    assert refusal(spec(content)).startswith("experiment mine.toml: this is no valid TOML (")


def test_a_file_that_is_not_there_is_named(tmp_path):
    message = refusal(tmp_path / "nowhere.toml")
    assert str(tmp_path / "nowhere.toml") in message
    assert "No such file" in message


def test_an_unknown_name_is_refused_and_the_nearest_named():
    message = refusal("champoin")
    assert message.startswith("experiment: found 'champoin'; did you mean 'champion'? use one of ")
    assert message.endswith("or the path of a TOML file")


# -- specs that extend others ----------------------------------------------------------------------------------


def test_the_champion_forecasts_as_what_it_extends():
    champion, blend = load_experiment("champion"), load_experiment("blend")
    assert (champion.features, champion.model) == (blend.features, blend.model)
    assert champion.summary != blend.summary


def test_a_spec_adds_to_what_it_extends_table_by_table(shelf):
    shelf(
        base='[model]\nkind = "logistic"\n[model.logistic]\nC = 1\ntol = 0.1\n[scoring]\nhorizons = [7, 1]\n',
        middle='extends = "base"\n[model.logistic]\nC = 2\n[scoring]\nhorizons = [3]\n',
        top='extends = "middle"\n[model.logistic]\ntol = 0.5\n',
    )
    top = load_experiment("top")
    assert top.name == "top"
    assert top.model.kind == "logistic"
    assert top.model.logistic == {"C": 2, "tol": 0.5}
    # A list is taken whole.
    assert top.scoring.horizons == (3,)


def test_a_file_of_ones_own_may_extend_a_shipped_experiment(spec):
    mine = load_experiment(spec('extends = "logistic"\n[model.logistic]\nC = 9.5\n'))
    assert mine.name == "mine"
    assert mine.model.kind == "logistic"
    assert mine.model.logistic["C"] == 9.5


def test_a_file_of_ones_own_may_extend_the_shipped_experiment_of_its_name(spec):
    mine = load_experiment(spec('extends = "champion"\n[scoring]\nmonths = 12\n', "champion.toml"))
    assert mine.model == load_experiment("champion").model
    assert mine.scoring.months == 12


@pytest.mark.parametrize("start", ["one", "two", "three"])
def test_specs_that_extend_each_other_in_a_circle_are_refused(shelf, start):
    shelf(one='extends = "two"', two='extends = "three"', three='extends = "two"', four='extends = "four"')
    assert "leads back to itself" in refusal(start)
    assert "leads back to itself" in refusal("four")


def test_an_unknown_base_is_refused_and_the_nearest_named(spec):
    message = refusal(spec('extends = "blnd"'))
    assert message.startswith("mine.toml: found extends = 'blnd'; did you mean 'blend'?")


def test_a_base_that_is_no_text_is_refused(spec):
    assert "write a text" in refusal(spec("extends = 5"))


def test_an_unknown_key_of_the_base_is_refused(shelf):
    shelf(base="[model]\nkin = 'logistic'", top='extends = "base"')
    assert "found the unknown key 'kin'; did you mean 'kind'?" in refusal("top")


# -- the fingerprint -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ['name = "other"', 'summary = "Other"', '[scoring]\nmonths = 3\nstart = "2021-01-01"'])
def test_name_summary_and_origins_do_not_change_the_fingerprint(spec, text):
    assert load_experiment(spec(text)).fingerprint() == load_experiment(spec("", "empty.toml")).fingerprint()


@pytest.mark.parametrize(
    "text",
    [
        '[features]\nextractors = ["context"]',
        '[features]\nwithout = ["context__"]',
        "[features.history]\nstrength = 2",
        '[model]\nkind = "trees"',
        "[model.trees]\nmax_iter = 7",
        "[model.boosting]\nmax_iter = 7",
        '[model]\nmembers = ["trees"]',
        "[model.calibration]\nfolds = 2",
        "[scoring]\nhorizons = [7]",
    ],
)
def test_what_changes_a_forecast_changes_the_fingerprint(spec, text):
    assert load_experiment(spec(text)).fingerprint() != load_experiment(spec("", "empty.toml")).fingerprint()


def test_the_order_of_keys_does_not_change_the_fingerprint(spec):
    one = load_experiment(spec("[model.logistic]\nC = 1\ntol = 2\n", "one.toml"))
    two = load_experiment(spec("[model.logistic]\ntol = 2\nC = 1\n", "two.toml"))
    assert one.fingerprint() == two.fingerprint()
