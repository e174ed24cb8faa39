# Shared by the scripts next to it; to be sourced.

# skipped <what, and why>: says that something is not checked here; with $SEQCOPY_NO_SKIP, for machines that can have every tool, that is
# red. Adds a line to the file $SEQCOPY_SKIPPED, if there is one: .ci/run shows all of them at its end. Not to be called in a pipe or in
# the background, which it would end instead of the script.
skipped() {
    echo "==== SKIPPED: $* ===="
    [[ -z ${SEQCOPY_SKIPPED:-} ]] || echo "$(basename -- "$0" .sh): $*" >>"$SEQCOPY_SKIPPED"
    [[ -z ${SEQCOPY_NO_SKIP:-} ]] || exit 1
}

# skipped_in <file>: likewise for what a program has printed, line by line.
skipped_in() {
    local line
    while read -r line; do
        skipped "$line"
    done < <(sed -nE 's/^==== SKIPPED: (.*) ====$/\1/p' "$1")
}

# Whether this is Linux: regions are tested there only.
have_linux() {
    [[ $(uname -s) != Linux ]] || return 0
    skipped "regions are tested on Linux"
    return 1
}

# Whether the toolchain in use has this target; installs it if possible. Says that it is skipped if not.
have_target() {
    if rustup target list --installed 2>/dev/null | grep -qx "$1" || rustup target add "$1" >/dev/null 2>&1; then
        return 0
    fi
    skipped "target $1 is not available here"
    return 1
}

# Another toolchain, likewise.
have_toolchain() {
    if rustup run "$1" rustc --version >/dev/null 2>&1 ||
        rustup toolchain install "$1" --profile minimal >/dev/null 2>&1; then
        return 0
    fi
    skipped "toolchain $1 is not available here"
    return 1
}

# have_program <command> <Debian package>: installs the package if the command is missing.
have_program() {
    if command -v "$1" >/dev/null 2>&1; then
        return 0
    fi
    # Machines of a workflow are not root, but may become it without a password.
    local become=(sudo -n)
    [[ $(id -u) -ne 0 ]] || become=()
    if command -v apt-get >/dev/null 2>&1; then
        ("${become[@]}" apt-get install -y "$2" || { "${become[@]}" apt-get update && "${become[@]}" apt-get install -y "$2"; }) >/dev/null 2>&1 || true
    fi
    command -v "$1" >/dev/null 2>&1
}

# Whether programs for aarch64 can be linked and run here; says to cargo how.
can_emulate_aarch64() {
    export CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER=aarch64-linux-gnu-gcc
    export CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_RUNNER="qemu-aarch64 -L /usr/aarch64-linux-gnu"
    if have_program aarch64-linux-gnu-gcc gcc-aarch64-linux-gnu && have_program qemu-aarch64 qemu-user; then
        return 0
    fi
    skipped "qemu-user or gcc-aarch64-linux-gnu is not available here"
    return 1
}

# have_cargo_command <name> [<package>..]: a cargo subcommand that is installed separately, on PATH or in $SEQCOPY_TOOLS/bin. If it is
# missing, it is installed below the target directory: from those Python packages, which are built already, or by cargo.
have_cargo_command() {
    local tools
    tools=$(mkdir -p "${CARGO_TARGET_DIR:-target}/tools" && cd "${CARGO_TARGET_DIR:-target}/tools" && pwd)
    PATH=${SEQCOPY_TOOLS:+$SEQCOPY_TOOLS/bin:}$PATH:$tools/bin
    if command -v "cargo-$1" >/dev/null 2>&1; then
        return 0
    fi
    if [[ -n ${2:-} ]]; then
        python3 -m venv "$tools" && "$tools/bin/pip" install "${@:2}"
    else
        cargo install --locked --root "$tools" "cargo-$1"
    fi >"$tools/output" 2>&1 || true
    if command -v "cargo-$1" >/dev/null 2>&1; then
        return 0
    fi
    skipped "cargo-$1 is not installed (cargo install cargo-$1)"
    return 1
}

# python_environment <place>: makes a virtual environment there, with what builds the package of seqcopy-python, and NumPy where it can be had.
python_environment() {
    local python=${PYTHON:-python3}
    if ! "$python" -c 'import sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
        skipped "there is no Python from 3.11 on with the module venv"
        return 1
    fi
    if ! cargo fetch --quiet --locked --manifest-path seqcopy-python/Cargo.toml 2>/dev/null; then
        skipped "the crate pyo3, or one that it depends on, can't be had here"
        return 1
    fi
    # Some systems have the module and not what it installs.
    if ! "$python" -m venv "$1" >"$1.log" 2>&1 || ! "$1/bin/pip" install --quiet maturin >>"$1.log" 2>&1; then
        skipped "there is no virtual environment with maturin: $(complaint "$1.log")"
        return 1
    fi
    "$1/bin/pip" install --quiet numpy >"$1.log" 2>&1 || skipped "NumPy can't be had here: $(complaint "$1.log")"
}

