#!/usr/bin/env bash
# Builds the tools of ci/models.sh, GenMC and herd7, from the commits that were used: neither this repository nor Debian has them. Installs
# what they need. Takes about ten minutes; a tool that is there already is left as it is.
#
#     ci/build_models.sh      into $SEQCOPY_MODEL_TOOLS (below the target directory if unset); prints how to run the models then
#
# Prints SKIPPED where a tool's sources, or what it needs, can't be had.
set -euo pipefail
cd "$(dirname "$0")/.."
source ci/lib.sh
into=${SEQCOPY_MODEL_TOOLS:-${CARGO_TARGET_DIR:-target}/tools/models}
into=$(mkdir -p "$into" && cd "$into" && pwd)
work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT

# build <tool> <address> <commit> <package>.. -- <command>: runs the command where the sources are, unless the tool is there.
build() {
    local tool=$1 address=$2 commit=$3 packages=() become=(sudo -n)
    [[ ! -x $into/bin/$tool ]] || { echo "build_models: $tool is there" && return; }
    shift 3
    while [[ $1 != -- ]]; do
        packages+=("$1")
        shift
    done
    shift
    [[ $(id -u) -ne 0 ]] || become=()
    { "${become[@]}" apt-get update && "${become[@]}" apt-get install -y --no-install-recommends "${packages[@]}"; } >"$work/output" 2>&1 ||
        { skipped "$tool: a package that it needs can't be had here: $(tail -n 1 "$work/output")" && return; }
    if ! { git clone --quiet --no-checkout "$address" "$work/$tool" && git -C "$work/$tool" checkout --quiet "$commit"; } 2>"$work/output"; then
        skipped "$tool: its sources can't be had here: $(tail -n 1 "$work/output")"
        return
    fi
    if ! (cd "$work/$tool" && "$@") >"$work/output" 2>&1; then
        tail -n 30 "$work/output"
        echo "build_models: RED: $tool does not build"
        exit 1
    fi
    echo "build_models: $tool was built"
}

make_genmc() {
    autoreconf --install && ./configure --prefix="$into" --with-llvm=/usr/lib/llvm-14 && make -j "$(nproc)" && make install
}

make_herd7() {
    make all PREFIX="$into" && make install PREFIX="$into"
}

build genmc https://github.com/MPI-SWS/genmc c26195b \
    git autoconf automake make g++ llvm-14-dev libclang-14-dev clang-14 libffi-dev zlib1g-dev libedit-dev -- make_genmc
build herd7 https://github.com/herd/herdtools7 30fad54 git make ocaml ocaml-dune menhir libmenhir-ocaml-dev libzarith-ocaml-dev -- make_herd7
echo "build_models: SEQCOPY_MODEL_TOOLS=$into ci/models.sh"
