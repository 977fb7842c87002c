#!/bin/sh
# Installs what the benchmark needs beside Reflect itself, then measures; options go to `python -m benchmarks`.
set -eu
cd "$(dirname "$0")/.."

[ "$(nproc)" -ge 2 ] || { echo "Two CPUs are needed: one for the servers, one for the load." >&2; exit 2; }

missing=
command -v npm >/dev/null || missing="$missing nodejs npm"
command -v wrk >/dev/null || missing="$missing wrk"
ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || missing="$missing postgresql"
if [ -n "$missing" ]; then
    sudo=
    [ "$(id -u)" = 0 ] || sudo=sudo
    $sudo apt-get update -qq
    # shellcheck disable=SC2086
    DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq --no-install-recommends $missing >/dev/null
fi

outdated() { # whether $2 is missing or older than $1
    [ ! -e "$2" ] || [ -n "$(find "$1" -newer "$2")" ]
}
if outdated benchmarks/requirements.txt benchmarks/.venv/installed; then
    .venv/bin/python -m venv benchmarks/.venv
    benchmarks/.venv/bin/pip install --quiet -r benchmarks/requirements.txt
    touch benchmarks/.venv/installed
fi
if outdated benchmarks/peers/package-lock.json benchmarks/peers/node_modules/installed; then
    npm ci --prefix benchmarks/peers --no-audit --no-fund --silent
    touch benchmarks/peers/node_modules/installed
fi

exec benchmarks/.venv/bin/python -m benchmarks --reflect "$PWD/.venv/bin/reflect" "$@"
