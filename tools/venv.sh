#!/usr/bin/env bash
# Make a venv, build paracell's wheel for its Python and install it there.
# usage: tools/venv.sh PYTHON VENV PROFILE [EXTRA...]      PROFILE: a cargo profile; EXTRA: optional dependencies
set -euo pipefail
python=$1 venv=$2 profile=$3
shift 3
cd "$(dirname "$0")/.."
export PIP_DISABLE_PIP_VERSION_CHECK=1

[ -x "$venv/bin/python" ] || { echo "venv: $venv"; "$python" -m venv "$venv"; }
# A venv whose Python changed under it would build for the wrong one.
want=$("$python" -c 'import sys; print(sys.version)') have=$("$venv/bin/python" -c 'import sys; print(sys.version)')
[ "$want" = "$have" ] || { echo "venv: $venv anew for $python"; rm -rf "$venv"; "$python" -m venv "$venv"; }

"$venv/bin/python" -m pip install -q --upgrade 'pip>=24' 'maturin>=1.9,<2'
wheels=target/wheels/$(basename "$venv")
rm -rf "$wheels"
echo "build: paracell, cargo profile $profile"
"$venv/bin/maturin" build --profile "$profile" --locked -i "$venv/bin/python" -o "$wheels"
wheel=$(ls "$wheels"/*.whl)
extras=$(IFS=,; echo "$*")
echo "install: $(basename "$wheel")${extras:+ with [$extras]}"
"$venv/bin/python" -m pip install -q "$wheel${extras:+[$extras]}"
"$venv/bin/python" -m pip install -q --no-deps --force-reinstall "$wheel"
