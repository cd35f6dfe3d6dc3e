#include "thimble/verify/boot_facts.hpp"

#include "thimble/base/lines.hpp"

#include <cstddef>

namespace thimble::verify {
namespace {

void read_askers(host::Host& host, BootFacts& facts) {
    constexpr std::size_t kMaxText = std::size_t{256} << 10;
    const auto text = host.read_file("/run/reboot-required.pkgs", kMaxText);
    if (!text) {
        if (text.error().kind != ErrorKind::NotFound) {
            facts.askers_unread = text.error().text();
        }
        return;
    }
    Lines lines(*text);
    for (std::string_view line; lines.next(line);) {
        const std::string_view name = trimmed(line.substr(0, line.find(':')));
        if (!name.empty()) {
            facts.askers.emplace_back(name);
        }
    }
}

void find_initial_files(host::Host& host, const std::string& release, BootFacts& facts) {
    for (const std::string& path :
         {"/boot/initrd.img-" + release,
          "/boot/initramfs-" + release + ".img",
          "/boot/initrd-" + release}) {
        const auto info = host.look(path, host::Follow::Yes);
        if (info) {
            facts.initial_files = path;
            facts.made_at = info->modified_at;
            return;
        }
        if (info.error().kind != ErrorKind::NotFound) {
            facts.initial_files_unread = info.error().text();
            return;
        }
    }
}

}  // namespace

BootFacts read_boot_facts(host::Host& host, std::string_view running_release) {
    BootFacts facts;
    read_askers(host, facts);
    if (!running_release.empty()) {
        find_initial_files(host, std::string(running_release), facts);
    }
    return facts;
}

std::string renewal_of_initial_files(std::string_view path, std::string_view release) {
    const bool is_of_debian = path.starts_with("/boot/initrd.img-");
    return (is_of_debian ? "update-initramfs -u -k " : "dracut --force --kver ")
        + std::string(release);
}

}  // namespace thimble::verify
