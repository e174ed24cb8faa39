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

# Builds the models with these compiler flags, below the target directory in one of that name; prints the program's path.
loom_program() {
    local name=$1
    shift
    RUSTFLAGS="--cfg loom $*" cargo test --quiet --release -p seqcopy --lib --no-run \
        --target-dir "${CARGO_TARGET_DIR:-target}/$name" --message-format json-render-diagnostics |
        sed -n 's/.*"executable":"\([^"]*\)".*/\1/p'
}

# Runs one model of such a program, with the mutant that SEQCOPY_MUTANT names.
run_model() {
    local path
    path=$("$1" --list | sed -n "s/^\(models::[a-z_]*::$2\): test\$/\1/p")
    RUST_BACKTRACE=0 timeout 900 "$1" --exact --test-threads 1 --nocapture "${path:?there is no model $2}"
}

# What a failed program says first.
complaint() {
    grep -aE -A1 "panicked at|^error: " "$1" | grep -vE "panicked at|^--" | head -n 1 | cut -c 1-100 || true
}
