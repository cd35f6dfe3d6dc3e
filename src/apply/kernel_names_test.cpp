#include "thimble/apply/resolution_policy.hpp"
#include "thimble/inventory/kernel.hpp"
#include "thimble/model/loaded_at_boot.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace thimble::apply {
namespace {

/// What three questions say of one binary package. They differ on purpose:
/// boots: it brings a kernel, so /boot needs room, and a way back needs a boot.
/// image: that it is installed tells a machine from a container; Debian's metapackages may be in one.
/// part: it must not come along unasked; modules of rpm are of it, those of Debian come with their image alone.
struct KernelName {
    const char* type;
    const char* name;
    bool boots;
    bool image;
    bool part;
};

const std::vector<KernelName>& kernel_names() {
    static const std::vector<KernelName> kNames{
        // Debian
        {"deb", "linux-image-6.1.0-37-amd64", true, true, true},
        {"deb", "linux-image-6.1.0-37-rt-amd64", true, true, true},
        {"deb", "linux-image-6.1.0-37-cloud-amd64", true, true, true},
        {"deb", "linux-image-6.1.0-37-amd64-unsigned", true, true, true},
        {"deb", "linux-image-amd64", true, false, true},
        {"deb", "linux-image-6.1.0-37-amd64-dbg", false, false, false},
        {"deb", "linux-headers-6.1.0-37-amd64", false, false, false},
        {"deb", "linux-libc-dev", false, false, false},
        // Ubuntu
        {"deb", "linux-image-6.8.0-31-generic", true, true, true},
        {"deb", "linux-image-unsigned-6.8.0-31-generic", true, true, true},
        {"deb", "linux-image-unsigned-6.8.0-31-generic-dbgsym", false, false, false},
        {"deb", "linux-image-generic", true, false, true},
        {"deb", "linux-image-virtual", true, false, true},
        {"deb", "linux-modules-extra-6.8.0-31-generic", false, false, false},
        // Red Hat and Oracle
        {"rpm", "kernel", true, true, true},
        {"rpm", "kernel-core", true, true, true},
        {"rpm", "kernel-rt-core", true, true, true},
        {"rpm", "kernel-64k-core", true, true, true},
        {"rpm", "kernel-uek", true, true, true},
        {"rpm", "kernel-modules", false, false, true},
        {"rpm", "kernel-modules-core", false, false, true},
        {"rpm", "kernel-rt-modules-core", false, false, true},
        {"rpm", "kernel-headers", false, false, false},
        {"rpm", "kernel-devel-matched", false, false, false},
        {"rpm", "kernel-tools-libs", false, false, false},
        {"rpm", "kernel-srpm-macros", false, false, false},
        // SUSE
        {"rpm", "kernel-default", true, true, true},
        {"rpm", "kernel-default-base", true, true, true},
        {"rpm", "kernel-rt", true, true, true},
        {"rpm", "kernel-azure", true, true, true},
        {"rpm", "kernel-default-devel", false, false, false},
        {"rpm", "kernel-macros", false, false, false},
        {"rpm", "kernel-firmware-amdgpu", false, false, false},
        // Microcode is loaded at boot and is no kernel.
        {"deb", "intel-microcode", false, false, false},
        {"rpm", "microcode_ctl", false, false, false},
        {"rpm", "ucode-amd", false, false, false}};
    return kNames;
}

TEST(KernelNames, MeanWhatEachQuestionIsAbout) {
    for (const KernelName& expected : kernel_names()) {
        model::InstalledPackage package;
        package.type = expected.type;
        package.name = expected.name;
        EXPECT_EQ(model::is_kernel_package(expected.name), expected.boots) << expected.name;
        EXPECT_EQ(inventory::is_kernel_image(package), expected.image) << expected.name;
        EXPECT_EQ(is_part_of_kernel(expected.name), expected.part) << expected.name;
    }
}

/// By their source packages.
TEST(KernelNames, AreNoneOfWhatABootLoadsBesideTheKernel) {
    for (const char* source :
         {"intel-microcode",
          "amd64-microcode",
          "firmware-nonfree",
          "linux-firmware",
          "microcode_ctl",
          "ucode-intel",
          "kernel-firmware",
          "kernel-firmware-amdgpu"}) {
        EXPECT_TRUE(model::is_loaded_at_boot(source)) << source;
        EXPECT_FALSE(model::is_kernel_package(source)) << source;
    }
    for (const char* source : {"linux", "linux-signed-amd64", "kernel", "kernel-default"}) {
        EXPECT_FALSE(model::is_loaded_at_boot(source)) << source << ": its image is looked at";
    }
}

}  // namespace
}  // namespace thimble::apply
