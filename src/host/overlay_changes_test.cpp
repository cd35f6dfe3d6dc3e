#include "thimble/base/error.hpp"
#include "thimble/host/enclosure.hpp"
#include "thimble/host/host.hpp"
#include "thimble/host/scratch_folder_test.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <set>
#include <string>
#include <vector>

namespace thimble::host {
namespace {

using Paths = std::vector<std::string>;

/// What programs change in a clone of this machine, as the kernel's overlay tells it.
class ChangedPaths : public testing::Test {
protected:
    void SetUp() override {
        if (const std::string reason = why_no_enclosure(); !reason.empty()) {
            GTEST_SKIP() << reason;
        }
        auto clone = Enclosure::open(
            {.root = "/", .work = scratch_.path + "/work", .masked = {}, .binds = {}});
        ASSERT_TRUE(clone.has_value()) << clone.error().text();
        clone_ = *std::move(clone);
    }
    Paths changed_by(const std::string& script) {
        const auto outcome = clone_->run(Command{.argv = {"sh", "-c", script}});
        EXPECT_TRUE(outcome && outcome->exit_status == 0)
            << (outcome ? outcome->errors : outcome.error().text());
        const auto changed = clone_->changed_paths();
        EXPECT_TRUE(changed) << changed.error().text();
        return changed.value_or(Paths());
    }

    ScratchFolder scratch_;
    std::unique_ptr<Enclosure> clone_;
};

TEST_F(ChangedPaths, AreWhatDiffersAndNothingElse) {
    const Paths changed = changed_by(
        "cd /etc && echo x > made && rm hostname && chmod 600 passwd && touch group"
        " && ln issue issue.tmp && rm issue.tmp && mv apt apt.moved && mkdir -p new/sub"
        " && echo y > new/sub/file && rm -r skel && mkdir skel && echo z > skel/.bashrc");

    EXPECT_EQ(clone_->plain_root(), "");
    const Paths expected{
        "/etc/apt",
        "/etc/apt.moved",
        "/etc/hostname",
        "/etc/made",
        "/etc/new",
        "/etc/new/sub",
        "/etc/new/sub/file",
        "/etc/passwd",
        "/etc/skel/.bash_logout",
        "/etc/skel/.bashrc",
        "/etc/skel/.profile"};
    EXPECT_EQ(changed, expected);
}

TEST_F(ChangedPaths, HaveWhatIsGoneOfAFolderWithinOneThatWasMadeAnew) {
    const auto before = clone_->list("/etc/apt/apt.conf.d");
    ASSERT_TRUE(before.has_value() && !before->empty());

    const Paths changed = changed_by(
        "rm -r /etc/apt && mkdir -p /etc/apt/apt.conf.d && echo > /etc/apt/apt.conf.d/new");

    const std::set<std::string> all(changed.begin(), changed.end());
    EXPECT_TRUE(all.contains("/etc/apt/apt.conf.d/new"));
    for (const std::string& name : *before) {
        EXPECT_TRUE(all.contains("/etc/apt/apt.conf.d/" + name)) << name;
    }
}

TEST_F(ChangedPaths, HaveAFileThatAnotherHasTakenThePlaceOf) {
    const Paths changed = changed_by(
        "cd /etc && mv issue issue.net && ln -f debian_version host.conf"
        " && chmod 600 passwd && chmod 644 passwd && mkdir moved && mv hostname moved/"
        " && mv moved/hostname .");

    EXPECT_EQ(changed, (Paths{"/etc/host.conf", "/etc/issue", "/etc/issue.net", "/etc/moved"}));
}

}  // namespace
}  // namespace thimble::host
