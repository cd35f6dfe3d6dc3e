#include "thimble/verify/boot_loader.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <utility>

namespace thimble::verify {
namespace {

constexpr std::size_t kMaxFile = std::size_t{64} << 20;

/// Where Red Hat and SUSE have GRUB's files.
constexpr std::string_view kGrub2 = "/boot/grub2/";

/// Whether a target is of machines that boot by the sectors of a disk.
bool is_of_disk(std::string_view target) {
    return target.ends_with("-pc");
}

/// "x86_64-efi" and "normal.mod" of "/usr/lib/grub/x86_64-efi/normal.mod".
struct Module {
    std::string target;
    std::string name;
};

std::optional<Module> module_of(std::string_view path) {
    constexpr std::array<std::string_view, 2> kFolders{"/usr/lib/grub/", "/usr/share/grub2/"};
    for (const std::string_view folder : kFolders) {
        if (!path.starts_with(folder) || !path.ends_with(".mod")) {
            continue;
        }
        const std::string_view rest = path.substr(folder.size());
        const std::size_t slash = rest.find('/');
        if (slash != std::string_view::npos
            && rest.find('/', slash + 1) == std::string_view::npos) {
            return Module{
                .target = std::string(rest.substr(0, slash)),
                .name = std::string(rest.substr(slash + 1))};
        }
    }
    return std::nullopt;
}

/// The name of an EFI program on the partition, of one that is copied there from a package: "shimx64.efi" of
/// "/usr/lib/shim/shimx64.efi.signed". Empty: it is none, helps but does not boot, or is what a signed one is made of.
std::string_view efi_name(std::string_view path) {
    struct Kind {
        std::string_view folder;
        std::string_view program;
        bool is_signed;  ///< only what is signed is copied
    };
    constexpr std::array<Kind, 3> kKinds{{
        {"/usr/lib/grub/", "grub", true},
        {"/usr/lib/shim/", "shim", true},
        {"/usr/lib/systemd/boot/efi/", "systemd-boot", false},
    }};
    std::string_view name = path.substr(path.rfind('/') + 1);
    bool is_signed = false;
    for (const std::string_view ending : {".latest", ".signed"}) {
        if (name.ends_with(ending)) {
            name.remove_suffix(ending.size());
            is_signed = true;
        }
    }
    // grubnetx64.efi is for other machines.
    const bool boots = name.ends_with(".efi") && !name.starts_with("grubnet");
    return boots
            && std::ranges::any_of(
                kKinds,
                [&](const Kind& kind) {
                    return path.starts_with(kind.folder) && name.starts_with(kind.program)
                        && (is_signed || !kind.is_signed);
                })
        ? name
        : std::string_view();
}

std::uint32_t number_at(std::string_view bytes, std::size_t at) {
    std::uint32_t number = 0;
    for (std::size_t i = 0; i < sizeof(number) && at + i < bytes.size(); ++i) {
        const std::uint32_t byte = static_cast<unsigned char>(bytes[at + i]);
        number |= byte << (8U * i);
    }
    return number;
}

/// Whether an EFI program has a signature: one that grub-install has built here has none, and is like no package's file.
/// @source PE format, Optional Header Data Directories: the certificate table
bool has_signature(std::string_view program) {
    constexpr std::size_t kHeaderAt = 0x3c;
    constexpr std::size_t kOptional = 24;
    constexpr std::size_t kCertificates = 112 + (4 * 8) + 4;  // of PE32+: its size
    return number_at(program, number_at(program, kHeaderAt) + kOptional + kCertificates) != 0;
}

/// As the firmware looks for it where nothing else is told: "BOOTX64.EFI" of "shimx64.efi".
std::string removable_name(std::string_view name) {
    constexpr std::string_view kShim = "shim";
    if (!name.starts_with(kShim)) {
        return std::string(name);
    }
    std::string upper = "BOOT" + std::string(name.substr(kShim.size()));
    std::ranges::transform(upper, upper.begin(), [](char c) {
        return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    });
    return upper;
}

std::string vendor_folder(std::string_view os, std::string_view name) {
    if (name.starts_with("systemd-boot")) {
        return "systemd";
    }
    return std::string(os == "rhel" ? "redhat" : os);
}

class BootPlaces {
public:
    BootPlaces(host::Host& host, std::string_view os, const PackageFiles& files)
        : host_(host), os_(os), files_(files) {
        copies_.package = files.package;
    }

    BootLoaderCopies look() {
        const bool is_efi = host_.look("/sys/firmware/efi", host::Follow::Yes).has_value();
        look_at_modules(is_efi);
        if (is_efi) {
            look_at_partition();
        }
        return std::move(copies_);
    }

private:
    enum class Copy : std::uint8_t { Absent, Same, Other, Unread };

    Copy compare(const std::string& copy, const std::vector<std::string>& originals) {
        const auto there = host_.read_file(copy, kMaxFile);
        if (!there) {
            return there.error().kind == ErrorKind::NotFound ? Copy::Absent : Copy::Unread;
        }
        for (const std::string& original : originals) {
            const auto bytes = host_.read_file(original, kMaxFile);
            if (!bytes) {
                return Copy::Unread;
            }
            if (*bytes == *there) {
                return Copy::Same;
            }
        }
        return Copy::Other;
    }

