#include "root_lists.hpp"

#include "root_file.hpp"
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
    THIMBLE_TRY(all->state_, all->open(*host, kState));
    THIMBLE_TRY(all->lists_, all->open(*host, kLists));
    THIMBLE_TRY(all->marks_, all->open(*host, std::string(kState) + "/extended_states"));
    THIMBLE_TRY(all->status_, all->open(*host, "/var/lib/dpkg/status"));
    if (all->lists_.opened.number() < 0) {
        return all;
    }
    THIMBLE_TRY(const Names names, names_in(all->lists_.opened));
    if (!names.links.empty()) {
        THIMBLE_TRY(all->lead_through(*host, names.links, names.others));
    }
    return all;
}

Result<RootLists::Place> RootLists::open(host::RootHost& root, std::string_view path) {
    Place place{.path = root.local_root() + std::string(path), .opened = host::Descriptor()};
    const auto there = root.look(path, host::Follow::Yes);
    if (there && there->type == host::FileType::Other) {
        return odd_root(place.path, "is neither a file nor a folder");
    }
    auto opened = root.open_file(path);
    if (opened) {
        place.path = is_same(place.path, *opened) ? place.path : opened_path(*opened);
        place.opened = *std::move(opened);
        return place;
    }
    if (!leads_nowhere(opened.error())) {
        return opened.error();
    }
    std::error_code none;
    if (fs::exists(place.path, none)) {
        THIMBLE_TRY(const fs::path ours, our_folder());
        place.path = (ours / "none").string();
    }
    return place;
}

/// One for all: a name that is given up may be taken by somebody else.
Result<fs::path> RootLists::our_folder() {
    if (!ours_) {
        THIMBLE_TRY(ours_, TemporaryFolder::make());
    }
    return ours_->path();
}

Result<void> RootLists::lead_through(
    host::RootHost& root,
    const std::vector<std::string>& links,
    const std::vector<std::string>& others) {
    THIMBLE_TRY(const fs::path ours, our_folder());
    const fs::path place = ours / "lists";
    std::error_code error;
    if (!fs::create_directory(place, error)) {
        return host::system_error(error.value(), place.string());
    }
    for (const std::string& name : others) {
        THIMBLE_TRY(link_to(fs::path(lists_.path) / name, place / name));
    }
    for (const std::string& name : links) {
        THIMBLE_TRY(auto file, file_in_root(root, std::string(kLists) + "/" + name));
        if (file) {
            THIMBLE_TRY(link_to(opened_path(*file), place / name));
            files_.push_back(*std::move(file));
        } else if (decides_offers(name)) {
            lost_.push_back(name);
        }
    }
    std::ranges::sort(lost_);
    lists_.path = place.string();
    return copy_date(lists_.opened, place);
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
