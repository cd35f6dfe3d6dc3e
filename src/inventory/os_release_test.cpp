#include "thimble/inventory/os_release.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace thimble::inventory {
namespace {

TEST(ParseOsRelease, UndoesQuotes) {
    const auto os = parse_os_release(
        "# comment\n"
        "PRETTY_NAME=\"A \\\"quoted\\\" name\"\n"
        "ID=debian\r\n"
        "VERSION_ID='12'\n"
        "VERSION_CODENAME=bookworm\n"
        "ID_LIKE=\"rhel  fedora\"");

    EXPECT_EQ(os.pretty_name, "A \"quoted\" name");
    EXPECT_EQ(os.id, "debian");
    EXPECT_EQ(os.version_id, "12");
    EXPECT_EQ(os.version_codename, "bookworm");
    EXPECT_EQ(os.id_like, (std::vector<std::string>{"rhel", "fedora"}));
}

TEST(ParseOsRelease, SurvivesNonsense) {
    EXPECT_EQ(parse_os_release(""), model::OsRelease{});
    EXPECT_EQ(parse_os_release("no assignment\n=\n\"\n"), model::OsRelease{});
    EXPECT_EQ(parse_os_release("ID=\"open").id, "open");
    EXPECT_EQ(parse_os_release("ID=a\\").id, "a\\");
}

TEST(ParseOsRelease, ExpandsNothing) {
    EXPECT_EQ(parse_os_release("ID=$(reboot)`id`").id, "$(reboot)`id`");
}

}  // namespace
}  // namespace thimble::inventory
