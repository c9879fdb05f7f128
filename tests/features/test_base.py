"""What all extractors share."""

import numpy as np
import pytest

from attend_ml.asof import Situations
from attend_ml.features import base
from attend_ml.features.base import Extractor, describe
from attend_ml.features.context import MeetingContext


class Two(Extractor):
    """Writes its columns in another order than it names them."""

    name = "two"

    def _columns(self):
        return self.book_["names"]

    def _extract(self, X):
        return {"second": X.horizon > 5, "first": X.horizon}


BOOK = {
    "names": ["first", "second"],
    "columns": {
        "first": {"unit": "days", "words": "the time left"},
        "*": {"unit": "0 or 1", "words": "all others"},
    },
}


@pytest.fixture
def shipped(monkeypatch):
    """Stand for the shipped codebook of the extractor above, to be filled."""
    book = {}
    plain = base.codebook
    monkeypatch.setattr(base, "codebook", lambda name: book if name == Two.name else plain(name))
    return book


@pytest.fixture
def rows(data, shipped):
    return Situations(data, ["istanbul-2025-05-15"] * 2, ["RUS", "UKR"], ["2025-05-14", "2025-05-08"])


def test_columns_stand_in_the_order_of_their_names_whatever_the_order_they_were_computed_in(rows):
    extractor = Two(BOOK)
    np.testing.assert_array_equal(extractor.fit_transform(rows), [[1.0, 0.0], [7.0, 1.0]])
    assert extractor.get_feature_names_out().tolist() == ["two__first", "two__second"]


def test_conditions_come_out_as_numbers(rows):
    assert Two(BOOK).fit_transform(rows).dtype == np.float64


def test_words_are_told_by_full_name(rows):
    assert Two(BOOK).fit(rows).words() == {
        "two__first": {"unit": "days", "words": "the time left"},
        "two__second": {"unit": "0 or 1", "words": "all others"},
    }


def test_a_column_of_its_own_name_is_described_by_that_entry():
    entries = {"share_*": {"words": "any share"}, "share_party": {"words": "the party's share"}}
    assert describe("share_party", entries)["words"] == "the party's share"


def test_of_two_starred_entries_the_longer_describes_the_column():
    entries = {"share_*": {"words": "short"}, "share_party_*": {"words": "long"}, "known_*": {"words": "no"}}
    assert describe("share_party_leader", entries)["words"] == "long"
    assert describe("share_series_leader", entries)["words"] == "short"


def test_a_column_nobody_described_is_named_with_what_to_add():
    with pytest.raises(KeyError, match=r"no entry for column 'horizon'.*add \[columns\.horizon\]"):
        describe("horizon", {"host": {"words": "at home"}})


def test_a_column_missing_in_the_codebook_is_noticed_when_words_are_asked_for(rows):
    book = {"names": ["first", "second"], "columns": {"first": BOOK["columns"]["first"]}}
    with pytest.raises(KeyError, match="'second'"):
        Two(book).fit(rows).words()


def test_a_codebook_changed_after_fitting_changes_nothing(rows):
    book = {"names": ["first", "second"], "columns": dict(BOOK["columns"])}
    extractor = Two(book).fit(rows)
    book["names"].reverse()
    assert extractor.get_feature_names_out().tolist() == ["two__first", "two__second"]


def test_a_shipped_codebook_changed_after_fitting_changes_nothing(rows, shipped):
    shipped |= {"names": ["first", "second"], "columns": BOOK["columns"]}
    extractor = Two().fit(rows)
    shipped["names"].reverse()
    assert extractor.get_feature_names_out().tolist() == ["two__first", "two__second"]


def test_an_entry_of_ones_own_is_taken_instead_of_the_shipped_one(rows):
    shipped = MeetingContext().fit(rows)
    mine = MeetingContext({"formats": ["summit"]}).fit(rows)
    assert [name for name in mine.get_feature_names_out() if "format" in name] == ["context__format_summit"]
    assert "format_bilateral" in str(shipped.get_feature_names_out())


def test_entries_not_given_are_those_of_the_shipped_codebook(rows):
    shipped = MeetingContext().fit(rows)
    mine = MeetingContext({"formats": ["summit"]}).fit(rows)
    assert {**mine.book_, "formats": shipped.book_["formats"]} == shipped.book_
    assert MeetingContext(shipped.book_).fit(rows).book_ == shipped.book_


def test_a_codebook_that_is_not_shipped_is_named(data):
    rows = Situations(data, ["istanbul-2025-05-15"], ["RUS"], ["2025-05-14"])
    with pytest.raises(FileNotFoundError, match=r"two\.toml"):
        Two(BOOK).fit(rows)