# python_package <tree> <place>: builds the package of that tree, and installs it into the environment at that place.
python_package() {
    local target
    target=$(mkdir -p "${CARGO_TARGET_DIR:-target}/python" && cd "${CARGO_TARGET_DIR:-target}/python" && pwd)
    rm -rf -- "$2/wheel"
    (cd "$1/seqcopy-python" &&
        CARGO_TARGET_DIR=$target "$2/bin/maturin" build --quiet --release --locked --interpreter "$2/bin/python" --out "$2/wheel" 2>/dev/null)
    "$2/bin/pip" install --quiet --no-index --no-deps --force-reinstall "$2"/wheel/*.whl
}

# The published crates, one per line: the folders whose manifest does not say `publish = false`. With --libraries only those
# that have a library, and so pages on docs.rs.
published_crates() {
    local manifest folder
    for manifest in */Cargo.toml; do
        folder=${manifest%/Cargo.toml}
        grep -q '^publish = false' "$manifest" || [[ ${1-} == --libraries && ! -e $folder/src/lib.rs ]] || echo "$folder"
    done
}

# verify_program <name>: builds an optimised program of verify/src/bin, and prints its path. Together with the command, which one of these
# programs runs: alone, what both depend on would have fewer features, and be built a second time.
verify_program() {
    cargo build --quiet --release -p seqcopy-verify -p seqcopy-cli --bin "$1" >&2
    echo "${CARGO_TARGET_DIR:-target}/release/$1"
}

# tier <name>: the checks of a tier of ci/tiers.txt, one per line, with their options.
tier() {
    sed -nE "s/^$1 +([^:]*[^: ]) *(:.*)?\$/\1/p" ci/tiers.txt
}

# code_of <path>..: the lines of these files, and of those below these folders but for what cargo builds, without comments.
code_of() {
    find "$@" -type d \( -name target -o -name __pycache__ \) -prune -o -type f ! -name '*.md' -print0 | LC_ALL=C sort -z | xargs -0 grep -hvE '^[[:space:]]*(//|#( |!|$))'
}

