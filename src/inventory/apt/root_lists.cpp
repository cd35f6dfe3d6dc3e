#include "root_lists.hpp"

#include "thimble/base/result.hpp"
#include "thimble/base/utf8.hpp"
#include "thimble/host/file_access.hpp"
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
#include <ranges>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace thimble::inventory::apt {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kLists = "/var/lib/apt/lists";

/// Without translations and the like everything is offered all the same.
bool decides_offers(std::string_view name) {
    return name.contains("_Packages") || name.ends_with("Release");
}

/// The file that a name of the root leads to in it; none where that is no regular file.
std::optional<host::Descriptor> file_in_root(host::RootHost& root, const std::string& name) {
    auto file = root.open_file(std::string(kLists) + "/" + name);
    struct stat info{};
    if (!file || ::fstat(file->number(), &info) != 0 || !S_ISREG(info.st_mode)) {
        return std::nullopt;
    }
    return *std::move(file);
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
Result<void> copy_date(const fs::path& from, const fs::path& to) {
    struct stat info{};
    if (::stat(from.c_str(), &info) != 0) {
        return host::system_error(errno, from.string());
    }
    const std::array<timespec, 2> dates{info.st_atim, info.st_mtim};
    if (::utimensat(AT_FDCWD, to.c_str(), dates.data(), 0) != 0) {
        return host::system_error(errno, to.string());
    }
    return {};
}

}  // namespace

Result<std::unique_ptr<RootLists>> RootLists::of(const std::string& root) {
    std::error_code error;
    const fs::path lists = fs::absolute(root, error) / kLists.substr(1);
    std::unique_ptr<RootLists> all(new RootLists(lists));
    std::vector<std::string> links;
    std::vector<std::string> others;
    for (fs::directory_iterator at(lists, error), end; !error && at != end; at.increment(error)) {
        std::error_code none;
        (at->is_symlink(none) ? links : others).push_back(at->path().filename().string());
    }
    if (!links.empty()) {
        THIMBLE_TRY(all->lead_through(root, links, others));
    }
    return all;
}

Result<void> RootLists::lead_through(
    const std::string& root,
    const std::vector<std::string>& links,
    const std::vector<std::string>& others) {
    THIMBLE_TRY(folder_, TemporaryFolder::make());
    THIMBLE_TRY(const auto host, host::RootHost::open(root));
    for (const std::string& name : others) {
        THIMBLE_TRY(link_to(lists_ / name, folder_->path() / name));
    }
    for (const std::string& name : links) {
        if (auto file = file_in_root(*host, name)) {
            // Not by its name, which somebody may change before apt opens it.
            const std::string opened = "/proc/self/fd/" + std::to_string(file->number());
            THIMBLE_TRY(link_to(opened, folder_->path() / name));
            files_.push_back(*std::move(file));
        } else if (decides_offers(name)) {
            lost_.push_back(name);
        }
    }
    std::ranges::sort(lost_);
    return copy_date(lists_, folder_->path());
}

std::string RootLists::path() const {
    return (folder_ ? folder_->path() : lists_).string();
}

std::optional<model::Gap> RootLists::gap() const {
    if (lost_.empty()) {
        return std::nullopt;
    }
    constexpr std::size_t kMostNamed = 3;
    std::string names;
    for (const std::string& name : lost_ | std::views::take(kMostNamed)) {
        names.append(names.empty() ? "" : ", ").append(printable(name));
    }
    if (lost_.size() > kMostNamed) {
        names += " and " + std::to_string(lost_.size() - kMostNamed) + " more";
    }
    return model::Gap{
        .code = "inventory.no_index",
        .detail = "apt's lists lead to what is not there in this root (" + names
            + "): what these archives have is not offered",
        .next = "apt-get update"};
}

}  // namespace thimble::inventory::apt
