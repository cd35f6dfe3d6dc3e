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

}  // namespace
}  // namespace thimble::inventory
