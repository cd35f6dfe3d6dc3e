#include "thimble/client/fleet_coverage.hpp"

#include "thimble/base/counted.hpp"
#include "thimble/client/fleet_lists.hpp"
#include "thimble/client/list_view.hpp"

namespace thimble::client {
namespace {

std::string hosts_of(std::int64_t count) {
    return counted(static_cast<std::uint64_t>(count), "host");
}

}  // namespace

Result<FleetCoverage> fleet_coverage(const FleetContext& context, const std::string& group) {
    THIMBLE_TRY(
        const auto groups,
        all_items(context, {"groups", group.empty() ? "" : filter_of("group", group)}));
    return coverage_of(groups);
}

FleetCoverage coverage_of(std::span<const JsonValue> groups) {
    FleetCoverage coverage;
    for (const JsonValue& group : groups) {
        coverage.hosts += member_number(group, "hosts");
        coverage.unknown += member_number(group, "unknown");
        coverage.unread_changelogs += member_number(group, "unread_changelogs");
    }
    return coverage;
}

std::string not_known_lines(std::int64_t unknown, std::int64_t unread_changelogs) {
    std::string text;
    if (unknown > 0) {
        text += "Not known of " + hosts_of(unknown) + ": thimble hosts --unknown\n";
    }
    if (unread_changelogs > 0) {
        text += "On " + hosts_of(unread_changelogs)
            + " changelogs of pending updates were not read, which alone may\n"
              "name more: thimble hosts --unread\n";
    }
    return text;
}

}  // namespace thimble::client
