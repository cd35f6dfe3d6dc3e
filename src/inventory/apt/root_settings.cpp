#include "root_settings.hpp"

#include "root_file.hpp"
#include "thimble/base/error.hpp"
#include "thimble/base/lines.hpp"
#include "thimble/base/result.hpp"
#include "thimble/base/utf8.hpp"
#include "thimble/host/file_access.hpp"
#include "thimble/host/host.hpp"
#include "thimble/host/root_host.hpp"
#include "thimble/inventory/root_archive.hpp"

#include <cerrno>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

namespace thimble::inventory::apt {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kFolder = "/etc/apt/";
constexpr std::size_t kMaxSettings = std::size_t{1} << 20;
constexpr std::size_t kMostIncluded = 100;
constexpr std::size_t kDeepestInclusion = 10;  // as apt itself

Result<void> make_folder(const fs::path& place) {
    std::error_code error;
    fs::create_directories(place, error);
    if (error) {
        return host::system_error(error.value(), place.string());
    }
    return {};
}

Result<void> write(const fs::path& place, const std::string& text) {
    std::ofstream file(place, std::ios::binary);
    file << text;
    file.close();
    if (!file) {
        return host::system_error(errno, place.string());
    }
    return {};
}

}  // namespace

Result<std::unique_ptr<RootSettings>> RootSettings::of(const std::string& root) {
    THIMBLE_TRY(const auto host, host::RootHost::open(root));
    // Without a folder there are no sources, and nothing would be offered.
    std::error_code none;
    if (!host->look("/etc/apt", host::Follow::Yes)
        && fs::exists(fs::symlink_status(root + "/etc/apt", none))) {
        return odd_root("/etc/apt", "leads to what is not there in this root");
    }
    THIMBLE_TRY(auto folder, TemporaryFolder::make());
    std::unique_ptr<RootSettings> all(new RootSettings(std::move(folder)));
    const fs::path& ours = all->ours_->path();
    for (const char* file : {"apt.conf", "preferences", "sources.list"}) {
        THIMBLE_TRY(all->take(*host, std::string(kFolder) + file, ours / file, 0));
    }
    for (const char* name : {"apt.conf.d", "preferences.d", "sources.list.d"}) {
        THIMBLE_TRY(all->take_folder(*host, std::string(kFolder) + name, ours / name));
    }
    return all;
}

Result<void> RootSettings::take_folder(
    host::RootHost& root, const std::string& path, const fs::path& place) {
    THIMBLE_TRY(make_folder(place));
    const auto names = root.list(path);
    if (!names && names.error().kind == ErrorKind::NotFound && !root.look(path, host::Follow::No)) {
        return {};
    }
    if (!names) {
        return leads_nowhere(names.error())
            ? odd_root(path, "leads to what is no folder in this root")
            : names.error();
    }
    for (const std::string& name : *names) {
        THIMBLE_TRY(take(root, std::string(path).append("/").append(name), place / name, 0));
    }
    return {};
}

Result<void> RootSettings::take(
    host::RootHost& root, const std::string& path, const fs::path& place, std::size_t depth) {
    const auto link = root.read_link(path);
    if ((link && *link == "/dev/null") || is_null_device(root.local_root() + path)) {
        return {};
    }
    const auto there = root.look(path, host::Follow::Yes);
    if (!there && !leads_nowhere(there.error())) {
        return there.error();
    }
    if (!there) {
        if (link) {
            lost_.push_back(path);  // apt there passes it over
        }
        return {};
    }
    if (there->type == host::FileType::Directory) {
        return {};  // apt goes no deeper
    }
    if (there->type != host::FileType::Regular) {
        return odd_root(path, "is neither a file nor a folder");
    }
    const bool is_setting = depth > 0 || path.starts_with(std::string(kFolder) + "apt.conf");
    if (is_setting) {
        return take_settings(root, path, place, depth);
    }
    // Sources may hold passwords, which are not to lie about.
    THIMBLE_TRY(auto file, file_in_root(root, path));
    if (!file) {
        return odd_root(path, "has changed");
    }
    THIMBLE_TRY(link_to(opened_path(*file), place));
    files_.push_back(*std::move(file));
    return {};
}

Result<void> RootSettings::take_settings(
    host::RootHost& root, const std::string& path, const fs::path& place, std::size_t depth) {
    THIMBLE_TRY(const std::string text, root.read_file(path, kMaxSettings));
    std::string settings;
    Lines lines(text);
    for (std::string_view line; lines.next(line);) {
        const std::string_view included = included_path(line);
        if (!included.empty()) {
            THIMBLE_TRY(const std::string ours, include(root, std::string(included), depth + 1));
            settings.append("#include \"").append(ours).append("\";\n");
        } else if (includes_other_files(line)) {
            return odd_root(
                path, "includes other files, and not as #include \"/PATH\"; on a line of its own");
        } else {
            settings.append(line).append("\n");
        }
    }
    return write(place, settings);
}

Result<std::string> RootSettings::include(
    host::RootHost& root, const std::string& path, std::size_t depth) {
    if (depth > kDeepestInclusion || ++included_ > kMostIncluded) {
        return odd_root(path, "is included by too many files");
    }
    const auto there = root.look(path, host::Follow::Yes);
    const bool wants_folder = path.ends_with('/');
    const auto wanted = wants_folder ? host::FileType::Directory : host::FileType::Regular;
    if (!there || there->type != wanted) {
        return odd_root(path, "is included by settings, and not there in this root");
    }
    const fs::path place = ours_->path() / "included" / std::to_string(included_);
    if (!wants_folder) {
        THIMBLE_TRY(make_folder(place.parent_path()));
        THIMBLE_TRY(take(root, path, place, depth));
        return place.string();
    }
    THIMBLE_TRY(make_folder(place));
    THIMBLE_TRY(const auto names, root.list(path));
    for (const std::string& name : names) {
        THIMBLE_TRY(take(root, path + name, place / name, depth));
    }
    return place.string() + "/";
}

std::vector<model::Gap> RootSettings::gaps() const {
    std::vector<model::Gap> gaps;
    for (const std::string& path : lost_) {
        const bool is_source = path.starts_with(std::string(kFolder) + "sources.list");
        gaps.push_back(
            {.code = is_source ? "inventory.no_index" : "inventory.apt_files_left_out",
             .detail = printable(path) + " leads to what is not there in this root: "
                 + (is_source ? "what its archives have is not offered" : "it is left out"),
             .next = ""});
    }
    return gaps;
}

}  // namespace thimble::inventory::apt
