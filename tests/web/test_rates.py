from reflect.web.rates import Rate


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_key_is_used_up_at_its_limit_and_others_are_not() -> None:
    rate = Rate(2)
    for _ in range(2):
        assert not rate.is_used_up("here")
        rate.note("here")
    assert rate.is_used_up("here")
    assert not rate.is_used_up("there")


def test_every_period_begins_anew_with_another_salt() -> None:
    clock = Clock()
    rate = Rate(1, 600, clock)
    rate.note("here")
    salt = rate._salt
    clock.now = 599
    assert rate.is_used_up("here")
    clock.now = 600
    assert not rate.is_used_up("here") or rate._salt != salt
    rate.note("there")
    assert not rate.is_used_up("here")
    assert rate._salt != salt


def test_what_is_kept_is_no_address() -> None:
    rate = Rate(1)
    rate.note("203.0.113.0/24")
    assert "203.0.113" not in str(vars(rate))
