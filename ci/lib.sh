# Shared by the scripts beside it; to be sourced.

# A target of the toolchain in use, installed if it can be had. Says SKIPPED, loudly, if not.
have_target() {
    if rustup target list --installed 2>/dev/null | grep -qx "$1" || rustup target add "$1" >/dev/null 2>&1; then
        return 0
    fi
    echo "==== SKIPPED: target $1 can't be had here ===="
    return 1
}

# Another toolchain, installed if it can be had.
have_toolchain() {
    if rustup run "$1" rustc --version >/dev/null 2>&1 ||
        rustup toolchain install "$1" --profile minimal >/dev/null 2>&1; then
        return 0
    fi
    echo "==== SKIPPED: toolchain $1 can't be had here ===="
    return 1
}

# A command of cargo's that is not part of it, on PATH or in $SEQCOPY_TOOLS/bin.
have_cargo_command() {
    [[ -z ${SEQCOPY_TOOLS:-} ]] || PATH=$SEQCOPY_TOOLS/bin:$PATH
    if command -v "cargo-$1" >/dev/null 2>&1; then
        return 0
    fi
    echo "==== SKIPPED: cargo-$1 is not installed (cargo install cargo-$1) ===="
    return 1
}

# The crates that are published, a line each: the folders of this one that have a manifest which does not say otherwise. With
# --libraries only those that have pages.
published_crates() {
    local manifest folder
    for manifest in */Cargo.toml; do
        folder=${manifest%/Cargo.toml}
        grep -q '^publish = false' "$manifest" || [[ ${1-} == --libraries && ! -e $folder/src/lib.rs ]] || echo "$folder"
    done
}

# Runs a function for each of the other arguments, as many at a time as there are processors.
in_parallel() {
    local function=$1 argument
    shift
    for argument; do
        while (($(jobs -rp | wc -l) >= $(nproc))); do
            wait -n || true
        done
        "$function" "$argument" &
    done
    wait
}

# The models, built; prints the program's path. Of a mutants' tree: the program is kept beside its sources, because all trees are
# one package to cargo, which goes by the age of files: so they are made new, too.
loom_program() {
    local built
    [[ $# -eq 0 ]] || find "$1" -name '*.rs' -exec touch {} +
    built=$(loom_build "${1:-.}")
    [[ $# -eq 0 ]] || { cp "$built" "$1/models.program" && built=$1/models.program; }
    echo "$built"
}

loom_build() {
    RUSTFLAGS="--cfg loom" cargo test --quiet --release -p seqcopy --lib --no-run --manifest-path "$1/Cargo.toml" \
        --target-dir "${CARGO_TARGET_DIR:-target}/loom" --message-format json-render-diagnostics |
        sed -n 's/.*"executable":"\([^"]*\)".*/\1/p'
}

# Applies a patch of ci/mutants to the tree at a path, or only checks that it would go (--check). The tree is no repository.
apply_mutant() {
    GIT_CEILING_DIRECTORIES=$(dirname -- "$2") git -C "$2" apply ${3:-} "$PWD/ci/mutants/$1.patch"
}

# mutant_trees <id>..: copies of this tree below the target directory, as few as will do, with these mutants in them. Mutants share
# a tree if their patches don't touch; one that asks for no switch has a tree of its own. Prints a line for each tree: its path and
# the ids. Fails if a patch does not apply.
mutant_trees() {
    local all id tree taken files=() ids=()
    all=$(mkdir -p "${CARGO_TARGET_DIR:-target}/mutants" && cd "${CARGO_TARGET_DIR:-target}/mutants" && pwd)
    rm -rf -- "${all:?}"/*
    mapfile -d '' -t files < <(git ls-files -z --cached --others --exclude-standard)
    mkdir "$all/pristine"
    printf '%s\0' "${files[@]}" | tar --create --null --files-from - --ignore-failed-read 2>/dev/null | tar --extract --directory "$all/pristine"
    apply_mutant switch "$all/pristine" || return 1
    for id; do
        if ! apply_mutant "$id" "$all/pristine" --check; then
            echo "mutants: RED: ci/mutants/$id.patch does not apply" >&2
            return 1
        fi
        taken=
        if grep -q 'mutation::is(' "ci/mutants/$id.patch"; then
            for tree in "${!ids[@]}"; do
                if [[ ${ids[$tree]} != alone* ]] && apply_mutant "$id" "$all/$tree" --check 2>/dev/null; then
                    taken=$tree
                    break
                fi
            done
        fi
        if [[ -z $taken ]]; then
            taken=${#ids[@]}
            cp -a "$all/pristine" "$all/$taken"
            grep -q 'mutation::is(' "ci/mutants/$id.patch" || ids[taken]=alone
        fi
        apply_mutant "$id" "$all/$taken"
        ids[taken]="${ids[taken]:-} $id"
    done
    for tree in "${!ids[@]}"; do
        echo "$all/$tree ${ids[$tree]#alone}"
    done
}

# Runs one model of such a program; in a mutants' tree with the mutant that SEQCOPY_MUTANT names.
run_model() {
    local path
    path=$("$1" --list | sed -n "s/^\(models::[a-z_]*::$2\): test\$/\1/p")
    RUST_BACKTRACE=0 timeout 900 "$1" --exact --test-threads 1 --nocapture "${path:?there is no model $2}"
}

# What a failed program says first.
complaint() {
    grep -aE -A1 "panicked at|^error: " "$1" | grep -vE "panicked at|^--" | head -n 1 | cut -c 1-100 || true
}
