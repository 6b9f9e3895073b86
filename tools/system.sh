#!/usr/bin/env bash
# Install what a bare Debian lacks for building and testing; does nothing where everything is there.
# usage: tools/system.sh PYTHON [build|test]
set -euo pipefail
python=$1 what=${2:-test}
packages=()

command -v cargo >/dev/null || { echo "cargo is missing: install Rust 1.88 or newer (rustup)" >&2; exit 1; }
command -v "$python" >/dev/null || { echo "$python is missing: install CPython 3.10 or newer, or say PYTHON=..." >&2; exit 1; }
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 10))' || { echo "$python is older than 3.10" >&2; exit 1; }

command -v cc >/dev/null || packages+=(build-essential)
"$python" -c 'import ensurepip, venv' 2>/dev/null || packages+=(python3-venv)

if [ "$what" = test ]; then
    # The Rust tests embed Python, so they link against its shared library.
    "$python" - <<'PY' || packages+=(libpython3-dev)
import pathlib, sys, sysconfig
library = pathlib.Path(sysconfig.get_config_var("LIBDIR"), sysconfig.get_config_var("LDLIBRARY"))
multiarch = library.parent / (sysconfig.get_config_var("MULTIARCH") or "") / library.name
sys.exit(not (library.suffix == ".so" and (library.exists() or multiarch.exists())))
PY
    [ -x /usr/bin/chromium ] || packages+=(chromium)
    # The browser draws bars and box characters with these.
    [ -d /usr/share/fonts/truetype/dejavu ] || packages+=(fonts-dejavu-core)
fi

[ ${#packages[@]} -gt 0 ] || exit 0
command -v apt-get >/dev/null || { echo "please install: ${packages[*]}" >&2; exit 1; }
sudo=()
if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null || { echo "not root and no sudo; please install: ${packages[*]}" >&2; exit 1; }
    sudo=(sudo)
fi
echo "apt-get install ${packages[*]}"
"${sudo[@]}" apt-get update -qq
"${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${packages[@]}" >/dev/null
