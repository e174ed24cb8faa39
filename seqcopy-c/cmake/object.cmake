# Makes the object of the library from the archive that cargo built, by CMakeLists.txt: it has the functions of the header and the code that they
# use, and nothing else in it is global, so that a program may have two libraries that contain Rust. A script: cmake -D .. -P object.cmake.
cmake_policy(VERSION 3.16)

function(run)
    execute_process(COMMAND ${ARGN} RESULT_VARIABLE status OUTPUT_VARIABLE said ERROR_VARIABLE said)
    if(status)
        message(FATAL_ERROR "seqcopy: ${ARGN}: ${said}")
    endif()
endfunction()

file(STRINGS "${HEADER}" declarations REGEX "[ *]seqcopy_[a-z0-9_]+\\(")
set(roots)
foreach(declaration IN LISTS declarations)
    if(NOT declaration MATCHES "^ *(//|\\*|#)" AND declaration MATCHES "[ *](seqcopy_[a-z0-9_]+)\\(")
        list(APPEND roots -u "${CMAKE_MATCH_1}")
    endif()
endforeach()
run("${LINKER}" -r --gc-sections ${roots} --whole-archive "${ARCHIVE}" -o "${OBJECT}.new")

# Names of functions that only removed code called are still in it: --strip-unneeded leaves them out, as it does debug information.
run("${OBJCOPY}" --wildcard "--keep-global-symbol=seqcopy_*" --strip-unneeded -R .llvmbc -R .llvmcmd "${OBJECT}.new")
file(RENAME "${OBJECT}.new" "${OBJECT}")
