#include "thimble/client/fleet_table.hpp"

#include "thimble/client/cell.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <string_view>

namespace thimble::client {
namespace {

template <class... Args>
void line(std::string& out, fmt::format_string<Args...> format, Args&&... args) {
    std::string text = fmt::format(format, std::forward<Args>(args)...);
    text.erase(text.find_last_not_of(' ') + 1);
    out += text + '\n';
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

std::string to_of(const ListedPatch& patch) {
    return patch.to.empty() ? "no fix known" : patch.to;
}

}  // namespace

std::string host_table(std::span<const ListedHost> hosts) {
    std::string out;
    line(
        out,
        "{:<22} {:>7} {:>9} {:>7} {:>7} {:>7}  {}",
        "HOST",
        "OVERDUE",
        "EXPLOITED",
        "PENDING",
        "BLOCKED",
        "UNKNOWN",
        "");
    std::size_t shown_hosts = 0;
    std::size_t unknown = 0;
    for (const ListedHost& host : hosts) {
        if (host.is_revoked) {
            continue;
        }
        ++shown_hosts;
        line(
            out,
            "{:<22} {:>7} {:>9} {:>7} {:>7} {:>7}",
            cell_text(host.name, 22),
            host.overdue,
            host.exploited,
            host.pending,
            host.blocked,
            host.unknown);
        if (!host.unknown_why.empty()) {
            ++unknown;
            line(out, "  unknown: {}", cell_text(host.unknown_why, 69));
        }
    }
    line(
        out,
        "{} {}{}",
        shown_hosts,
        shown_hosts == 1 ? "host" : "hosts",
        unknown == 0 ? "" : fmt::format(", {} of them unknown", unknown));
    return out;
}

std::string patch_table(std::span<const ListedPatch> patches) {
    if (patches.empty()) {
        return "No patch is missing.\n";
    }
    std::string out;
    line(out, "{:<20} {:<24} {:<10} {:<9} {}", "SOURCE", "TO", "DUE", "MARK", "STATE");
    for (const ListedPatch& patch : patches) {
        const std::string& state = patch.blocker.empty() ? patch.state : patch.blocker;
        line(
            out,
            "{:<20} {:<24} {:<10} {:<9} {}",
            cell_text(patch.source, 20),
            cell_text(to_of(patch), 24),
            due_of(patch),
            mark_of(patch),
            cell_text(state == "installed_not_live" ? "restart" : state, 13));
    }
    return out;
}

std::string fleet_patch_table(std::span<const ListedPatch> patches) {
    if (patches.empty()) {
        return "No patch is missing.\n";
    }
    std::string out;
    line(
        out,
        "{:<20} {:<24} {:<10} {:<9} {:>5} {:>5}",
        "SOURCE",
        "TO",
        "DUE",
        "MARK",
        "HOSTS",
        "READY");
    for (const ListedPatch& patch : patches) {
        line(
            out,
            "{:<20} {:<24} {:<10} {:<9} {:>5} {:>5}",
            cell_text(patch.source, 20),
            cell_text(to_of(patch), 24),
            due_of(patch),
            mark_of(patch),
            patch.hosts,
            patch.ready);
    }
    return out;
}

int fleet_exit_status(std::span<const ListedHost> hosts) {
    bool is_known = false;
    bool is_unknown = false;
    for (const ListedHost& host : hosts) {
        if (host.is_revoked) {
            continue;
        }
        if (host.overdue + host.exploited + host.pending + host.blocked > 0) {
            return 1;
        }
        is_known = true;
        is_unknown = is_unknown || !host.unknown_why.empty();
    }
    return is_known && !is_unknown ? 0 : 2;
}

}  // namespace thimble::client
