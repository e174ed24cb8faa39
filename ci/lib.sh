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
