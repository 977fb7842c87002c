#!/bin/sh
# What the tests need besides Python: browsers, a PostgreSQL server and nginx, from the system's own packages.
# The sample for nginx is tried out in nginx; without systemd-analyze those for systemd are not looked at.
# Without Firefox or WebKit their rows of docs/browsers.md are skipped.
set -eu
missing=
command -v chromium >/dev/null || missing="$missing chromium"
command -v firefox-esr >/dev/null || missing="$missing firefox-esr"
command -v WebKitWebDriver >/dev/null || missing="$missing webkit2gtk-driver"
command -v Xvfb >/dev/null || missing="$missing xvfb"
command -v nginx >/dev/null || missing="$missing nginx-light"
[ -n "${REFLECT_TEST_POSTGRES:-}" ] || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || missing="$missing postgresql"
[ -z "$missing" ] && exit 0
sudo=
[ "$(id -u)" = 0 ] || sudo=sudo
$sudo apt-get update -qq
# shellcheck disable=SC2086
DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq --no-install-recommends $missing >/dev/null
