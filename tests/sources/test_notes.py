"""What an import tells is complete and short."""

from attend_ml.sources.notes import Note, by_span


def test_a_note_counts_all_rows_and_shows_the_first():
    note = Note("codes repaired", {"A to B": tuple(range(2, 22)), "C to D": (30,)})
    assert note.count == 21
    assert str(note) == ("codes repaired (21): A to B (rows 2, 3, 4, 5, 6, 7, 8, 9 and 12 more), C to D (row 30)")


def test_a_case_without_rows_counts_as_one():
    assert str(Note("sheets not read", {"'A'": (), "'B'": ()})) == "sheets not read (2): 'A', 'B'"


def test_many_cases_are_cut_and_counted():
    text = str(Note("posts", {f"post {n}": (n,) for n in range(1, 31)}))
    assert text.startswith("posts (30): post 1 (row 1), ")
    assert text.endswith("post 20 (row 20), and 10 more")


def test_years_in_a_row_are_one_case():
    assert by_span({1970: [5], 1972: [3], 1971: [4], 2015: [2, 1]}) == {"1970 to 1972": (3, 4, 5), "2015": (1, 2)}
