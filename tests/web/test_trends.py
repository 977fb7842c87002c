import pytest

from reflect.web.charts import MARGIN
from reflect.web.trends import HEIGHT, MOST_POINTS, WIDTH, trend


def test_what_is_more_pleasant_stands_higher() -> None:
    low, high = trend([(-0.5, 0.1), (0.5, 0.1)]).points
    assert high.y < HEIGHT / 2 < low.y
    assert low.x < high.x


def test_the_most_extreme_feelings_stay_inside_the_picture() -> None:
    for point in trend([(-1, -1), (1, 1), (1, -1)]).points:
        assert MARGIN <= point.x <= WIDTH - MARGIN
        assert MARGIN <= point.y <= HEIGHT - MARGIN


def test_only_the_newest_are_drawn() -> None:
    points = trend([(0.1, 0.1)] * 7 + [(-0.9, -0.9)] * MOST_POINTS).points
    assert [point.kind for point in points] == ["low"] * MOST_POINTS


@pytest.mark.parametrize(
    ("feeling", "kind"), [((0.1, 0.1), "bright"), ((0.1, -0.1), "calm"), ((-0.1, 0.1), "tense"), ((-0.1, -0.1), "low")]
)
def test_a_point_is_of_the_kind_of_its_character(feeling: tuple[float, float], kind: str) -> None:
    assert trend([feeling]).points[0].kind == kind


def test_nothing_makes_no_line() -> None:
    assert trend([]).path == ""
