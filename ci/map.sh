#!/usr/bin/env bash
# Prints every source file of these folders, or of all, with the sentence that it opens with.
#
#     ci/map.sh [FOLDER..]
#
# Callable from any directory.
set -euo pipefail
cd "$(dirname "$0")/.."
git ls-files --cached --others --exclude-standard -- "$@" | grep -E '\.(rs|sh|c|h|v|py|md)$|^\.ci/run$' | grep -vE '^ui-tests/tests/(ui|built)/' |
    while read -r file; do
        # The first line that is neither empty nor a line for the shell or the compiler, without its comment marks.
        echo "$file: $(awk '(NR == 1 && /^#!/) || /^#!\[/ || /^[[:space:]]*$/ { next }
            { gsub(/^(\/\/!|\/\/|#+|\(\*+|\/\*+|""")[[:space:]]*|[[:space:]]*\*+[\/)]$/, ""); print; exit }' "$file")"
    done
