#include "thimble/feeds/expansion_guard.hpp"

#include "thimble/base/utf8.hpp"

#include <string>
#include <utility>

namespace thimble::feeds {
namespace {

Error too_large(std::string message) {
    return failure(ErrorKind::Corrupt, "feeds.too_large", std::move(message));
}

}  // namespace

Result<void> ExpansionGuard::begin_member() {
    if (++so_far_.members > limits_.max_members) {
        return too_large(
            "the archive has more than " + std::to_string(limits_.max_members) + " members");
    }
    return {};
}

Result<void> ExpansionGuard::check_member(std::string_view name, bool is_file) {
    std::string refusal = refusal_of_name(name);
    if (refusal.empty() && !is_file) {
        refusal = "is a link or device, not a file";
    }
    if (!refusal.empty()) {
        return failure(
            ErrorKind::Corrupt,
            "feeds.unsafe_archive",
            "member \"" + printable(name, 100) + "\" " + refusal);
    }
    return {};
}

Result<void> ExpansionGuard::unpacked(
    std::string_view name, std::uint64_t member_bytes, std::uint64_t added) {
    so_far_.bytes += added;
    unpacked_here_ += added;
    if (member_bytes > limits_.max_member_bytes) {
        return too_large(
            "member \"" + printable(name, 100) + "\" unpacks to more than "
            + std::to_string(limits_.max_member_bytes) + " bytes");
    }
    if (so_far_.bytes > limits_.max_total_bytes) {
        return too_large(
            "the feed unpacks to more than " + std::to_string(limits_.max_total_bytes) + " bytes");
    }
    if (unpacked_here_ > limits_.ratio_free_bytes
        && unpacked_here_ / limits_.max_ratio > packed_bytes_) {
        return too_large(
            "the archive unpacks to more than " + std::to_string(limits_.max_ratio)
            + " times its size");
    }
    return {};
}

}  // namespace thimble::feeds
