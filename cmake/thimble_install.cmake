# What `cmake --install BUILD --prefix /usr` puts where. What people and units start is in bin; what our programs start
# is looked for beside them and in ../libexec/thimble.
include(GNUInstallDirs)

install(TARGETS thimble thimble-agent thimble-agent-helper RUNTIME DESTINATION bin)
install(TARGETS thimble-feeds thimble-apt thimble-patch thimble-gate thimble-fleet thimble-server thimble-control thimble-launcher
    RUNTIME DESTINATION libexec/thimble)
install(DIRECTORY ${CMAKE_RUNTIME_OUTPUT_DIRECTORY}/thimble-dnf DESTINATION libexec/thimble
    FILES_MATCHING PATTERN "*.py")

file(GLOB thimble_manuals ${PROJECT_SOURCE_DIR}/docs/man/*.1)
install(FILES ${thimble_manuals} DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
install(FILES ${PROJECT_SOURCE_DIR}/completions/thimble.bash
    DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions RENAME thimble)
install(FILES ${PROJECT_SOURCE_DIR}/README.md ${PROJECT_SOURCE_DIR}/LICENSE
    DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/thimble)

foreach(user agent relay server)
    install(FILES ${PROJECT_SOURCE_DIR}/packaging/systemd/thimble-${user}.sysusers
        DESTINATION lib/sysusers.d RENAME thimble-${user}.conf)
endforeach()
# The prefix is known when it is installed, and units name whole paths.
set(thimble_units ${PROJECT_SOURCE_DIR}/packaging/systemd)
install(CODE "
    file(GLOB units \"${thimble_units}/*.service\" \"${thimble_units}/*.timer\")
    foreach(unit IN LISTS units)
        file(READ \"\${unit}\" text)
        string(REPLACE \"=/usr/bin/\" \"=\${CMAKE_INSTALL_PREFIX}/bin/\" text \"\${text}\")
        cmake_path(GET unit FILENAME name)
        set(target \"\$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}/lib/systemd/system/\${name}\")
        message(STATUS \"Installing: \${target}\")
        file(WRITE \"\${target}\" \"\${text}\")
    endforeach()")
