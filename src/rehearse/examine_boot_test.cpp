#include "thimble/rehearse/examine_boot.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace thimble::rehearse {
namespace {

using Names = std::vector<std::string>;

model::Plan plan_of(const std::string& name) {
    model::Plan plan;
    model::PlannedStep step;
    step.name = name;
    step.to_version = "2";
    plan.steps.push_back(step);
    return plan;
}

TEST(ExamineBoot, FailsOnAKernelWithoutTheInitialFileSystemThatOthersHave) {
    const Names before{"initrd.img-6.1.0-29-amd64", "vmlinuz-6.1.0-29-amd64"};
    Names after = before;
    after.emplace_back("vmlinuz-6.1.0-30-amd64");

    const auto failed = examine_boot(plan_of("linux-image-amd64"), before, after);
    ASSERT_EQ(failed.size(), 1U);
    EXPECT_EQ(failed[0].verdict, CheckVerdict::Fail);
    EXPECT_EQ(
        failed[0].evidence, Names{"kernel 6.1.0-30-amd64 came without its initial file system"});

    after.emplace_back("initrd.img-6.1.0-30-amd64");
    const auto passed = examine_boot(plan_of("linux-image-amd64"), before, after);
    ASSERT_EQ(passed.size(), 1U);
    EXPECT_EQ(passed[0].verdict, CheckVerdict::Pass);
    EXPECT_NE(passed[0].summary.find("the boot loader was not tried"), std::string::npos);
}

TEST(ExamineBoot, ExpectsNoInitialFileSystemWhereNoKernelHasOne) {
    const Names before{"vmlinuz-1"};
    EXPECT_EQ(
        examine_boot(plan_of("kernel-core"), before, {"vmlinuz-1", "vmlinuz-2"})[0].verdict,
        CheckVerdict::Pass);
    EXPECT_EQ(
        examine_boot(plan_of("kernel-core"), {"vmlinuz-1", "initramfs-1.img"}, {"vmlinuz-2"})[0]
            .verdict,
        CheckVerdict::Fail);
}

TEST(ExamineBoot, SaysNothingWhereNoKernelCame) {
    EXPECT_TRUE(examine_boot(plan_of("curl"), {"vmlinuz-1"}, {"vmlinuz-1"}).empty());
    EXPECT_EQ(examine_boot(plan_of("linux-image-amd64"), {}, {}).size(), 1U);
}

/// Each look finds other files under the same names: all of them were written anew.
BootFiles boot(
    const std::map<std::string, std::uint64_t, std::less<>>& sizes, bool complete = true) {
    static std::uint64_t inode = 0;
    BootFiles found;
    found.complete = complete;
    for (const auto& [path, size] : sizes) {
        found.files.emplace(
            path, host::FileInfo{.type = host::FileType::Regular, .size = size, .inode = ++inode});
    }
    return found;
}

CheckVerdict verdict_of(
    const BootFiles& before,
    const BootFiles& after,
    std::optional<std::uint64_t> free_bytes,
    const std::string& list = {}) {
    OwnedFiles owned;
    owned.add_list(list);
    const auto checks = examine_boot_room({before, after, owned, free_bytes});
    EXPECT_EQ(checks.size(), 1U);
    return checks.empty() ? CheckVerdict::Pass : checks[0].verdict;
}

constexpr std::uint64_t kMiB = std::uint64_t{1} << 20;

TEST(ExamineBootRoom, FailsWhereWhatWasWrittenDoesNotFitOnTheHost) {
    const BootFiles before = boot({{"/boot/initrd.img-1", 40 * kMiB}});
    const BootFiles after = boot({{"/boot/initrd.img-1", 44 * kMiB}});

    const auto failed = examine_boot_room({before, after, OwnedFiles(), 44 * kMiB - 1});

    ASSERT_EQ(failed.size(), 1U);
    EXPECT_EQ(failed[0].name, "room in /boot");
    EXPECT_EQ(failed[0].verdict, CheckVerdict::Fail);
    EXPECT_EQ(
        failed[0].summary,
        "45056 KiB are needed in /boot, 45055 KiB are free: the transaction would fill it, and so "
        "would the way back");
    EXPECT_EQ(failed[0].evidence, Names{"/boot/initrd.img-1: 45056 KiB, 40960 KiB before"});
    EXPECT_EQ(verdict_of(before, after, 44 * kMiB), CheckVerdict::Pass);
}

TEST(ExamineBootRoom, CountsInitialFileSystemsOneAfterTheOtherAndThoseOfPackagesTogether) {
    const std::map<std::string, std::uint64_t, std::less<>> two{
        {"/boot/initrd.img-1", 40 * kMiB}, {"/boot/initrd.img-2", 30 * kMiB}};
    EXPECT_EQ(verdict_of(boot(two), boot(two), 40 * kMiB), CheckVerdict::Pass);
    EXPECT_EQ(verdict_of(boot(two), boot(two), 40 * kMiB - 1), CheckVerdict::Fail);

    const std::map<std::string, std::uint64_t, std::less<>> kernel{
        {"/boot/initrd.img-1", 40 * kMiB}, {"/boot/vmlinuz-1", 8 * kMiB}};
    const std::string list = "/boot/vmlinuz-1\n";
    EXPECT_EQ(verdict_of(boot(kernel), boot(kernel), 48 * kMiB, list), CheckVerdict::Pass);
    EXPECT_EQ(verdict_of(boot(kernel), boot(kernel), 48 * kMiB - 1, list), CheckVerdict::Fail);

    EXPECT_EQ(verdict_of(boot({}), boot(kernel), 48 * kMiB), CheckVerdict::Pass);
    EXPECT_EQ(verdict_of(boot({}), boot(kernel), 48 * kMiB - 1), CheckVerdict::Fail);
    EXPECT_EQ(verdict_of(boot({}), boot({{"/boot/a", 1}}), 4095), CheckVerdict::Fail)
        << "a block is written as a whole";
}

TEST(ExamineBootRoom, WarnsOfWhatIsNotKnownAndSaysNothingWhereNothingWasWritten) {
    const BootFiles before = boot({{"/boot/initrd.img-1", kMiB}});
    const BootFiles after = boot({{"/boot/initrd.img-1", kMiB}});
    BootFiles part = after;
    part.complete = false;

    EXPECT_EQ(verdict_of(before, after, std::nullopt), CheckVerdict::Warn);
    EXPECT_EQ(verdict_of(before, boot({}, false), kMiB), CheckVerdict::Warn);
    EXPECT_EQ(verdict_of(before, part, kMiB - 1), CheckVerdict::Fail);
    EXPECT_EQ(verdict_of(before, part, kMiB), CheckVerdict::Warn);
    EXPECT_TRUE(examine_boot_room({before, before, OwnedFiles(), kMiB}).empty());
    EXPECT_TRUE(examine_boot_room({before, boot({}), OwnedFiles(), 0}).empty());
}

}  // namespace
}  // namespace thimble::rehearse
