#pragma once
/// @file What apt and dpkg tell on their status descriptors while they work.

#include "thimble/apply/pieced_lines.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace thimble::apply {

enum class AptEventKind : std::uint8_t {
    Fetching,  ///< dlstatus
    Working,   ///< pmstatus: dpkg has been started
    Failed,    ///< pmerror
    Asking,    ///< pmconffile, media-change: a question
};

// NOLINTBEGIN(readability-redundant-member-init): g++ warns of fields that an initializer leaves out
struct AptEvent {
    AptEventKind kind = AptEventKind::Working;
    std::string package = {};     ///< name, name:architecture or a path
    std::uint32_t per_mille = 0;  ///< 0..1000
    std::string text = {};        ///< for people
    bool operator==(const AptEvent&) const = default;
};
// NOLINTEND(readability-redundant-member-init)

/// Puts the pieces of the channel together and reads their lines.
/// Lines that are not understood or longer than 64 KiB are left out.
/// @source apt's doc/progress-reporting.md: "<kind>:<package>:<percent>:<text>"; dpkg(1) --status-fd
class AptStatusReader {
public:
    std::vector<AptEvent> take(std::string_view piece);

private:
    PiecedLines lines_;
};

}  // namespace thimble::apply
