# What is installed, in three components (runtime, development, command), and the packages that CPack makes of them.
include(CMakePackageConfigHelpers)

set(seqcopy_config_folder "${CMAKE_INSTALL_LIBDIR}/cmake/seqcopy")
install(TARGETS seqcopy_static EXPORT seqcopyTargets ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}" COMPONENT development)
install(TARGETS seqcopy_shared EXPORT seqcopyTargets LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}"
    COMPONENT runtime NAMELINK_COMPONENT development)
install(FILES include/seqcopy.h include/seqcopy.hpp DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}" COMPONENT development)

# For find_package.
install(EXPORT seqcopyTargets NAMESPACE seqcopy:: DESTINATION "${seqcopy_config_folder}" COMPONENT development)
configure_package_config_file(cmake/seqcopyConfig.cmake.in seqcopyConfig.cmake
    INSTALL_DESTINATION "${seqcopy_config_folder}" PATH_VARS CMAKE_INSTALL_BINDIR)
write_basic_package_version_file(seqcopyConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES "${CMAKE_CURRENT_BINARY_DIR}/seqcopyConfig.cmake" "${CMAKE_CURRENT_BINARY_DIR}/seqcopyConfigVersion.cmake" cmake/seqcopy_generate.cmake
    DESTINATION "${seqcopy_config_folder}" COMPONENT development)

# For pkg-config. The paths count from the file, so that the tree can be moved.
file(RELATIVE_PATH seqcopy_up "/${CMAKE_INSTALL_LIBDIR}/pkgconfig" "/")
configure_file(cmake/seqcopy.pc.in seqcopy.pc @ONLY)
install(FILES "${CMAKE_CURRENT_BINARY_DIR}/seqcopy.pc" DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig" COMPONENT development)

if(TARGET seqcopy_command)
    install(PROGRAMS "${seqcopy_command}" DESTINATION "${CMAKE_INSTALL_BINDIR}" COMPONENT command)
    install(FILES "${seqcopy_cli}/completions/seqcopy.bash" DESTINATION "${CMAKE_INSTALL_DATADIR}/bash-completion/completions" RENAME seqcopy COMPONENT command)
    install(FILES "${seqcopy_cli}/completions/_seqcopy" DESTINATION "${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions" COMPONENT command)
    install(FILES "${seqcopy_cli}/completions/seqcopy.fish" DESTINATION "${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d" COMPONENT command)
    file(GLOB pages "${seqcopy_cli}/man/*.1")
endif()

# Debian wants manual pages and changelogs compressed, without the time; a name and a copyright for each package.
find_program(seqcopy_gzip gzip REQUIRED)
file(MAKE_DIRECTORY "${CMAKE_CURRENT_BINARY_DIR}/gz")
function(seqcopy_install_compressed file name folder component)
    set(made "${CMAKE_CURRENT_BINARY_DIR}/gz/${component}-${name}.gz")
    execute_process(COMMAND "${seqcopy_gzip}" -9 -n -c "${file}" OUTPUT_FILE "${made}" COMMAND_ERROR_IS_FATAL ANY)
    install(FILES "${made}" DESTINATION "${folder}" RENAME "${name}.gz" COMPONENT ${component})
endfunction()
foreach(page IN LISTS pages)
    get_filename_component(name "${page}" NAME)
    seqcopy_install_compressed("${page}" "${name}" "${CMAKE_INSTALL_MANDIR}/man1" command)
endforeach()
set(seqcopy_package_runtime "libseqcopy${seqcopy_soversion}")
set(seqcopy_package_development libseqcopy-dev)
set(seqcopy_package_command seqcopy)
configure_file(cmake/copyright.in copyright @ONLY)
if(NOT CPACK_PACKAGE_CONTACT)
    set(CPACK_PACKAGE_CONTACT "unknown packager <unknown@localhost.localdomain>") # who distributes packages sets a name and an address
endif()
string(TIMESTAMP seqcopy_date "%a, %d %b %Y %H:%M:%S +0000" UTC)
file(WRITE "${CMAKE_CURRENT_BINARY_DIR}/changelog.Debian" "seqcopy (${PROJECT_VERSION}-1) unstable; urgency=medium

  * Version ${PROJECT_VERSION}: see changelog.gz.

 -- ${CPACK_PACKAGE_CONTACT}  ${seqcopy_date}
")
foreach(component IN ITEMS runtime development command)
    set(folder "${CMAKE_INSTALL_DATADIR}/doc/${seqcopy_package_${component}}")
    install(FILES "${CMAKE_CURRENT_BINARY_DIR}/copyright" DESTINATION "${folder}" COMPONENT ${component})
    seqcopy_install_compressed("${CMAKE_CURRENT_SOURCE_DIR}/CHANGELOG.md" changelog "${folder}" ${component})
    seqcopy_install_compressed("${CMAKE_CURRENT_BINARY_DIR}/changelog.Debian" changelog.Debian "${folder}" ${component})
endforeach()
# What dpkg knows of the shared library: which package programs need, and that the cache of libraries is renewed.
file(WRITE "${CMAKE_CURRENT_BINARY_DIR}/shlibs" "libseqcopy ${seqcopy_soversion} ${seqcopy_package_runtime} (>= ${PROJECT_VERSION})\n")
file(WRITE "${CMAKE_CURRENT_BINARY_DIR}/triggers" "activate-noawait ldconfig\n")

# Packages.
set(CPACK_PACKAGE_NAME seqcopy)
set(CPACK_PACKAGE_VENDOR seqcopy)
set(CPACK_PACKAGE_VERSION "${PROJECT_VERSION}")
string(TOLOWER "seqcopy-${PROJECT_VERSION}-${CMAKE_SYSTEM_NAME}-${CMAKE_SYSTEM_PROCESSOR}" CPACK_PACKAGE_FILE_NAME)
set(CPACK_RESOURCE_FILE_LICENSE "${CMAKE_CURRENT_SOURCE_DIR}/LICENSE-MIT")
set(CPACK_COMPONENTS_ALL runtime development command)
set(CPACK_COMPONENTS_GROUPING IGNORE)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_RUNTIME_PACKAGE_CONTROL_EXTRA "${CMAKE_CURRENT_BINARY_DIR}/shlibs" "${CMAKE_CURRENT_BINARY_DIR}/triggers")
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_DEPENDS "${seqcopy_package_runtime} (= ${PROJECT_VERSION}-1)")
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SUGGESTS "${seqcopy_package_command}")
function(seqcopy_describe component section has)
    string(TOUPPER "${component}" COMPONENT)
    set(CPACK_DEBIAN_${COMPONENT}_PACKAGE_NAME "${seqcopy_package_${component}}" PARENT_SCOPE)
    set(CPACK_DEBIAN_${COMPONENT}_PACKAGE_SECTION "${section}" PARENT_SCOPE)
    set(CPACK_DEBIAN_${COMPONENT}_DESCRIPTION "Processes share the newest value of a struct, or a table, in shared memory:
one writes, others read at any time, and none sees half a value or waits.
.
${has}" PARENT_SCOPE)
endfunction()
seqcopy_describe(runtime libs "This package has the library.")
seqcopy_describe(development libdevel
    "This package has headers for C and C++, the static library, and files for\nCMake and pkg-config.")
seqcopy_describe(command utils
    "This package has the command that lists, shows, records and compares such\nregions, and makes C headers for their types.")
# A tarball has all of them in one folder, to be unpacked anywhere.
set(CPACK_ARCHIVE_COMPONENT_INSTALL OFF)
include(CPack)
