#include "root_lists.hpp"

#include "thimble/base/error.hpp"
#include "thimble/base/name_list.hpp"
#include "thimble/base/result.hpp"
#include "thimble/base/utf8.hpp"
#include "thimble/host/file_access.hpp"
#include "thimble/host/host.hpp"
#include "thimble/host/root_host.hpp"
#include "thimble/model/inventory.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace thimble::inventory::apt {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kState = "/var/lib/apt";
constexpr std::string_view kLists = "/var/lib/apt/lists";

/// Without translations and the like everything is offered all the same.
bool decides_offers(std::string_view name) {
    return name.contains("_Packages") || name.ends_with("Release");
}

/// Whether it is not there, or no link of the root leads to it.
bool leads_nowhere(const Error& error) {
    return error.kind == ErrorKind::NotFound || error.kind == ErrorKind::Invalid;
}

/// Not by its name, which somebody may change before apt opens it.
std::string opened_path(const host::Descriptor& opened) {
    return "/proc/self/fd/" + std::to_string(opened.number());
}

/// The file that a name of the root leads to in it; none where that is no regular file.
/// @error as host::RootHost::open_file, where it is there and cannot be opened
Result<std::optional<host::Descriptor>> file_in_root(
    host::RootHost& root, const std::string& name) {
    const std::string path = std::string(kLists) + "/" + name;
    const auto there = root.look(path, host::Follow::Yes);
    if (!there && !leads_nowhere(there.error())) {
        return there.error();
    }
    if (!there || there->type != host::FileType::Regular) {
        return std::optional<host::Descriptor>();
    }
    THIMBLE_TRY(host::Descriptor file, root.open_file(path));
    return std::optional<host::Descriptor>(std::move(file));
}

/// Whether apt, which goes by the name, comes to what the root has there.
bool is_same(const std::string& name, const host::Descriptor& opened) {
    struct stat by_name{};
    struct stat in_root{};
    return ::stat(name.c_str(), &by_name) == 0 && ::fstat(opened.number(), &in_root) == 0
        && by_name.st_dev == in_root.st_dev && by_name.st_ino == in_root.st_ino;
}

Result<void> link_to(const fs::path& target, const fs::path& place) {
    std::error_code error;
    fs::create_symlink(target, place, error);
    if (error) {
        return host::system_error(error.value(), place.string());
    }
    return {};
}

/// The date of the folder tells how old the index is.
Result<void> copy_date(const host::Descriptor& from, const fs::path& to) {
    struct stat info{};
    if (::fstat(from.number(), &info) != 0) {
        return host::system_error(errno, kLists);
    }
    const std::array<timespec, 2> dates{info.st_atim, info.st_mtim};
    if (::utimensat(AT_FDCWD, to.c_str(), dates.data(), 0) != 0) {
        return host::system_error(errno, to.string());
    }
    return {};
}

struct Names {
    std::vector<std::string> links;
    std::vector<std::string> others;
};

/// Half of a folder would be taken for all that the archives have.
Result<Names> names_in(const host::Descriptor& folder) {
    Names names;
    std::error_code error;
    for (fs::directory_iterator at(opened_path(folder), error), end; !error && at != end;
         at.increment(error)) {
        const bool is_link = at->is_symlink(error);
        if (error) {
            break;
        }
        (is_link ? names.links : names.others).push_back(at->path().filename().string());
    }
    if (error) {
        return host::system_error(error.value(), kLists);
    }
    return names;
}

}  // namespace

Result<std::unique_ptr<RootLists>> RootLists::of(const std::string& root) {
    THIMBLE_TRY(const auto host, host::RootHost::open(root));
    std::unique_ptr<RootLists> all(new RootLists());
    THIMBLE_TRY(all->state_, all->open_folder(*host, kState));
    THIMBLE_TRY(all->lists_, all->open_folder(*host, kLists));
    if (all->lists_.opened.number() < 0) {
        return all;
    }
    THIMBLE_TRY(const Names names, names_in(all->lists_.opened));
    if (!names.links.empty()) {
        THIMBLE_TRY(all->lead_through(*host, names.links, names.others));
    }
    return all;
}

Result<RootLists::Folder> RootLists::open_folder(host::RootHost& root, std::string_view path) {
    Folder folder{.path = root.local_root() + std::string(path), .opened = host::Descriptor()};
    auto opened = root.open_file(path);
    if (opened) {
        folder.path = is_same(folder.path, *opened) ? folder.path : opened_path(*opened);
        folder.opened = *std::move(opened);
        return folder;
    }
    if (!leads_nowhere(opened.error())) {
        return opened.error();
    }
    std::error_code none;
    if (fs::exists(folder.path, none)) {
        // One for both: a name that is given up may be taken by somebody else.
        if (!ours_) {
            THIMBLE_TRY(ours_, TemporaryFolder::make());
        }
        folder.path = (ours_->path() / "none").string();
    }
    return folder;
}

Result<void> RootLists::lead_through(
    host::RootHost& root,
    const std::vector<std::string>& links,
    const std::vector<std::string>& others) {
    THIMBLE_TRY(ours_, TemporaryFolder::make());
    for (const std::string& name : others) {
        THIMBLE_TRY(link_to(fs::path(lists_.path) / name, ours_->path() / name));
    }
    for (const std::string& name : links) {
        THIMBLE_TRY(auto file, file_in_root(root, name));
        if (file) {
            THIMBLE_TRY(link_to(opened_path(*file), ours_->path() / name));
            files_.push_back(*std::move(file));
        } else if (decides_offers(name)) {
            lost_.push_back(name);
        }
    }
    std::ranges::sort(lost_);
    lists_.path = ours_->path().string();
    return copy_date(lists_.opened, ours_->path());
}

std::optional<model::Gap> RootLists::gap() const {
    if (lost_.empty()) {
        return std::nullopt;
    }
    constexpr std::size_t kMostNamed = 3;
    return model::Gap{
        .code = "inventory.no_index",
        .detail = "apt's lists lead to what is not there in this root ("
            + printable(some_names(lost_, kMostNamed))
            + "): what these archives have is not offered",
        .next = "apt-get update"};
}

}  // namespace thimble::inventory::apt
