#include "thimble/agent/library_list.hpp"

#include "thimble/host/run_command.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

namespace thimble::agent {
namespace {

TEST(LibraryList, IsWhatTheInterpreterTellsOfARealProgram) {
    const auto told =
        host::run_command({.argv = {THIMBLE_AGENT}, .environment = {"LD_TRACE_LOADED_OBJECTS=1"}});
    ASSERT_TRUE(told.has_value());

    const auto list = parse_library_list(told->output);

    ASSERT_TRUE(list.has_value()) << list.error().text() << told->output;
    EXPECT_TRUE(std::filesystem::exists(list->loader));
    EXPECT_TRUE(std::ranges::any_of(
        list->libraries, [](const std::string& path) { return path.ends_with("/libc.so.6"); }));
}

TEST(LibraryList, NamesALibraryThatIsMissing) {
    const auto list =
        parse_library_list("\tlibx.so.1 => not found\n\t/lib64/ld-linux-x86-64.so.2 (0x00007f)\n");
    ASSERT_FALSE(list.has_value());
    EXPECT_EQ(list.error().code, "agent.no_library");
    EXPECT_NE(list.error().message.find("libx.so.1"), std::string::npos);
}

TEST(LibraryList, IsRefusedWithoutAnInterpreter) {
    for (const char* const bad :
         {"", "\n", "\tlibz.so.1 => /lib/libz.so.1 (0x1)\n", "\t/lib64/ld.so (0x1)\n"}) {
        EXPECT_EQ(parse_library_list(bad).error().code, "agent.bad_library_list") << bad;
    }
}

}  // namespace
}  // namespace thimble::agent
