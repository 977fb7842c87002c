#!/bin/sh
# What the tests need besides Python: browsers, a PostgreSQL server, a pooler, proxies, Prometheus' own tool, and a way
# to make networks, from the system's own packages. Without systemd-analyze the units are not looked at.
# Without Firefox or WebKit their rows of docs/browsers.md are skipped.
set -eu
missing=
command -v chromium >/dev/null || missing="$missing chromium"
command -v firefox-esr >/dev/null || missing="$missing firefox-esr"
command -v WebKitWebDriver >/dev/null || missing="$missing webkit2gtk-driver"
command -v Xvfb >/dev/null || missing="$missing xvfb"
[ -n "${REFLECT_TEST_POSTGRES:-}" ] || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || missing="$missing postgresql"
command -v pgbouncer >/dev/null || [ -x /usr/sbin/pgbouncer ] || missing="$missing pgbouncer"
command -v nginx >/dev/null || [ -x /usr/sbin/nginx ] || missing="$missing nginx-light"
command -v caddy >/dev/null || missing="$missing caddy"
command -v promtool >/dev/null || missing="$missing prometheus"
command -v ip >/dev/null || [ -x /usr/sbin/ip ] || missing="$missing iproute2"
[ -z "$missing" ] && exit 0
sudo=
[ "$(id -u)" = 0 ] || sudo=sudo
# Only the tests start what they need: the packages' own services stay off (policy-rc.d: 101 is "not allowed").
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' | $sudo tee "$policy" >/dev/null
    $sudo chmod +x "$policy"
    # shellcheck disable=SC2064
    trap "$sudo rm -f $policy" EXIT
fi
$sudo apt-get update -qq
# shellcheck disable=SC2086
DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq --no-install-recommends $missing >/dev/null
