#include "thimble/cli/state_room.hpp"

#include "thimble/base/result.hpp"

#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <string>
#include <utility>

namespace thimble::cli {
namespace {

constexpr const char* kFull = "cli.state_full";
constexpr const char* kClosed = "cli.state_closed";

/// Too little for anything.
constexpr std::uint64_t kNothing = std::uint64_t{64} << 10;
/// Too little for who has just lacked room: what it wrote is gone again. The index of apt takes some 50 MiB.
constexpr std::uint64_t kLittle = std::uint64_t{64} << 20;

/// Of a scan, what asks the repositories and what remembers write there.
constexpr std::string_view kNotKept = "assess.first_seen_not_kept";
constexpr std::array<std::string_view, 3> kWriters{
    "inventory.no_offers", "inventory.no_changelog", kNotKept};

bool is_for_want_of_room(std::string_view text) {
    return text.contains(std::strerror(ENOSPC)) || text.contains(std::strerror(EDQUOT));
}

bool is_refused(std::string_view text) {
    return text.contains(std::strerror(EROFS)) || text.contains(std::strerror(EACCES));
}

/// The directory, or the one in which it would be made.
std::filesystem::path there_is(std::filesystem::path folder) {
    std::error_code error;
    while (!std::filesystem::exists(folder, error) && folder.has_relative_path()) {
        folder = folder.parent_path();
    }
    return folder.empty() ? std::filesystem::path(".") : folder;
}

std::optional<Error> trouble(const std::filesystem::path& state, std::uint64_t needed) {
    const std::filesystem::path folder = there_is(state);
    const std::string name = "the state directory " + state.string();
    if (::access(folder.c_str(), W_OK | X_OK) != 0) {
        return failure(
            ErrorKind::Denied, kClosed, name + " cannot be written: " + std::strerror(errno));
    }
    struct statvfs space{};
    if (::statvfs(folder.c_str(), &space) != 0) {
        return std::nullopt;
    }
    const std::uint64_t blocks = ::geteuid() == 0 ? space.f_bfree : space.f_bavail;
    const std::uint64_t bytes = blocks * space.f_frsize;
    const bool has_no_names = space.f_files > 0 && space.f_ffree == 0;
    if (bytes >= needed && !has_no_names) {
        return std::nullopt;
    }
    const std::string free =
        has_no_names ? "it takes no more files" : std::to_string(bytes >> 10U) + " KiB are free";
    return failure(
        ErrorKind::Unavailable, kFull, "the disk of " + name + " is full (" + free + ")");
}

}  // namespace

std::optional<Error> state_trouble(const std::filesystem::path& state) {
    return trouble(state, kNothing);
}

Error blaming_state(Error error, const std::filesystem::path& state) {
    if (error.code == kFull || error.code == kClosed) {
        return error;
    }
    const std::string text = error.text();
    const bool lacks_room = is_for_want_of_room(text);
    const bool may_be_closed = is_refused(text) || error.code.ends_with(".cannot_write");
    auto cause = lacks_room || may_be_closed ? trouble(state, lacks_room ? kLittle : kNothing)
                                             : std::nullopt;
    if (!cause || (cause->code == kFull && !lacks_room)) {
        return error;
    }
    Error blamed = because(cause->message, std::move(error));
    blamed.kind = cause->kind;
    blamed.code = cause->code;
    return blamed;
}

void blame_state(std::vector<model::Gap>& gaps, const std::filesystem::path& state) {
    std::vector<model::Gap*> suspects;
    bool lacks_room = false;
    for (model::Gap& gap : gaps) {
        const bool is_room = is_for_want_of_room(gap.detail);
        const bool may_be_it = is_room || is_refused(gap.detail) || gap.code == kNotKept;
        if (may_be_it && std::ranges::find(kWriters, gap.code) != kWriters.end()) {
            suspects.push_back(&gap);
            lacks_room = lacks_room || is_room;
        }
    }
    const auto cause =
        suspects.empty() ? std::nullopt : trouble(state, lacks_room ? kLittle : kNothing);
    if (!cause) {
        return;
    }
    const std::string next = cause->code == kFull ? "Free some space on the disk of "
            + state.string() + ", or name another state directory: --state DIR"
                                                  : std::string(kStepOfClosedState);
    for (model::Gap* suspect : suspects) {
        suspect->next = next;
    }
    for (model::Gap& gap : gaps) {
        // Feeds are kept there, too.
        gap.next = gap.next.starts_with("thimble feeds sync") ? next : gap.next;
    }
    gaps.insert(gaps.begin(), {cause->code, cause->message, next});
}

}  // namespace thimble::cli
