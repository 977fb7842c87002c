from reflect.web.pace import MOST_KEYS, Pace


def test_a_key_is_due_once_in_its_time() -> None:
    now = [0.0]
    pace = Pace(5, lambda: now[0])
    assert pace.is_due("a")
    assert not pace.is_due("a")
    assert pace.is_due("b")
    now[0] = 4.9
    assert not pace.is_due("a")
    now[0] = 5
    assert pace.is_due("a")
    assert not pace.is_due("a")


def test_what_is_forgotten_is_due_again() -> None:
    pace = Pace(5, lambda: 0.0)
    pace.is_due("a")
    pace.forget()
    assert pace.is_due("a")


def test_no_more_keys_are_remembered_than_fit() -> None:
    pace = Pace(5, lambda: 0.0)
    for key in range(MOST_KEYS + 1):
        pace.is_due(key)
    assert pace.is_due(0)
    assert not pace.is_due(MOST_KEYS)
