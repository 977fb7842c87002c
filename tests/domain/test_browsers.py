import pytest

from reflect.domain.browsers import FAMILIES, NEWEST, Browser, browser_of

MOZILLA = "Mozilla/5.0 "
WEBKIT = "AppleWebKit/605.1.15 (KHTML, like Gecko) "
BLINK = "AppleWebKit/537.36 (KHTML, like Gecko) "
IPHONE = f"{MOZILLA}(iPhone; CPU iPhone OS 18_6 like Mac OS X) {WEBKIT}"
MAC = f"{MOZILLA}(Macintosh; Intel Mac OS X 10_15_7) {WEBKIT}"
ANDROID = f"{MOZILLA}(Linux; Android 14; Pixel 8"


@pytest.mark.parametrize(
    ("user_agent", "family", "major"),
    [
        (f"{MOZILLA}(Windows NT 10.0; Win64; x64) {BLINK}Chrome/142.0.0.0 Safari/537.36", "chrome", 142),
        (f"{MOZILLA}(X11; Linux x86_64) {BLINK}HeadlessChrome/156.0.0.0 Safari/537.36", "chrome", 156),
        (f"{MOZILLA}(Windows NT 10.0; Win64; x64) {BLINK}Chrome/142.0.0.0 Safari/537.36 Edg/141.0.0.0", "edge", 141),
        (f"{ANDROID}) {BLINK}Chrome/142.0.0.0 Mobile Safari/537.36 EdgA/142.0.0.0", "edge", 142),
        (f"{MOZILLA}(Windows NT 10.0; Win64; x64) {BLINK}Chrome/142.0.0.0 Safari/537.36 OPR/124.0.0.0", "other", 124),
        (f"{MOZILLA}(X11; Linux x86_64; rv:153.0) Gecko/20100101 Firefox/153.0", "firefox", 153),
        (f"{MAC}Version/26.1 Safari/605.1.15", "safari", 26),
        (f"{IPHONE}Version/18.6 Mobile/15E148 Safari/604.1", "safari_touch", 18),
        (f"{IPHONE}CriOS/142.0.7444.77 Mobile/15E148 Safari/604.1", "other_touch", 142),
        (f"{IPHONE}FxiOS/145.0 Mobile/15E148 Safari/605.1.15", "other_touch", 145),
        (f"{IPHONE}Mobile/15E148", "in_app", 0),
        (f"{IPHONE}Mobile/15E148 [FBAN/FBIOS;FBAV/400.0]", "in_app", 0),
        (f"{ANDROID}; wv) {BLINK}Version/4.0 Chrome/142.0.0.0 Mobile Safari/537.36", "in_app", 0),
        (f"{ANDROID}; wv) {BLINK}Version/4.0 Chrome/142.0.0.0 Mobile Safari/537.36 MoodleMobile 5.0.0 (50000)", "moodle_app", 5),
        ("", "other", 0),
        ("curl/8.5.0", "other", 0),
        ("Firefox/" + "9" * 500, "firefox", NEWEST),
    ],
)  # fmt: skip
def test_a_browser_is_named_by_its_own_word(user_agent: str, family: str, major: int) -> None:
    assert browser_of(user_agent) == Browser(family, major)
    assert family in FAMILIES


def test_only_its_touch_tells_an_ipad_from_a_mac() -> None:
    assert browser_of(f"{MAC}Version/26.1 Safari/605.1.15", has_touch=True) == Browser("safari_touch", 26)
    touching = f"{MOZILLA}(Windows NT 10.0; Win64; x64) {BLINK}Chrome/142.0.0.0 Safari/537.36"
    assert browser_of(touching, has_touch=True).family == "chrome"
