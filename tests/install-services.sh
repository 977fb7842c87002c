#!/bin/sh
# What the tests need besides Python: a browser and a PostgreSQL server, from the system's own packages.
set -eu
missing=
command -v chromium >/dev/null || missing="$missing chromium"
[ -n "${REFLECT_TEST_POSTGRES:-}" ] || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || missing="$missing postgresql"
[ -z "$missing" ] && exit 0
sudo=
[ "$(id -u)" = 0 ] || sudo=sudo
$sudo apt-get update -qq
# shellcheck disable=SC2086
DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq --no-install-recommends $missing >/dev/null
