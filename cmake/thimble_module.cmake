# What is tested is built as it is shipped; the tests themselves are many and run once.
set(THIMBLE_TEST_OPTIONS $<$<CONFIG:None>:-O0 -U_FORTIFY_SOURCE>)

# Tests read GoogleTest and the same standard headers, once. Sources do not: where they are optimised g++ 12 warns of
# what is within precompiled headers of its own library. A test includes what it uses all the same: only clean builds
# have this.
if(THIMBLE_PRECOMPILED AND THIMBLE_TESTS)
    add_library(thimble_precompiled_test OBJECT ${CMAKE_CURRENT_LIST_DIR}/precompiled_test.cpp)
    target_link_libraries(thimble_precompiled_test PRIVATE thimble_warnings GTest::gtest)
    target_compile_options(thimble_precompiled_test PRIVATE ${THIMBLE_TEST_OPTIONS})
    target_precompile_headers(thimble_precompiled_test PRIVATE
        <algorithm> <chrono> <filesystem> <map> <optional> <ranges> <span> <string> <vector> <gtest/gtest.h>)
endif()

# The program around a fuzz target where there is no libFuzzer.
if(THIMBLE_TESTS AND NOT THIMBLE_FUZZ)
    add_library(thimble_replay_corpus OBJECT ${CMAKE_CURRENT_LIST_DIR}/replay_corpus.cpp)
    target_link_libraries(thimble_replay_corpus PRIVATE thimble_warnings)
endif()

# thimble_module(<room> SOURCES .. USES .. [USES_PRIVATE ..] [LINKS ..] [LINKS_PRIVATE ..]
#                [TESTS ..] [BENCHES ..] [FUZZERS ..])
#
# One folder is one static library thimble::<room>, one include prefix "thimble/<room>/..", and one
# namespace. The folder is linked as <build>/include/<room>/thimble/<room>, and only that root is
# exported, so an include of a room that is not named in USES does not compile.
#   USES           rooms whose headers our public headers show
#   USES_PRIVATE   rooms that only our .cpp files need
#   LINKS[_PRIVATE] third-party libraries, likewise
#   TESTS, BENCHES, FUZZERS  files beside the code; each fuzzer is a program of its own
function(thimble_module room)
    cmake_parse_arguments(ARG "" "" "SOURCES;USES;USES_PRIVATE;LINKS;LINKS_PRIVATE;TESTS;BENCHES;FUZZERS" ${ARGN})
    if(ARG_UNPARSED_ARGUMENTS)
        message(FATAL_ERROR "thimble_module(${room}): unknown arguments ${ARG_UNPARSED_ARGUMENTS}")
    endif()

    set(root ${CMAKE_BINARY_DIR}/include/${room})
    file(MAKE_DIRECTORY ${root}/thimble)
    file(CREATE_LINK ${CMAKE_CURRENT_SOURCE_DIR} ${root}/thimble/${room} SYMBOLIC)

    add_library(thimble_${room} STATIC ${ARG_SOURCES})
    add_library(thimble::${room} ALIAS thimble_${room})
    target_include_directories(thimble_${room} PUBLIC ${root})
    set(uses ${ARG_USES})
    list(TRANSFORM uses PREPEND thimble::)
    set(uses_private ${ARG_USES_PRIVATE})
    list(TRANSFORM uses_private PREPEND thimble::)
    target_link_libraries(thimble_${room}
        PUBLIC ${uses} ${ARG_LINKS}
        PRIVATE ${uses_private} ${ARG_LINKS_PRIVATE} thimble_warnings)
    set_property(GLOBAL APPEND PROPERTY THIMBLE_ROOMS ${room})
    set_property(GLOBAL PROPERTY THIMBLE_USES_${room} "${ARG_USES};${ARG_USES_PRIVATE}")

    if(THIMBLE_TESTS AND ARG_TESTS)
        add_executable(thimble_${room}_test ${ARG_TESTS})
        target_link_libraries(thimble_${room}_test PRIVATE
            thimble_${room} ${uses_private} ${ARG_LINKS_PRIVATE} thimble_warnings
            GTest::gtest GTest::gtest_main rapidcheck)
        target_compile_options(thimble_${room}_test PRIVATE ${THIMBLE_TEST_OPTIONS})
        if(THIMBLE_PRECOMPILED)
            target_precompile_headers(thimble_${room}_test REUSE_FROM thimble_precompiled_test)
        endif()
        target_compile_definitions(thimble_${room}_test PRIVATE
            THIMBLE_TESTDATA="src/${room}/testdata") # relative, so that checkouts share compiled objects
        gtest_discover_tests(thimble_${room}_test
            WORKING_DIRECTORY ${CMAKE_SOURCE_DIR}
            DISCOVERY_MODE PRE_TEST PROPERTIES TIMEOUT 300 LABELS "${room}")
    endif()
    if(THIMBLE_BENCH AND ARG_BENCHES)
        add_executable(thimble_${room}_bench ${ARG_BENCHES})
        target_link_libraries(thimble_${room}_bench PRIVATE
            thimble_${room} ${uses_private} ${ARG_LINKS_PRIVATE} thimble_warnings
            benchmark::benchmark benchmark::benchmark_main)
    endif()
    # Without libFuzzer the same file becomes a test that replays its seed corpus in testdata/.
    foreach(file IN LISTS ARG_FUZZERS)
        get_filename_component(name ${file} NAME_WE)
        set(target ${room}_${name})
        if(THIMBLE_FUZZ)
            add_executable(${target} ${file})
            target_link_options(${target} PRIVATE -fsanitize=fuzzer)
        elseif(THIMBLE_TESTS)
            add_executable(${target} ${file} $<TARGET_OBJECTS:thimble_replay_corpus>)
            add_test(NAME ${target}.replays_its_corpus
                COMMAND ${target} ${CMAKE_CURRENT_SOURCE_DIR}/testdata/corpus_${name})
        else()
            continue()
        endif()
        # libFuzzer calls the entry by name; no header declares it.
        set_source_files_properties(${file} PROPERTIES COMPILE_OPTIONS -Wno-missing-declarations)
        target_link_libraries(${target} PRIVATE
            thimble_${room} ${uses_private} ${ARG_LINKS_PRIVATE} thimble_warnings)
    endforeach()
endfunction()
