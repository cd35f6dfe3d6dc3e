#include "thimble/rehearse/parse_unit.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace thimble::rehearse {
namespace {

using Words = std::vector<std::string>;

TEST(ParseUnit, ReadsWhatIsNeededToStart) {
    const auto unit = parse_unit(
        {"[Unit]\nExecStart=/not/this\n[Service]\nType=forking\nUser=www\nGroup=web\n"
         "WorkingDirectory=-/srv\nExecStartPre=-/bin/check -q 'a b'\n"
         "ExecStart=/bin/web \\\n  # a comment within\n  --name=%p --instance \"%i\"\n"
         "Environment=A=1 \"B=two words\"\nEnvironmentFile=-/etc/default/web\n"
         "RuntimeDirectory=web:alias web/sub ../climb\nPrivateTmp=yes\nDynamicUser=yes\n"},
        "web@blue.service");

    ASSERT_TRUE(unit.has_value()) << unit.error().text();
    EXPECT_EQ(unit->type, "forking");
    EXPECT_EQ(unit->user, "www");
    EXPECT_EQ(unit->group, "web");
    EXPECT_EQ(unit->working_directory, "/srv");
    EXPECT_EQ(unit->start_pre, (std::vector<UnitCommand>{{{"/bin/check", "-q", "a b"}, true}}));
    EXPECT_EQ(
        unit->start,
        (std::vector<UnitCommand>{{{"/bin/web", "--name=web", "--instance", "blue"}, false}}));
    EXPECT_EQ(
        unit->environment,
        (std::vector<std::pair<std::string, std::string>>{{"A", "1"}, {"B", "two words"}}));
    EXPECT_EQ(unit->environment_files, Words{"-/etc/default/web"});
    EXPECT_EQ(unit->runtime_directories, (Words{"web", "web/sub"}));
    EXPECT_EQ(unit->unsupported, Words{"DynamicUser"});
}

TEST(ParseUnit, LetsADropInResetAndReplace) {
    const auto unit = parse_unit(
        {"[Service]\nExecStart=/bin/old\nUser=a\n",
         "[Service]\nExecStart=\nExecStart=@/bin/new shown arg\nUser=b\n"},
        "x.service");

    EXPECT_EQ(unit->start, (std::vector<UnitCommand>{{{"/bin/new", "arg"}, false}}));
    EXPECT_EQ(unit->user, "b");
}

TEST(ParseUnit, RefusesOneThatStartsNothing) {
    EXPECT_EQ(parse_unit({"[Service]\nUser=a\n"}, "x.service").error().code, "rehearse.bad_unit");
    EXPECT_EQ(
        parse_unit({"[Service]\nExecStart=-\n"}, "x.service").error().code, "rehearse.bad_unit");
    EXPECT_FALSE(parse_unit({std::string(2'000'000, 'x')}, "x.service").has_value());
}

TEST(WithVariables, SplitsPlainOnesAndKeepsBracedOnesWhole) {
    const std::vector<std::pair<std::string, std::string>> environment{
        {"OPTS", "first"}, {"OPTS", "-a 'b c'"}, {"PORT", "80"}};

    EXPECT_EQ(
        with_variables(
            {{"/bin/x", "$OPTS", "--port=${PORT}", "${NONE}", "$$x", "${open"}, false},
            environment),
        (Words{"/bin/x", "-a", "b c", "--port=80", "", "$$x", "${open"}));
}

TEST(ParseEnvironmentFile, ReadsAssignments) {
    EXPECT_EQ(
        parse_environment_file("# x\nA=1\n B = \"two words\" \nnonsense\nC='3'\n"),
        (std::vector<std::pair<std::string, std::string>>{
            {"A", "1"}, {"B", "two words"}, {"C", "3"}}));
}

}  // namespace
}  // namespace thimble::rehearse
