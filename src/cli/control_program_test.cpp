#include "thimble/cli/control_program.hpp"

#include <gtest/gtest.h>

#include <string>

namespace thimble::cli {
namespace {

TEST(ControlProgram, IsTheOneThatKnowsTheVerb) {
    const auto program = [](std::vector<std::string_view> arguments) {
        return std::string(control_program(arguments));
    };
    EXPECT_EQ(program({"list", "--json"}), "thimble-fleet");
    EXPECT_EQ(program({"--config", "x", "show", "c1"}), "thimble-control") << "verbs come first";
    EXPECT_EQ(program({"propose", "CVE-2026-1"}), "thimble-fleet");
    EXPECT_EQ(program({"deploy", "c1"}), "thimble-fleet");
    EXPECT_EQ(program({"deploy", "wall.json", "--id", "c1"}), "thimble-control");
    EXPECT_EQ(program({"verify", "--id=c1"}), "thimble-control");
    EXPECT_EQ(program({"virtual-patch", "p.yaml"}), "thimble-control");
    EXPECT_EQ(program({"remove", "--id", "c1"}), "thimble-control");
    EXPECT_EQ(program({}), "thimble-control");
}

}  // namespace
}  // namespace thimble::cli
