#!/bin/sh
# Prepares what `make run` and `make test` need, and does nothing when that is done already:
#   1. the system libraries of Qt (Debian and Ubuntu; only those missing),
#   2. uv, into .uv/ when the machine has none,
#   3. the environment .venv with the versions of requirements.lock,
#   4. the compiled kernels of the engine, so that the first start is as quick as later ones.
# Index, proxy and certificate settings made for uv or pip are used as they are.
set -eu
cd "$(dirname "$0")/.."
PATH="$PWD/.uv/bin:$PATH:${HOME:-}/.local/bin"
export PATH

# package:library, the library being the name under which the loader knows it
QT_LIBRARIES="libegl1:libEGL.so.1 libgl1:libGL.so.1 libxkbcommon0:libxkbcommon.so.0
    libfontconfig1:libfontconfig.so.1 libdbus-1-3:libdbus-1.so.3 libglib2.0-0:libglib-2.0.so.0
    libxcb-cursor0:libxcb-cursor.so.0 libxcb-icccm4:libxcb-icccm.so.4
    libxcb-keysyms1:libxcb-keysyms.so.1 libxcb-shape0:libxcb-shape.so.0
    libxkbcommon-x11-0:libxkbcommon-x11.so.0"

say() { printf 'setup: %s\n' "$*" >&2; }

have_uv() { uv --version >/dev/null 2>&1; }

find_pip() {
    for pip in "python3 -m pip" pip3 pip; do
        if $pip --version >/dev/null 2>&1; then return 0; fi
    done
    pip=""
    return 1
}

missing_packages() {
    known=$(PATH="$PATH:/usr/sbin:/sbin" ldconfig -p 2>/dev/null || true)
    for pair in $QT_LIBRARIES; do
        case $known in
            *"${pair#*:} "*) ;;
            *) printf ' %s' "${pair%%:*}" ;;
        esac
    done
    have_uv || find_pip || printf ' python3-pip'
}

install_packages() {
    if ! command -v apt-get >/dev/null 2>&1; then
        say "Qt needs some system libraries, called on Debian:$1; install your system's if Insonate does not start."
        return
    fi
    if [ "$(id -u)" -eq 0 ]; then
        as_root=""
    elif sudo -n true 2>/dev/null; then
        as_root="sudo -n"
    else
        if command -v sudo >/dev/null 2>&1; then become_root="sudo sh"; else become_root="su"; fi
        say "system packages are missing and need an administrator: run this line once, then try again"
        echo "$become_root -c 'apt-get update; apt-get install -y --no-install-recommends$1'"
        exit 1
    fi
    say "installing system packages:$1"
    $as_root apt-get update -qq || say "apt-get update had problems; trying to go on"
    # shellcheck disable=SC2086  # a list of package names
    $as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get install -qq -y --no-install-recommends -o Dpkg::Use-Pty=0 $1 >/dev/null
}

install_uv() {
    if ! find_pip; then
        say "uv is needed to go on, and there is no pip to install it with: see the uv installation guide."
        exit 1
    fi
    say "installing uv into .uv/"
    # --target needs no venv module and is allowed where the system's pip is "externally managed"
    PIP_ROOT_USER_ACTION=ignore $pip install --quiet --upgrade --target .uv uv
}

pip_setting() { $pip config list 2>/dev/null | sed -n "s/^global\.$1='\(.*\)'\$/\1/p"; }

# uv does not read pip's settings: pass on a mirror or certificate that only pip was told about.
use_pip_settings() {
    find_pip || return 0
    if [ -z "${UV_DEFAULT_INDEX:-}${UV_INDEX_URL:-}" ]; then
        index=${PIP_INDEX_URL:-$(pip_setting index-url)}
        if [ -n "$index" ]; then export UV_DEFAULT_INDEX="$index"; fi
    fi
    if [ -z "${SSL_CERT_FILE:-}" ]; then
        certificate=${PIP_CERT:-$(pip_setting cert)}
        if [ -n "$certificate" ]; then export SSL_CERT_FILE="$certificate"; fi
    fi
}

# Only saves time, so it never fails: what is missing the program compiles when it starts.
compile_kernels() {
    compiled=$environment/.insonate-kernels
    if [ -e "$compiled" ] &&
        [ -z "$(find physics \( -name '*.py' -o -name '*.txt' \) -newer "$compiled")" ]; then
        return
    fi
    say "compiling kernels, once"
    "$environment/bin/python" -m simulator prepare >/dev/null ||
        say "that did not work; Insonate will do it when it starts"
    touch "$compiled"
}

if [ "$(uname -s)" = Linux ]; then
    packages=$(missing_packages)
    if [ -n "$packages" ]; then install_packages "$packages"; fi
fi

have_uv || install_uv

environment=${UV_PROJECT_ENVIRONMENT:-.venv}
stamp=$environment/.insonate-setup
wanted="$(cat requirements.lock pyproject.toml | cksum) $PWD"
# a plain `uv run` or `uv sync` may have changed versions: it leaves uv.lock newer than the stamp
if [ -x "$environment/bin/python" ] && [ "$(cat "$stamp" 2>/dev/null)" = "$wanted" ] &&
    [ -z "$(find . -maxdepth 1 -name uv.lock -newer "$stamp")" ]; then
    compile_kernels
    exit 0
fi

say "preparing $environment (the first time downloads about 200 MB)"
use_pip_settings
rm -f "$stamp"
python=$environment/bin/python
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null ||
    UV_VENV_CLEAR=1 uv venv --quiet "$environment"
# compiled now, once: some machines forbid Python to write bytecode, and each start would pay for it
uv pip sync --quiet --compile-bytecode --python "$python" requirements.lock
uv pip install --quiet --python "$python" --no-deps --no-build-isolation --editable .
printf '%s\n' "$wanted" >"$stamp"
compile_kernels
say "done"
