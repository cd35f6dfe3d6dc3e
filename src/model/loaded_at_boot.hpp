#pragma once
/// @file What makes new files live: a boot for kernels, firmware and what the whole system stands on, a restart for what maps
/// libraries.

#include <algorithm>
#include <array>
#include <string_view>

namespace thimble::model {

/// Whether a source package is microcode or firmware: what it brings is live after a boot, and no process shows it.
inline bool is_loaded_at_boot(std::string_view source) {
    constexpr std::array<std::string_view, 6> kSources{
        "linux-firmware",
        "firmware-nonfree",
        "intel-microcode",
        "amd64-microcode",
        "microcode_ctl",
        "ucode-intel"};
    // SUSE has firmware in one source or in one for each kind of device, and AMD's microcode among it.
    return std::ranges::find(kSources, source) != kSources.end()
        || source.starts_with("kernel-firmware");
}

/// Whether a binary package is microcode that a boot takes out of the initial file system, which has a copy of it.
inline bool is_microcode(std::string_view source, std::string_view name) {
    constexpr std::array<std::string_view, 4> kSources{
        "intel-microcode", "amd64-microcode", "microcode_ctl", "ucode-intel"};
    return std::ranges::find(kSources, source) != kSources.end() || name == "ucode-amd"
        || name == "amd-ucode-firmware";
}

/// Whether a binary package is of a boot loader, which is copied to where a boot finds it: that copy is what is live.
inline bool is_boot_loader(std::string_view source, std::string_view name) {
    return source.starts_with("grub2") || source.starts_with("grub-efi-")
        || source.starts_with("shim") || name.starts_with("systemd-boot");
}

/// Whether a file is a kernel's module, firmware or the hypervisor: loaded once, at boot or when a device is found, and replaced by
/// nothing but a boot.
inline bool is_boot_file(std::string_view path) {
    constexpr std::array<std::string_view, 5> kFolders{
        "/boot/xen", "/lib/firmware/", "/lib/modules/", "/usr/lib/firmware/", "/usr/lib/modules/"};
    return std::ranges::any_of(
        kFolders, [path](std::string_view folder) { return path.starts_with(folder); });
}

/// Whether a binary package has the source of modules that are built when it is installed, by the names of Debian and Ubuntu:
/// "zfs-dkms", "nvidia-dkms-535".
inline bool is_module_source(std::string_view name) {
    return name.ends_with("-dkms") || name.contains("-dkms-");
}

/// Whether a binary package has the initial file systems in /boot made anew when it is installed, by the names of Debian and Ubuntu:
/// it brings files for them, or what makes them. Before its archive is there; the archive itself tells it for certain.
inline bool remakes_initial_files(std::string_view name) {
    constexpr std::array<std::string_view, 21> kNames{
        "amd64-microcode",
        "bcache-tools",
        "btrfs-progs",
        "busybox",
        "busybox-static",
        "dmraid",
        "dmsetup",
        "dracut",
        "dracut-core",
        "e2fsprogs",
        "fuse",
        "fuse3",
        "initramfs-tools",
        "initramfs-tools-core",
        "intel-microcode",
        "kmod",
        "lvm2",
        "mdadm",
        "ntfs-3g",
        "plymouth",
        "udev"};
    return std::ranges::find(kNames, name) != kNames.end() || name.starts_with("firmware-")
        || name.starts_with("linux-firmware") || name.ends_with("-initramfs")
        || is_module_source(name);
}

/// Whether the new code of a source package is live only after a boot: that, the C library, the service manager, the message bus.
inline bool is_live_after_boot(std::string_view source) {
    constexpr std::array<std::string_view, 5> kSources{
        "linux", "glibc", "systemd", "dbus", "dbus-broker"};
    return is_loaded_at_boot(source) || std::ranges::find(kSources, source) != kSources.end();
}

/// Whether a binary package is a shared library, by the names of Debian and Red Hat: whatever maps it keeps the old one until it is
/// restarted.
inline bool is_shared_library(std::string_view name) {
    constexpr std::array<std::string_view, 5> kBeside{"-dev", "-devel", "-doc", "-dbg", "-dbgsym"};
    const bool is_beside = std::ranges::any_of(
        kBeside, [name](std::string_view ending) { return name.ends_with(ending); });
    return !is_beside && (name.starts_with("lib") || name.ends_with("-libs"));
}

/// Whether a binary package brings a kernel to boot, itself or as a meta package, by the names of Debian, Red Hat, Oracle and SUSE. What
/// is beside a kernel, modules, headers or debugging symbols, brings none.
inline bool is_kernel_package(std::string_view name) {
    constexpr std::array<std::string_view, 8> kNames{
        "kernel",
        "kernel-default",
        "kernel-default-base",
        "kernel-rt",
        "kernel-azure",
        "kernel-preempt",
        "kernel-64kb",
        "kernel-uek"};
    if (name.starts_with("linux-image-")) {
        return !name.ends_with("-dbg") && !name.ends_with("-dbgsym");
    }
    // kernel-core, kernel-rt-core, kernel-64k-core: each flavour of Red Hat has its own.
    const bool is_core =
        name.starts_with("kernel-") && name.ends_with("-core") && !name.ends_with("modules-core");
    return is_core || std::ranges::find(kNames, name) != kNames.end();
}

/// Whether a binary package of a kernel's source is a kernel or stands beside one, release by release: its modules, headers, tools. Those
/// of the release before stay when a new one comes.
inline bool is_beside_kernels(std::string_view name) {
    return name.starts_with("linux-") || name.starts_with("kernel");
}

}  // namespace thimble::model
