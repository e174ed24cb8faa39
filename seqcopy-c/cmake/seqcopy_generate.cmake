# seqcopy_generate(TARGET DESCRIPTION..): for each JSON file that describes a type, `quote.json`, the target gets the header `quote.h`, which is made
# again when the description changes. It runs the command `seqcopy`: the one that was built or installed with the library, or another that
# the variable SEQCOPY_COMMAND names, such as `python3;-m;seqcopy`.
function(seqcopy_generate target)
    if(SEQCOPY_COMMAND)
        set(command ${SEQCOPY_COMMAND})
    elseif(TARGET seqcopy::command)
        set(command seqcopy::command)
    else()
        message(FATAL_ERROR "seqcopy_generate: the command `seqcopy` was not found. Install it (the package seqcopy, or `cargo install seqcopy-cli`), "
            "or set SEQCOPY_COMMAND, for example to `python3;-m;seqcopy` where the Python package is.")
    endif()
    set(folder "${CMAKE_CURRENT_BINARY_DIR}/seqcopy-${target}")
    set(headers)
    foreach(description IN LISTS ARGN)
        get_filename_component(description "${description}" ABSOLUTE)
        get_filename_component(name "${description}" NAME_WE)
        # Written as a whole: a command that fails leaves no header.
        add_custom_command(OUTPUT "${folder}/${name}.h"
            COMMAND "${CMAKE_COMMAND}" -E make_directory "${folder}"
            COMMAND ${command} header --type "${description}" > "${folder}/${name}.h.new"
            COMMAND "${CMAKE_COMMAND}" -E rename "${folder}/${name}.h.new" "${folder}/${name}.h"
            DEPENDS "${description}" COMMENT "Generating ${name}.h" VERBATIM)
        list(APPEND headers "${folder}/${name}.h")
    endforeach()
    target_sources(${target} PRIVATE ${headers})
    target_include_directories(${target} PRIVATE "${folder}")
    if(TARGET seqcopy_command)
        add_dependencies(${target} seqcopy_command)
    endif()
endfunction()