    void note(Copy found, const std::string& place) {
        switch (found) {
            case Copy::Absent: break;
            case Copy::Same: copies_.same.push_back(place); break;
            case Copy::Other: copies_.other.push_back(place); break;
            case Copy::Unread: copies_.unknown = place + " cannot be read"; break;
        }
    }

    /// A target of the other firmware may lie there, and boots nothing.
    static bool is_of_firmware(std::string_view target, bool is_efi) {
        return target.ends_with("-efi") ? is_efi : !(is_efi && is_of_disk(target));
    }

    void look_at_modules(bool is_efi) {
        std::map<std::string, std::vector<std::pair<std::string, std::string>>> targets;
        for (const std::string& path : files_.paths) {
            if (auto module = module_of(path); module && is_of_firmware(module->target, is_efi)) {
                targets[module->target].emplace_back(std::move(module->name), path);
            }
        }
        for (const auto& [target, modules] : targets) {
            for (const std::string_view folder : {std::string_view("/boot/grub/"), kGrub2}) {
                look_at_target(std::string(folder) + target, modules);
            }
        }
    }

    void look_at_target(
        const std::string& folder,
        const std::vector<std::pair<std::string, std::string>>& modules) {
        if (const auto names = host_.list(folder); !names) {
            note(names.error().kind == ErrorKind::NotFound ? Copy::Absent : Copy::Unread, folder);
            return;
        }
        Copy worst = Copy::Same;
        for (const auto& [name, original] : modules) {
            std::string copy = folder;
            copy.append("/").append(name);
            const Copy found = compare(copy, {original});
            if (found == Copy::Unread) {
                note(found, copy);
                return;
            }
            worst = found == Copy::Same ? worst : Copy::Other;  // one that is not there is new
        }
        if (worst == Copy::Other && folder.starts_with(kGrub2) && is_of_disk(folder)) {
            copies_.never_renewed.push_back(folder);
        } else {
            note(worst, folder);
        }
    }

    void look_at_partition() {
        std::map<std::string, std::vector<std::string>> programs;
        for (const std::string& path : files_.paths) {
            const bool has_signed = host_.look(path + ".signed", host::Follow::Yes)
                                        .has_value();  // that is what is copied
            if (const std::string_view name = efi_name(path); !name.empty() && !has_signed) {
                programs[std::string(name)].push_back(path);
            }
        }
        for (const auto& [name, originals] : programs) {
            look_for(name, originals);
        }
    }

    void look_for(const std::string& name, const std::vector<std::string>& originals) {
        bool has_partition = false;
        for (const char* partition : {"/boot/efi/EFI", "/efi/EFI", "/boot/EFI"}) {
            const auto vendors = host_.list(partition);
            if (!vendors && vendors.error().kind != ErrorKind::NotFound) {
                copies_.unknown = std::string(partition) + " cannot be read";
                return;
            }
            if (!vendors) {
                continue;
            }
            has_partition = true;
            const std::string own = vendor_folder(os_, name);
            const bool has_own = std::ranges::find(*vendors, own) != vendors->end();
            if (has_own || own == "systemd") {
                std::string place = partition;
                place.append("/").append(own).append("/").append(name);
                note_program(place, originals);
            } else {
                look_in_removable(std::string(partition) + "/BOOT/", name, originals);
            }
        }
        if (!has_partition) {
            copies_.unknown = "no EFI partition is mounted";
        }
    }

    void note_program(const std::string& place, const std::vector<std::string>& originals) {
        const bool is_grub = place.substr(place.rfind('/') + 1).starts_with("grub");
        const Copy found = compare(place, originals);
        const bool is_of_package =
            found != Copy::Other || has_signature(host_.read_file(place, kMaxFile).value_or(""));
        if (is_of_package || !is_grub) {
            note(found, place);
        }
    }

    /// Where the distribution has no folder of its own. What the firmware starts there may be any boot loader.
    void look_in_removable(
        const std::string& folder,
        const std::string& name,
        const std::vector<std::string>& originals) {
        const std::string place = folder + removable_name(name);
        if (removable_name(name) == name) {
            note_program(place, originals);
        } else if (const Copy found = compare(place, originals); found == Copy::Other) {
            copies_.unknown = place + " is not that of the package, and may be another's";
        } else {
            note(found, place);
        }
    }

    host::Host& host_;
    std::string_view os_;
    const PackageFiles& files_;
    BootLoaderCopies copies_;
};

}  // namespace

BootLoaderCopies look_at_boot_loader(
    host::Host& host, std::string_view os, const PackageFiles& files) {
    return BootPlaces(host, os, files).look();
}

std::string renewal_of(std::string_view place) {
    if (place.contains("systemd-boot")) {
        return "bootctl update";
    }
    const std::string command = place.starts_with(kGrub2) ? "grub2-install" : "grub-install";
    return command + (is_of_disk(place) ? " DEVICE" : "");
}

}  // namespace thimble::verify
