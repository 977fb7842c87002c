"""Where lines and bars go."""

from hypothesis import given
from hypothesis import strategies as st

from reflect.web.charts import HEIGHT, MARGIN, WIDTH, bars, calm_path, centre_of, height_of, line

counted = st.tuples(st.integers(0, 99), st.integers(0, 99), st.integers(0, 99))


@given(st.lists(counted, max_size=400))
def test_every_bar_is_inside_the_box_and_as_high_as_its_count(counts: list[tuple[int, int, int]]) -> None:
    drawn = bars(counts)
    assert len(drawn.bars) == sum(bool(number) for some in counts for number in some)
    whole = sum(sum(some) for some in counts)
    for bar in drawn.bars:
        assert bar.x >= -0.1 and bar.x + bar.width <= WIDTH + 0.2
        assert bar.y >= -0.1 and bar.y + bar.height <= HEIGHT + 0.2
    if whole:
        unit = sum(bar.height for bar in drawn.bars) / whole
        heights = iter(drawn.bars)
        for some in counts:
            for number in filter(None, some):
                assert abs(next(heights).height - number * unit) <= 0.2


@given(st.lists(counted, min_size=1, max_size=60))
def test_what_is_pleasant_stands_above_the_middle_and_what_is_not_below(counts: list[tuple[int, int, int]]) -> None:
    drawn = bars(counts)
    for bar in drawn.bars:
        if bar.part == "pleasant":
            assert bar.y + bar.height <= drawn.middle + 0.2
        if bar.part == "unpleasant":
            assert bar.y >= drawn.middle - 0.2
        if bar.part == "between":
            assert abs(bar.y + bar.height / 2 - drawn.middle) <= 0.2


def test_time_runs_from_left_to_right() -> None:
    left, right = bars([(1, 0, 0), (1, 0, 0)]).bars
    assert left.x + left.width < WIDTH / 2 < right.x
    assert [centre_of(place, 4) for place in range(4)] == [80, 240, 400, 560]


def test_nothing_makes_no_bar_and_no_line() -> None:
    assert bars([]).bars == bars([(0, 0, 0)]).bars == ()
    assert line([], []).paths == line([None], [False]).paths == ()
    assert calm_path([]) == ""


@given(st.floats(-1, 1))
def test_a_value_stays_inside_and_higher_is_more(value: float) -> None:
    assert MARGIN <= height_of(value) <= HEIGHT - MARGIN
    assert height_of(value) <= height_of(-1) and height_of(1) <= height_of(value)


def test_a_line_goes_over_a_holiday_but_not_over_what_cannot_be_told() -> None:
    drawn = line([0.5, None, 0.5, 0.1, 0.5, 0.5], [True, False, True, False, True, True])
    assert len(drawn.paths) == 2
    assert [point.x for point in drawn.points] == [centre_of(place, 6) for place in (0, 2, 4, 5)]
    assert [(point.x, point.y) for point in drawn.lone] == [(centre_of(3, 6), height_of(0.1))]


def test_a_line_is_level_at_every_point() -> None:
    drawn = line([1.0, -1.0], [True, True])
    first, last = drawn.points
    assert drawn.paths == (f"M{first.x} {first.y}C320.0 {first.y} 320.0 {last.y} {last.x} {last.y}",)
