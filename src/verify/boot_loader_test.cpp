#include "thimble/verify/boot_loader.hpp"

#include "thimble/inventory/fake_host_test.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace thimble::verify {
namespace {

using Texts = std::vector<std::string>;

PackageFiles package(std::string name, std::set<std::string> paths) {
    PackageFiles files;
    files.package = std::move(name);
    files.paths = std::move(paths);
    return files;
}

TEST(LookAtBootLoader, ComparesGrubsModulesOfTheFirmware) {
    inventory::FakeHost host;
    const PackageFiles files = package(
        "grub-pc-bin",
        {"/usr/lib/grub/i386-pc",
         "/usr/lib/grub/i386-pc/normal.mod",
         "/usr/lib/grub/i386-pc/tpm.mod"});
    host.files["/usr/lib/grub/i386-pc/normal.mod"] = "new";
    host.files["/usr/lib/grub/i386-pc/tpm.mod"] = "tpm";
    EXPECT_EQ(
        look_at_boot_loader(host, "debian", files),
        (BootLoaderCopies{"grub-pc-bin", {}, {}, "", {}}))
        << "it boots nothing here";

    host.files["/boot/grub/i386-pc/normal.mod"] = "new";
    EXPECT_EQ(look_at_boot_loader(host, "debian", files).other, Texts{"/boot/grub/i386-pc"})
        << "a module is not there yet";
    host.files["/boot/grub/i386-pc/tpm.mod"] = "tpm";
    EXPECT_EQ(look_at_boot_loader(host, "debian", files).same, Texts{"/boot/grub/i386-pc"});
    host.files["/boot/grub/i386-pc/normal.mod"] = "old";
    EXPECT_EQ(look_at_boot_loader(host, "debian", files).other, Texts{"/boot/grub/i386-pc"})
        << "no device was named where grub-pc is to be installed";

    host.denied.insert("/boot/grub/i386-pc");
    EXPECT_EQ(
        look_at_boot_loader(host, "debian", files).unknown, "/boot/grub/i386-pc cannot be read");
    host.denied.clear();
    host.infos["/sys/firmware/efi"] = {};
    EXPECT_TRUE(look_at_boot_loader(host, "debian", files).other.empty())
        << "it boots by EFI: what lies there is not used";
}

TEST(LookAtBootLoader, SetsApartWhatNoPackageRenews) {
    inventory::FakeHost host;
    const PackageFiles files = package("grub2-pc-modules", {"/usr/lib/grub/i386-pc/normal.mod"});
    host.files["/usr/lib/grub/i386-pc/normal.mod"] = "new";
    host.files["/boot/grub2/i386-pc/normal.mod"] = "old";
    const BootLoaderCopies copies = look_at_boot_loader(host, "rhel", files);
    EXPECT_EQ(copies.never_renewed, Texts{"/boot/grub2/i386-pc"});
    EXPECT_TRUE(copies.other.empty()) << "nobody would ever leave that state";
    EXPECT_EQ(copies.unknown, "");
    host.files["/boot/grub2/i386-pc/normal.mod"] = "new";
    EXPECT_EQ(look_at_boot_loader(host, "rhel", files).same, Texts{"/boot/grub2/i386-pc"});
}

TEST(LookAtBootLoader, NamesWhatRenewsACopy) {
    EXPECT_EQ(renewal_of("/boot/grub/i386-pc"), "grub-install DEVICE");
    EXPECT_EQ(renewal_of("/boot/grub2/i386-pc"), "grub2-install DEVICE");
    EXPECT_EQ(renewal_of("/boot/grub2/x86_64-efi"), "grub2-install");
    EXPECT_EQ(renewal_of("/boot/efi/EFI/debian/grubx64.efi"), "grub-install");
    EXPECT_EQ(renewal_of("/efi/EFI/systemd/systemd-bootx64.efi"), "bootctl update");
}

TEST(LookAtBootLoader, ComparesTheEfiPartitionWithThePackage) {
    inventory::FakeHost host;
    host.infos["/sys/firmware/efi"] = {};
    const PackageFiles shim =
        package("shim-signed", {"/usr/lib/shim/shimx64.efi.signed", "/usr/lib/shim/BOOTX64.CSV"});
    host.files["/usr/lib/shim/shimx64.efi.signed"] = "new";
    EXPECT_EQ(look_at_boot_loader(host, "debian", shim).unknown, "no EFI partition is mounted");

    host.files["/boot/efi/EFI/ubuntu/shimx64.efi"] = "another system";
    host.files["/boot/efi/EFI/BOOT/BOOTX64.EFI"] = "another loader";
    EXPECT_NE(look_at_boot_loader(host, "debian", shim).unknown, "");
    host.files["/boot/efi/EFI/BOOT/BOOTX64.EFI"] = "new";
    EXPECT_EQ(
        look_at_boot_loader(host, "debian", shim).same, Texts{"/boot/efi/EFI/BOOT/BOOTX64.EFI"});
    host.files["/boot/efi/EFI/debian/grubx64.efi"] = "";
    EXPECT_EQ(
        look_at_boot_loader(host, "debian", shim),
        (BootLoaderCopies{"shim-signed", {}, {}, "", {}}))
        << "it boots without shim";
    host.files["/boot/efi/EFI/debian/shimx64.efi"] = "old";
    EXPECT_EQ(
        look_at_boot_loader(host, "debian", shim).other, Texts{"/boot/efi/EFI/debian/shimx64.efi"});
    host.files["/boot/efi/EFI/debian/shimx64.efi"] = "new";
    EXPECT_EQ(
        look_at_boot_loader(host, "debian", shim).same, Texts{"/boot/efi/EFI/debian/shimx64.efi"});
    EXPECT_EQ(
        look_at_boot_loader(
            host, "debian", package("shim-unsigned", {"/usr/lib/shim/shimx64.efi"})),
        (BootLoaderCopies{"shim-unsigned", {}, {}, "", {}}))
        << "the signed one is made of it";
    host.denied.insert("/boot/efi/EFI/debian/shimx64.efi");
    EXPECT_NE(look_at_boot_loader(host, "debian", shim).unknown, "");
    host.infos.clear();
    EXPECT_EQ(
        look_at_boot_loader(host, "debian", shim),
        (BootLoaderCopies{"shim-signed", {}, {}, "", {}}))
        << "it does not boot by EFI";
}

TEST(LookAtBootLoader, TellsAnOldSignedGrubFromOneThatWasBuiltHere) {
    inventory::FakeHost host;
    host.infos["/sys/firmware/efi"] = {};
    const PackageFiles grub =
        package("grub-efi-amd64-signed", {"/usr/lib/grub/x86_64-efi-signed/grubx64.efi.signed"});
    host.files["/usr/lib/grub/x86_64-efi-signed/grubx64.efi.signed"] = "new";
    std::string program(512, '\0');
    program[0x3c] = 64;
    host.files["/boot/efi/EFI/debian/grubx64.efi"] = program;
    EXPECT_TRUE(look_at_boot_loader(host, "debian", grub).other.empty());
    program[64 + 24 + 112 + 32 + 4] = 1;
    host.files["/boot/efi/EFI/debian/grubx64.efi"] = program;
    EXPECT_EQ(
        look_at_boot_loader(host, "debian", grub).other, Texts{"/boot/efi/EFI/debian/grubx64.efi"});
    EXPECT_EQ(
        look_at_boot_loader(
            host,
            "debian",
            package("grub-efi-amd64-bin", {"/usr/lib/grub/x86_64-efi/monolithic/grubx64.efi"})),
        (BootLoaderCopies{"grub-efi-amd64-bin", {}, {}, "", {}}));
}

TEST(LookAtBootLoader, PassesOverWhatIsInPlaceAlready) {
    inventory::FakeHost host;
    host.infos["/sys/firmware/efi"] = {};
    EXPECT_EQ(
        look_at_boot_loader(
            host, "rhel", package("grub2-efi-x64", {"/boot/efi/EFI/redhat/grubx64.efi"})),
        (BootLoaderCopies{"grub2-efi-x64", {}, {}, "", {}}))
        << "its files are compared as those of every package";
    host.files["/usr/lib/systemd/boot/efi/systemd-bootx64.efi"] = "new";
    host.files["/efi/EFI/systemd/systemd-bootx64.efi"] = "old";
    EXPECT_EQ(
        look_at_boot_loader(
            host,
            "debian",
            package("systemd-boot-efi", {"/usr/lib/systemd/boot/efi/systemd-bootx64.efi"}))
            .other,
        Texts{"/efi/EFI/systemd/systemd-bootx64.efi"});
    host.files["/usr/lib/systemd/boot/efi/systemd-bootx64.efi.signed"] = "newer";
    EXPECT_TRUE(look_at_boot_loader(
                    host,
                    "debian",
                    package("systemd-boot-efi", {"/usr/lib/systemd/boot/efi/systemd-bootx64.efi"}))
                    .other.empty())
        << "the signed one of another package is copied";
}

}  // namespace
}  // namespace thimble::verify
