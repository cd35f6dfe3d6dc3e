#include "check_root.hpp"

#include "root_file.hpp"
#include "root_lists.hpp"
#include "thimble/base/error.hpp"
#include "thimble/base/result.hpp"
#include "thimble/host/root_host.hpp"

#include <filesystem>
#include <string>
#include <system_error>
#include <vector>

namespace thimble::inventory::apt {
namespace {

namespace fs = std::filesystem;

/// The place as apt would open it, links followed; what is not there is no matter.
Result<void> check_place(const fs::path& place) {
    std::error_code none;
    const fs::file_status status = fs::status(place, none);
    if (fs::exists(status) && !fs::is_regular_file(status) && !fs::is_directory(status)
        && !is_null_device(place)) {
        return odd_root(place.string(), "is neither a file nor a folder");
    }
    return {};
}

/// A folder and what is in it: apt goes no deeper.
Result<void> check_folder(const fs::path& folder) {
    THIMBLE_TRY(check_place(folder));
    std::error_code error;
    for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
        THIMBLE_TRY(check_place(at->path()));
    }
    return {};
}

/// A name that leads elsewhere on this machine than in the root is not to be followed.
Result<void> check_within(host::RootHost& root, const std::string& path, const fs::path& place) {
    std::error_code none;
    if (!fs::exists(place, none)) {
        return {};
    }
    const auto opened = root.open_file(path);
    if (opened ? !is_same(place.string(), *opened) : leads_nowhere(opened.error())) {
        return odd_root(place.string(), "leads out of the root");
    }
    return {};
}

/// Passwords, which programs that fetch open by their names.
Result<void> check_passwords(host::RootHost& root) {
    const std::string folder = "/etc/apt/auth.conf.d";
    const std::string base = root.local_root();
    THIMBLE_TRY(check_within(root, "/etc/apt/auth.conf", base + "/etc/apt/auth.conf"));
    THIMBLE_TRY(check_within(root, folder, base + folder));
    const auto names = root.list(folder);
    for (const std::string& name : names ? *names : std::vector<std::string>()) {
        const std::string path = std::string(folder).append("/").append(name);
        THIMBLE_TRY(check_within(root, path, base + path));
    }
    return {};
}

}  // namespace

Result<void> check_root(const std::string& root, const RootLists& lists) {
    for (const char* folder : {"etc/apt", "etc/apt/auth.conf.d", "var/lib/dpkg"}) {
        THIMBLE_TRY(check_folder(fs::path(root) / folder));
    }
    THIMBLE_TRY(check_folder(lists.state()));
    THIMBLE_TRY(check_folder(lists.state() + "/periodic"));
    THIMBLE_TRY(check_folder(lists.path()));
    THIMBLE_TRY(const auto host, host::RootHost::open(root));
    const std::string stamp = "/periodic/update-success-stamp";
    THIMBLE_TRY(check_within(*host, "/var/lib/apt" + stamp, lists.state() + stamp));
    THIMBLE_TRY(check_passwords(*host));
    return {};
}

}  // namespace thimble::inventory::apt
