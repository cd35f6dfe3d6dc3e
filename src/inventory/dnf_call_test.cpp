#include "thimble/inventory/dnf_call.hpp"

#include <gtest/gtest.h>

namespace thimble::inventory {
namespace {

TEST(InterpreterOf, IsThatOfDnfsOwnProgram) {
    EXPECT_EQ(
        interpreter_of("#!/usr/libexec/platform-python -s\nimport dnf\n"),
        "/usr/libexec/platform-python");
    EXPECT_EQ(interpreter_of("#! /usr/bin/python3\n"), "/usr/bin/python3");
}

TEST(InterpreterOf, IsNoneOfAProgramThatIsNoScript) {
    EXPECT_EQ(
        interpreter_of("\x7f"
                       "ELF"),
        "");
    EXPECT_EQ(interpreter_of("#!../python\n"), "");
    EXPECT_EQ(interpreter_of(""), "");
}

}  // namespace
}  // namespace thimble::inventory
