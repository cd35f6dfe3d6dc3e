#include "thimble/client/fleet_table.hpp"

#include "thimble/base/counted.hpp"
#include "thimble/base/terminal_lines.hpp"
#include "thimble/client/cell.hpp"
#include "thimble/client/fleet_coverage.hpp"
#include "thimble/client/short_id.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <string_view>

namespace thimble::client {
namespace {

constexpr std::size_t kHostWidth = 12;
constexpr std::size_t kDueAndMark = 23;  // columns of them, with a blank before each cell
constexpr std::size_t kHostCounts = 11;

template <class... Args>
void line(std::string& out, fmt::format_string<Args...> format, Args&&... args) {
    std::string text = fmt::format(format, std::forward<Args>(args)...);
    text.erase(text.find_last_not_of(' ') + 1);
    out += narrowed(text) + '\n';
}

std::string_view mark_of(const ListedPatch& patch) {
    if (patch.kev) {
        return "KEV";
    }
    if (patch.exploited) {
        return "exploited";
    }
    return patch.public_exploit ? "exploit" : "";
}

std::string due_of(const ListedPatch& patch) {
    return patch.due ? format_date(*patch.due) : "upgrade";
}

/// "11-24 20:19", without the year.
std::string seen_of(const ListedHost& host) {
    const std::string seen = host.last_seen ? format_instant(*host.last_seen) : "";
    return seen.empty() ? "never" : seen.substr(5, 5) + " " + seen.substr(11, 5);
}

/// "?": nobody knows.
std::string count_of(const std::optional<std::uint64_t>& count) {
    return count ? std::to_string(*count) : "?";
}

std::string summary_of(std::span<const ListedHost> hosts) {
    std::size_t shown = 0;
    std::size_t superseded = 0;
    for (const ListedHost& host : hosts) {
        shown += host.is_revoked ? 0 : 1;
        superseded += !host.is_revoked && !host.superseded_by.empty() ? 1 : 0;
    }
    std::string text = counted(shown, "host");
    if (const std::size_t unknown = unknown_hosts(hosts); unknown > 0) {
        text += fmt::format(", {} of them unknown", unknown);
    }
    if (superseded > 0) {
        text += fmt::format(", {} of them enrolled again under another id", superseded);
    }
    return text;
}

std::string to_of(const ListedPatch& patch) {
    return patch.to.empty() ? "no fix known" : patch.to;
}

/// Names and versions are shown whole.
struct PatchWidths {
    std::size_t source = 6;
    std::size_t to = 2;
};

/// @param rest  columns of what stands behind the two
PatchWidths widths_of(std::span<const ListedPatch> patches, std::size_t rest) {
    constexpr PatchWidths kRoomy{.source = 20, .to = 24};
    PatchWidths widths;
    for (const ListedPatch& patch : patches) {
        widths.source = std::max(widths.source, columns_of(whole_text(patch.source)));
        widths.to = std::max(widths.to, columns_of(whole_text(to_of(patch))));
    }
    const PatchWidths roomy{
        .source = std::max(widths.source, kRoomy.source), .to = std::max(widths.to, kRoomy.to)};
    return roomy.source + roomy.to + rest <= kTerminalColumns ? roomy : widths;
}

std::string state_of(const ListedPatch& patch) {
    const std::string& state = patch.blocker.empty() ? patch.state : patch.blocker;
    return whole_text(state == "installed_not_live" ? "restart" : state);
}

std::string no_patch_line(std::span<const ListedHost> hosts) {
    const auto all =
        static_cast<std::size_t>(std::ranges::count(hosts, false, &ListedHost::is_revoked));
    const std::size_t unknown = unknown_hosts(hosts);
    if (all == 0) {
        return "There is no host: thimble tokens enrol\n";
    }
    if (unknown == 0) {
        return "No patch is missing.\n";
    }
    std::string of_whom = counted(unknown, "host");
    if (unknown == all) {
        of_whom = all == 1 ? "the host" : "every host";
    }
    return fmt::format(
        "No missing patch is known; of {} it is not known whether one is:\n"
        "thimble hosts --unknown\n",
        of_whom);
}

}  // namespace

std::string host_table(std::span<const ListedHost> hosts) {
    std::vector<std::string> ids;
    ids.reserve(hosts.size());
    std::size_t name_width = kHostWidth;
    for (const ListedHost& host : hosts) {
        ids.push_back(host.id);
        name_width = std::max(name_width, whole_text(host.name).size());
    }
    const std::size_t width = short_id_width(ids);
    std::string out;
    line(
        out,
        "{:<{}} {:<{}} {:<5} {:<11} {:>7} {:>6} {:>7} {:>7} {:>7}",
        "HOST",
        name_width,
        "ID",
        width,
        "VIA",
        "SEEN",
        "OVERDUE",
        "IN USE",
        "PENDING",
        "BLOCKED",
        "UNKNOWN");
    for (const ListedHost& host : hosts) {
        if (host.is_revoked) {
            continue;
        }
        line(
            out,
            "{:<{}} {:<{}} {:<5} {:<11} {:>7} {:>6} {:>7} {:>7} {:>7}",
            whole_text(host.name),
            name_width,
            whole_text(host.id.substr(0, width)),
            width,
            whole_text(host.reach),
            seen_of(host),
            count_of(host.overdue),
            count_of(host.exploited),
            count_of(host.pending),
            count_of(host.blocked),
            count_of(host.unknown));
        if (!host.superseded_by.empty()) {
            line(
                out,
                "  enrolled again as {}, silent since: thimble hosts remove {}",
                whole_text(host.superseded_by.substr(0, width)),
                whole_text(host.id.substr(0, width)));
        } else if (!host.unknown_why.empty()) {
            line(out, "  unknown: {}", prose_text(host.unknown_why, 69));
        }
        if (!host.waits_why.empty()) {
            line(out, "  a job waits: {}", prose_text(host.waits_why, 65));
        }
        if (!host.tags.empty()) {
            line(out, "  tags: {}", whole_text(host.tags));
        }
    }
    const auto unread = std::ranges::count_if(hosts, [](const ListedHost& host) {
        return !host.is_revoked && host.has_unread_changelogs;
    });
    return out + summary_of(hosts) + "\n" + not_known_lines(0, unread);
}

std::string patch_table(std::span<const ListedPatch> patches, std::span<const ListedHost> hosts) {
    if (patches.empty()) {
        return no_patch_line(hosts);
    }
    std::size_t state_width = 5;
    for (const ListedPatch& patch : patches) {
        state_width = std::max(state_width, columns_of(state_of(patch)));
    }
    const PatchWidths widths = widths_of(patches, kDueAndMark + state_width);
    std::string out;
    line(
        out,
        "{:<{}} {:<{}} {:<10} {:<9} {}",
        "SOURCE",
        widths.source,
        "TO",
        widths.to,
        "DUE",
        "MARK",
        "STATE");
    for (const ListedPatch& patch : patches) {
        line(
            out,
            "{:<{}} {:<{}} {:<10} {:<9} {}",
            whole_text(patch.source),
            widths.source,
            whole_text(to_of(patch)),
            widths.to,
            due_of(patch),
            mark_of(patch),
            state_of(patch));
    }
    return out;
}

std::string fleet_patch_table(
    std::span<const ListedPatch> patches, std::span<const ListedHost> hosts) {
    if (patches.empty()) {
        return no_patch_line(hosts);
    }
    const PatchWidths widths = widths_of(patches, kDueAndMark + kHostCounts);
    std::string out;
    line(
        out,
        "{:<{}} {:<{}} {:<10} {:<9} {:>5} {:>5}",
        "SOURCE",
        widths.source,
        "TO",
        widths.to,
        "DUE",
        "MARK",
        "HOSTS",
        "READY");
    for (const ListedPatch& patch : patches) {
        line(
            out,
            "{:<{}} {:<{}} {:<10} {:<9} {:>5} {:>5}",
            whole_text(patch.source),
            widths.source,
            whole_text(to_of(patch)),
            widths.to,
            due_of(patch),
            mark_of(patch),
            patch.hosts,
            patch.ready);
    }
    return out + not_known_lines(static_cast<std::int64_t>(unknown_hosts(hosts)), 0);
}

std::size_t unknown_hosts(std::span<const ListedHost> hosts) {
    return static_cast<std::size_t>(std::ranges::count_if(hosts, [](const ListedHost& host) {
        return !host.is_revoked && !host.unknown_why.empty();
    }));
}

int fleet_exit_status(std::span<const ListedHost> hosts) {
    bool is_known = false;
    bool is_unknown = false;
    for (const ListedHost& host : hosts) {
        if (host.is_revoked) {
            continue;
        }
        for (const auto& count : {host.overdue, host.exploited, host.pending, host.blocked}) {
            if (count.value_or(0) > 0) {
                return 1;
            }
        }
        is_known = true;
        is_unknown = is_unknown || !host.unknown_why.empty();
    }
    return is_known && !is_unknown ? 0 : 2;
}

}  // namespace thimble::client
