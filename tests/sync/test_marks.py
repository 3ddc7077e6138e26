"""What has to change for a ticket to bear the right marks, whatever was there and whatever is known of it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from store.kept import MarkState, StoredMark
from sync.marks import label_change, property_change

NOW = datetime(2026, 11, 25, tzinfo=UTC)
NAMES = ("fil-O1", "fil-O2", "fil-run")
names = st.sets(st.sampled_from(NAMES))
states: st.SearchStrategy[MarkState] = st.sampled_from(["setting", "set", "clearing", "left"])


def marks(known: dict[str, MarkState]) -> list[StoredMark]:
    return [StoredMark("label", name, state, None, NOW, NOW) for name, state in known.items()]


def states_of(known: list[StoredMark]) -> dict[str, MarkState]:
    return {mark.name: mark.state for mark in known}


@given(known=st.dictionaries(st.sampled_from(NAMES), states), wanted=names, there=names)
def test_after_the_change_ours_are_the_wanted_ones_and_theirs_are_as_they_were(
    known: dict[str, MarkState], wanted: set[str], there: set[str]
) -> None:
    change = label_change(marks(known), wanted, there, NOW, NOW)
    result = (there | set(change.add)) - set(change.remove)
    after, during = states_of(change.after), states_of(change.during)
    assert set(change.add) <= wanted - there
    assert set(change.remove) <= (there & set(known)) - wanted
    for name in NAMES:
        ours = known.get(name) in ("setting", "set", "clearing")
        if name in wanted and after[name] == "set":
            assert name in result
        if name in there and not ours:
            assert name in result, "somebody else's label is gone"
        if name not in wanted:
            assert name not in after
            assert not (ours and name in result)
        if known.get(name) == "left" and name in wanted:
            assert after[name] == "left"
            assert (name in result) == (name in there)
        if known.get(name) == "set" and name in wanted and name not in there:
            assert after[name] == "left"
    assert set(after.values()) <= {"set", "left"}
    assert {name for name, state in during.items() if state == "setting"} == set(change.add)
    assert {name for name, state in during.items() if state == "clearing"} == set(change.remove)
    again = label_change(change.after, wanted, result, NOW, NOW)
    assert (again.add, again.remove, states_of(again.after)) == ((), (), after)


@given(
    known=st.dictionaries(st.sampled_from(NAMES), st.sampled_from(["set"])),
    wanted=names,
    there=names,
    arrived=st.booleans(),
)
def test_a_change_that_broke_off_comes_to_the_same_end(
    known: dict[str, MarkState], wanted: Collection[str], there: set[str], arrived: bool
) -> None:
    first = label_change(marks(known), wanted, there, NOW, NOW)
    result = (there | set(first.add)) - set(first.remove)
    second = label_change(first.during, wanted, result if arrived else there, NOW, NOW)
    assert states_of(second.after) == states_of(first.after)
    assert ((result if arrived else there) | set(second.add)) - set(second.remove) == result


def test_a_label_in_other_letters_is_the_same_one_and_ours_keeps_its_name() -> None:
    theirs = label_change([], ["fil-O1"], ["FIL-o1"], NOW, NOW)
    assert (theirs.add, states_of(theirs.after)) == ((), {"fil-O1": "left"})
    ours = label_change(marks({"fil-o1": "set"}), ["fil-O1"], ["fil-o1"], NOW, NOW)
    assert (ours.add, states_of(ours.after)) == ((), {"fil-o1": "set"})


def test_labels_and_property_leave_each_other_alone() -> None:
    shares = StoredMark("property", "filrouge", "set", "{}", NOW, NOW)
    known = [*marks({"fil-O1": "set"}), shares]
    change = label_change(known, ["fil-O2"], ["fil-O1"], NOW, NOW)
    assert (change.add, change.remove) == (("fil-O2",), ("fil-O1",))
    assert shares in change.during
    assert shares in change.after
    assert property_change(known, "{}", NOW, NOW).after == known
    gone = property_change(known, None, NOW, NOW)
    assert (gone.remove, gone.after) == (("filrouge",), known[:1])
    other = property_change(known, '{"a": 1}', NOW, NOW)
    assert (other.add, [mark.value for mark in other.after]) == (("filrouge",), [None, '{"a": 1}'])
    repeated = property_change(other.during, '{"a": 1}', NOW, NOW)
    assert repeated.add == ("filrouge",)