# hash_of_sources <check>: that of the files that ci/tiers.txt names after a check; nothing if it names none.
hash_of_sources() {
    local files=()
    read -ra files < <(sed -nE "s/^[a-z]+ +$1 *: *//p" ci/tiers.txt) || true
    ((${#files[@]} == 0)) || code_of "${files[@]}" | sha256sum | head -c 16
}

# run_check <check> [<option>..]: runs ci/<check>.sh, and adds a line to the file $SEQCOPY_SECONDS: how long it took, and the processors.
run_check() {
    local status=0 said=ok wall user system TIMEFORMAT='%0R %0U %0S' times
    times=$(mktemp)
    echo "==== ci/$1.sh ${*:2}"
    { time "ci/$1.sh" "${@:2}" 2>&3 </dev/null; } 3>&2 2>"$times" || status=$?
    read -r wall user system <"$times"
    rm -f -- "$times"
    ((status == 0)) || said="RED (exit status $status)"
    echo "==== ci/$1.sh ${*:2}: $said, $wall s"
    echo "$*;$wall;$((user + system));$said" >>"$SEQCOPY_SECONDS"
    return "$status"
}

# table_of_seconds: what run_check has noted, longest first; how to run those alone that were red; and what was skipped.
table_of_seconds() {
    echo "==== check: seconds, of processors"
    sort -t ';' -k 2nr "$SEQCOPY_SECONDS" | awk -F ';' '{ printf "%-24s %6d %6d %s\n", $1, $2, $3, $4; wall += $2; cpu += $3 }
        END { printf "%-24s %6d %6d\n", "all", wall, cpu }'
    sort -u "$SEQCOPY_SKIPPED" | sed 's/.*/==== SKIPPED: &/'
    sed -nE 's|^([a-z_]+)([^;]*);.*RED.*|==== RED: \1; alone: ci/\1.sh\2|p' "$SEQCOPY_SECONDS"
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

# Builds the loom models of seqcopy and prints the path of that program; those of seqcopy-map are next to it, at `<path>.map`.
# Given a tree of mutants, it keeps the programs next to the sources of the tree: to cargo all trees are one package, of which it
# compares the age of files, so their age is renewed, too.
loom_program() {
    local built map
    [[ $# -eq 0 ]] || find "$1" -name '*.rs' -exec touch {} +
    built=$(loom_build "${1:-.}" seqcopy)
    map=$(loom_build "${1:-.}" seqcopy-map)
    # A build that fails has printed why, and no path.
    [[ -n $built && -n $map ]] || return 1
    [[ $# -eq 0 ]] || { cp "$built" "$1/models.program" && built=$1/models.program; }
    cp "$map" "$built.map"
    echo "$built"
}

loom_build() {
    # Without `derive`, on which the tests of copies depend: no model needs them, and they take longer to build than all models.
    RUSTFLAGS="--cfg loom" cargo test --quiet --release -p "$2" --no-default-features --features loom,std --lib --no-run --manifest-path "$1/Cargo.toml" \
        --target-dir "${CARGO_TARGET_DIR:-target}/loom" --message-format json-render-diagnostics |
        sed -n 's/.*"executable":"\([^"]*\)".*/\1/p'
}

# Copies as in optimised builds.
as_optimised='--cfg seqcopy_copy="straight"'

# partitions_program <tree>: builds the program that checks the partition of every small layout in a tree of mutants and keeps it next to
# the sources, as loom_program does.
partitions_program() {
    find "$1" -name '*.rs' -exec touch {} +
    cp "$(RUSTFLAGS=$as_optimised cargo build --quiet -p seqcopy-verify --bin partitions --manifest-path "$1/Cargo.toml" \
        --target-dir "${CARGO_TARGET_DIR:-target}/straight" --message-format json-render-diagnostics |
        sed -n 's/.*"executable":"\([^"]*\)".*/\1/p')" "$1/partitions.program"
}

# mutant_text <id>: its section of verify/mutants/*.diff.
mutant_text() {
    awk -v id="$1:" '/^=== / { inside = $2 == id } inside' verify/mutants/*.diff
}

# apply_mutant <id> <tree> [--check]: applies the patch of a mutant, or only checks that it applies. The tree is not a repository.
apply_mutant() {
    mutant_text "$1" | GIT_CEILING_DIRECTORIES=$(dirname -- "$2") git -C "$2" apply ${3:+"$3"}
}

# has_switch <id>: whether a mutant is chosen when the program runs, in Rust, C or Python.
has_switch() {
    # Not by a pipe to `grep -q`: it may end before all is written.
    [[ $(mutant_text "$1") =~ mutation(::is|\.runs)\(|SEQCOPY_MUTANT\( ]]
}

# mutant_trees <id>..: makes as few copies of this tree as possible below the target directory, with these mutants in them. Mutants
# share a tree if their patches do not overlap; one that does not use the switch has a tree of its own. Prints a line for each
# tree: its path and the ids. Fails if a patch does not apply.
mutant_trees() {
    local all id tree taken files=() ids=()
    all=$(mkdir -p "${CARGO_TARGET_DIR:-target}/mutants" && cd "${CARGO_TARGET_DIR:-target}/mutants" && pwd)
    rm -rf -- "${all:?}"/*
    mapfile -d '' -t files < <(git ls-files -z --cached --others --exclude-standard)
    mkdir "$all/pristine"
    printf '%s\0' "${files[@]}" | tar --create --null --files-from - --ignore-failed-read 2>/dev/null | tar --extract --directory "$all/pristine"
    GIT_CEILING_DIRECTORIES=$all git -C "$all/pristine" apply "$PWD/verify/mutants/switch.patch" || return 1
    for id; do
        if ! apply_mutant "$id" "$all/pristine" --check; then
            echo "mutants: RED: $id does not apply" >&2
            return 1
        fi
        taken=
        if has_switch "$id"; then
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
            has_switch "$id" || ids[taken]=alone
        fi
        apply_mutant "$id" "$all/$taken"
        ids[taken]="${ids[taken]:-} $id"
    done
    for tree in "${!ids[@]}"; do
        echo "$all/$tree ${ids[$tree]#alone}"
    done
}

# run_model <program> <model>: runs one model; in a program of mutants, with the mutant that SEQCOPY_MUTANT names.
run_model() {
    local path program=$1
    [[ $2 != map_* ]] || program=$1.map
    path=$("$program" --list | sed -n "s/^\(models::[a-z_]*::$2\): test\$/\1/p")
    RUST_BACKTRACE=0 timeout 900 "$program" --exact --test-threads 1 --nocapture "${path:?there is no model $2}"
}

# passed_in <file>: how many tests have passed by what programs printed there. Programs that run at the same time write between each
# other's words, but not into a number and the word that follows it.
passed_in() {
    { grep -aoE '[0-9]+ passed' "$1" || true; } | awk '{ n += $1 } END { print n + 0 }'
}

# The first error message of a failed program, the first 100 characters of it.
complaint() {
    grep -aE -A1 "panicked at|^error: " "$1" | grep -vE "panicked at|^--" | head -n 1 | grep -oE '^.{1,100}' || true
}
