#include "thimble/rehearse/read_boot.hpp"

#include "thimble/base/error.hpp"
#include "thimble/host/host.hpp"

#include <cstddef>
#include <string>

namespace thimble::rehearse {
namespace {

constexpr std::size_t kMaxFiles = 100'000;
constexpr int kMaxDepth = 8;

void read_folder(host::Host& host, const std::string& folder, int depth, BootFiles& found) {
    const auto names = host.list(folder);
    if (!names) {
        found.complete = found.complete && names.error().kind == ErrorKind::NotFound;
        return;
    }
    for (const std::string& name : *names) {
        std::string path = folder;
        path.append("/").append(name);
        const auto info = host.look(path, host::Follow::No);
        const bool is_folder = info && info->type == host::FileType::Directory;
        if (!info || found.files.size() == kMaxFiles || (is_folder && depth == kMaxDepth)) {
            found.complete = false;
        } else if (is_folder) {
            read_folder(host, path, depth + 1, found);
        } else if (info->type == host::FileType::Regular) {
            found.files.emplace(path, *info);
        }
    }
}

}  // namespace

BootFiles read_boot(host::Host& host) {
    BootFiles found;
    read_folder(host, "/boot", 1, found);
    return found;
}

}  // namespace thimble::rehearse
