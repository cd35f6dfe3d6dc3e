#include "thimble/inventory/file_owner.hpp"

#include "thimble/inventory/fake_host_test.hpp"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

namespace thimble::inventory {
namespace {

using Names = std::vector<std::string>;
using Owners = std::map<std::string, std::string>;

FakeHost host_with_lists() {
    FakeHost host;
    host.files["/var/lib/dpkg/info/bash.list"] = "/.\n/bin\n/bin/bash\n/bin/bashbug";
    host.files["/var/lib/dpkg/info/libc6:amd64.list"] = "/lib\n/lib/x86_64-linux-gnu/libc.so.6\n";
    host.files["/var/lib/dpkg/info/dash.list"] = "/bin/sh\n/bin/dash\n";
    host.files["/var/lib/dpkg/info/bash.md5sums"] = "/bin/sed\n";
    return host;
}

TEST(FindOwners, FindsFilesThroughTheMergedUsr) {
    FakeHost host = host_with_lists();

    EXPECT_EQ(
        find_owners(host, {"/usr/bin/bash", "/usr/lib/x86_64-linux-gnu/libc.so.6", "/usr/bin/sed"}),
        (Owners{{"/usr/bin/bash", "bash"}, {"/usr/lib/x86_64-linux-gnu/libc.so.6", "libc6"}}));
}

TEST(FindOwners, MatchesWholeLinesOnly) {
    FakeHost host = host_with_lists();

    EXPECT_TRUE(find_owners(host, {"/bin/bas", "/in/bash", "bin/bash"}).empty());
    EXPECT_EQ(find_owners(host, {"/bin/bashbug"}).size(), 1U);
}

TEST(FindOwners, FollowsDiversions) {
    FakeHost host = host_with_lists();
    host.files["/var/lib/dpkg/diversions"] = "/bin/sh\n/bin/sh.distrib\nmksh\n";
    host.files["/var/lib/dpkg/info/mksh.list"] = "/bin/sh\n/bin/mksh\n";

    EXPECT_EQ(
        find_owners(host, {"/usr/bin/sh", "/usr/bin/sh.distrib"}),
        (Owners{{"/usr/bin/sh", "mksh"}, {"/usr/bin/sh.distrib", "dash"}}));
}

TEST(ListedNames, GoBothWays) {
    EXPECT_EQ(listed_names("/usr/sbin/x"), (Names{"/usr/sbin/x", "/sbin/x"}));
    EXPECT_EQ(listed_names("/bin/x"), (Names{"/bin/x", "/usr/bin/x"}));
    EXPECT_EQ(listed_names("/opt/x"), (Names{"/opt/x"}));
    EXPECT_EQ(listed_names("/usr/share/x"), (Names{"/usr/share/x"}));
}

TEST(ParseDiversions, DropsAnIncompleteEnd) {
    EXPECT_EQ(parse_diversions("/a\n/b\n:\n/c\n"), (std::vector<Diversion>{{"/a", "/b", ":"}}));
}

TEST(ParseMatchingLists, TakesOnlyListsOfTheFolder) {
    const std::string text(
        "/info/libc6:amd64.list\0/lib/x\n/info/libc6:amd64.list\0/usr/lib/x\n"
        "/info/a.md5sums\0/lib/x\n/info/../b.list\0/lib/x\n/other/c.list\0/lib/x\nno name\n",
        141);

    const auto lists = parse_matching_lists(text, "/info");

    ASSERT_EQ(lists.size(), 1U);
    EXPECT_EQ(lists.at("libc6:amd64.list"), "/lib/x\n/usr/lib/x\n");
}

TEST(FindOwners, AsksAHostFarAwayForMatchingLinesOnly) {
    FakeHost host;
    host.root = "";
    host.on_run = [](const host::Command& command) -> Result<host::Outcome> {
        EXPECT_EQ(command.argv.front(), "grep");
        return host::Outcome{
            .exit_status = 0,
            .output = std::string("/var/lib/dpkg/info/dash.list\0/bin/dash\n", 39),
            .errors = {}};
    };

    const auto owners = find_owners(host, {"/usr/bin/dash", "/usr/bin/other"});

    EXPECT_EQ(owners, (std::map<std::string, std::string>{{"/usr/bin/dash", "dash"}}));
}

}  // namespace
}  // namespace thimble::inventory
