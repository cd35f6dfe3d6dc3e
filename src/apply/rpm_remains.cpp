#include "thimble/apply/rpm_remains.hpp"

#include "thimble/base/result.hpp"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <map>
#include <vector>

namespace thimble::apply {
namespace {

/// Removes files from a folder of the host; links in its path do not lead out of the host's root.
std::size_t remove_from(
    const std::string& root, const std::string& folder, const std::vector<std::string>& names) {
    const int base = ::open(root.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (base < 0) {
        return 0;
    }
    struct open_how how{};
    how.flags = O_PATH | O_DIRECTORY | O_CLOEXEC;
    how.resolve = RESOLVE_IN_ROOT;
    const auto place =
        static_cast<int>(::syscall(SYS_openat2, base, folder.c_str(), &how, sizeof(how)));
    ::close(base);
    if (place < 0) {
        return 0;
    }
    std::size_t removed = 0;
    for (const std::string& name : names) {
        removed += ::unlinkat(place, name.c_str(), 0) == 0 ? 1 : 0;
    }
    ::close(place);
    return removed;
}

using Folders = std::map<std::string, std::set<std::string>>;

Folders by_folder(const std::set<std::string>& paths) {
    Folders folders;
    for (const std::string& path : paths) {
        const std::size_t slash = path.rfind('/');
        folders[slash == 0 ? "/" : path.substr(0, slash)].insert(path.substr(slash + 1));
    }
    return folders;
}

}  // namespace

bool is_remains(std::string_view name, std::string_view of) {
    constexpr std::size_t kDigits = 8;
    return name.size() == of.size() + 1 + kDigits && name.starts_with(of) && name[of.size()] == ';'
        && std::ranges::all_of(name.substr(of.size() + 1), [](char c) {
               return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
           });
}

std::size_t remove_remains(host::Host& host, const std::set<std::string>& paths) {
    std::size_t removed = 0;
    for (const auto& [folder, files] : by_folder(paths)) {
        const auto names = host.list(folder);
        std::vector<std::string> remains;
        for (const std::string& name : names ? *names : std::vector<std::string>()) {
            const std::string of = name.substr(0, name.rfind(';'));
            if (files.contains(of) && is_remains(name, of)) {
                remains.push_back(name);
            }
        }
        if (!remains.empty()) {
            removed += remove_from(host.local_root(), folder, remains);
        }
    }
    return removed;
}

std::size_t remove_files(host::Host& host, const std::set<std::string>& paths) {
    std::size_t removed = 0;
    for (const auto& [folder, files] : by_folder(paths)) {
        removed += remove_from(host.local_root(), folder, {files.begin(), files.end()});
    }
    return removed;
}

}  // namespace thimble::apply
