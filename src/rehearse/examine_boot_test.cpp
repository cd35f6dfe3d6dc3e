#include "thimble/rehearse/examine_boot.hpp"

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace thimble::rehearse
