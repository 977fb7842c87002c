from datetime import UTC, datetime

from reflect.lti.issuance import issued


def test_a_token_is_from_half_a_minute_ago_and_lives_five_minutes() -> None:
    now = datetime(2026, 11, 23, 12, 0, 0, 999_999, tzinfo=UTC)
    claims = issued(now)
    assert claims["iat"] == int(now.timestamp()) - 30
    assert claims["exp"] - claims["iat"] == 300
