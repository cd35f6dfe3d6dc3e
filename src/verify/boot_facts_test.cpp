#include "thimble/verify/boot_facts.hpp"

#include "thimble/inventory/fake_host_test.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

namespace thimble::verify {
namespace {

TEST(ReadBootFacts, ReadsWhoAsksForABoot) {
    inventory::FakeHost host;
    EXPECT_EQ(read_boot_facts(host, ""), BootFacts()) << "nobody has asked";
    host.files["/run/reboot-required.pkgs"] = "libc6\n\n nvidia-dkms-535 \nlibssl3:amd64\n";
    const std::vector<std::string> askers{"libc6", "nvidia-dkms-535", "libssl3"};
    EXPECT_EQ(read_boot_facts(host, "").askers, askers);
    EXPECT_TRUE(read_boot_facts(host, "").askers_unread.empty());
    host.denied = {"/run/reboot-required.pkgs"};
    EXPECT_FALSE(read_boot_facts(host, "").askers_unread.empty());
    host.denied.clear();
    host.files["/run/reboot-required.pkgs"] = std::string(std::size_t{300} << 10, 'x');
    EXPECT_FALSE(read_boot_facts(host, "").askers_unread.empty()) << "too long";
}

TEST(ReadBootFacts, FindsTheInitialFileSystemOfTheKernelThatRuns) {
    const Instant made_at{std::chrono::seconds(1000)};
    for (const char* path :
         {"/boot/initrd.img-6.1", "/boot/initramfs-6.1.img", "/boot/initrd-6.1"}) {
        inventory::FakeHost host;
        host.infos["/boot/initrd.img-6.2"] = {.type = host::FileType::Regular};
        EXPECT_EQ(read_boot_facts(host, "6.1"), BootFacts()) << "another release has one";
        host.infos[path] = {.type = host::FileType::Regular, .modified_at = made_at};
        EXPECT_EQ(read_boot_facts(host, "6.1").initial_files, path);
        EXPECT_EQ(read_boot_facts(host, "6.1").made_at, made_at);
    }
}

TEST(RenewalOfInitialFiles, IsTheCommandOfTheDistribution) {
    EXPECT_EQ(
        renewal_of_initial_files("/boot/initrd.img-6.1", "6.1"), "update-initramfs -u -k 6.1");
    EXPECT_EQ(
        renewal_of_initial_files("/boot/initramfs-6.1.img", "6.1"), "dracut --force --kver 6.1");
    EXPECT_EQ(renewal_of_initial_files("/boot/initrd-6.1", "6.1"), "dracut --force --kver 6.1");
}

}  // namespace
}  // namespace thimble::verify
