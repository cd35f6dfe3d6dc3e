# Warnings are errors everywhere; third-party headers are included as SYSTEM.
add_library(thimble_warnings INTERFACE)
target_compile_options(thimble_warnings INTERFACE
    -Werror -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wold-style-cast -Wswitch-enum
    -Wnon-virtual-dtor -Woverloaded-virtual -Wmissing-declarations -Wformat=2)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    target_compile_options(thimble_warnings INTERFACE
        -Wduplicated-cond -Wduplicated-branches -Wlogical-op)
else()
    # clang sees the library's own std::get_temporary_buffer inside std::stable_sort.
    target_compile_options(thimble_warnings INTERFACE -Wno-deprecated-declarations)
endif()
