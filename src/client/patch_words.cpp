#include "thimble/client/patch_words.hpp"

#include "thimble/base/terminal_lines.hpp"
#include "thimble/base/utf8.hpp"
#include "thimble/client/controls.hpp"
#include "thimble/client/list_view.hpp"

#include <set>
#include <vector>

namespace thimble::client {
namespace {

constexpr std::size_t kMostTold = 10;

std::string said(const JsonValue& item, std::string_view name) {
    return printable(member_text(item, name).value_or(""));
}

/// "no fix is known (will_not_fix)"
std::string fix_of(const JsonValue& finding) {
    const std::string fixed = said(finding, "fixed_version");
    const std::string reason = said(finding, "reason");
    return (fixed.empty() ? "no fix is known" : "fixed by " + fixed)
        + (reason.empty() ? "" : " (" + reason + ")");
}

std::string line_of(const std::string& source, const JsonValue& finding) {
    const std::string id = said(finding, "vulnerability");
    if (id.empty()) {
        return source + ": not judged (" + said(finding, "reason") + ")";
    }
    const std::string due = said(finding, "due_at");
    return source + ": " + id + " is open since " + said(finding, "first_seen_at") + ", "
        + fix_of(finding) + "; " + said(finding, "outcome") + ", due "
        + (due.empty() ? "with the next upgrade" : due);
}

/// Each vulnerability once: a source has several packages.
std::vector<JsonValue> once_each(std::span<const JsonValue> findings) {
    std::set<std::string> seen;
    std::vector<JsonValue> once;
    for (const JsonValue& finding : findings) {
        if (seen.insert(said(finding, "vulnerability")).second) {
            once.push_back(finding);
        }
    }
    return once;
}

}  // namespace

std::string lines_of_source(
    std::string_view source,
    std::span<const JsonValue> states,
    std::span<const JsonValue> findings,
    const ListedHost& host) {
    std::string out;
    std::set<std::string> tracked;
    for (const JsonValue& state : states) {
        tracked.insert(said(state, "to"));
        out += "  " + said(state, "source") + " " + said(state, "to") + ": " + said(state, "state")
            + " since " + said(state, "since") + "\n";
    }
    std::vector<JsonValue> others = once_each(findings);
    std::erase_if(others, [&](const JsonValue& finding) {
        const std::string fixed = said(finding, "fixed_version");
        return !fixed.empty() && !tracked.empty();
    });
    const std::string name = printable(source);
    for (std::size_t at = 0; at < others.size() && at < kMostTold; ++at) {
        out += wrapped_text(line_of(name, others[at]), {.first = "  ", .further = "    "});
    }
    if (others.size() > kMostTold) {
        out += "  and " + std::to_string(others.size() - kMostTold)
            + " more: thimble findings --host " + printable(host.name) + "\n";
    }
    out += shield_lines(others);
    if (out.empty()) {
        const std::string why = host.unknown_why.empty() ? "" : printable(host.unknown_why);
        out = why.empty() ? "  " + name + ": nothing is open in it on this host\n"
                          : wrapped_text(
                                name + ": whether something is open in it is not known: " + why,
                                {.first = "  ", .further = "    "});
    }
    return out;
}

}  // namespace thimble::client
