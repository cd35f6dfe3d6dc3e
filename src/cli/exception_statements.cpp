#include "thimble/cli/exception_statements.hpp"

#include "thimble/base/instant.hpp"
#include "thimble/base/utf8.hpp"
#include "thimble/client/list_view.hpp"
#include "thimble/model/inventory.hpp"
#include "thimble/report/scan_report.hpp"

#include <map>
#include <ranges>
#include <set>
#include <string>
#include <string_view>
#include <utility>

namespace thimble::cli {
namespace {

std::string member(const JsonValue& item, std::string_view name) {
    return printable(client::member_text(item, name).value_or(""));
}

/// Package URL of the source package that an item is about, as it is installed.
std::string source_purl(const JsonValue& item) {
    model::Inventory inventory;
    const std::string distribution = member(item, "distribution");
    const std::size_t dash = distribution.rfind('-');
    inventory.os.id = distribution.substr(0, dash);
    inventory.os.version_id = dash == std::string::npos ? "" : distribution.substr(dash + 1);
    model::InstalledPackage package;
    package.type = member(item, "package_type");
    package.name = member(item, "source");
    package.version = member(item, "from");
    package.architecture = package.type == "rpm" ? "src" : "source";
    return report::package_purl(inventory, package);
}

/// What one exception leaves open: of each vulnerability, with a fix or without, the packages.
using Open = std::map<std::pair<std::string, bool>, std::set<report::ExceptedPackage>>;

void add(Open& open, const std::string& exception, const JsonValue& item) {
    if (member(item, "exception") != exception) {
        return;
    }
    const bool has_fix = !member(item, "to").empty();
    for (const auto part : std::views::split(member(item, "vulnerability_ids"), ',')) {
        open[{std::string(part.begin(), part.end()), has_fix}].insert(
            {member(item, "host_id"),
             member(item, "host"),
             member(item, "source"),
             member(item, "from"),
             source_purl(item)});
    }
}

/// Comma separated, of an exception those that are not over.
std::string named_controls(const JsonValue& exception, const std::set<std::string>& standing) {
    std::string names;
    for (const auto part : std::views::split(member(exception, "controls"), ',')) {
        const std::string id(part.begin(), part.end());
        if (standing.contains(id)) {
            names += (names.empty() ? "" : ",") + id;
        }
    }
    return names;
}

}  // namespace

std::set<std::string> standing_controls(std::span<const JsonValue> controls, Instant now) {
    std::set<std::string> standing;
    for (const JsonValue& control : controls) {
        const std::string state = member(control, "state");
        const auto end = parse_instant(member(control, "expires_at"));
        if (state != "retired" && state != "retiring" && end && *end > now) {
            standing.insert(member(control, "id"));
        }
    }
    return standing;
}

std::vector<report::ExceptionStatement> exception_statements(
    std::span<const JsonValue> exceptions, const OpenItems& items) {
    std::vector<report::ExceptionStatement> statements;
    for (const JsonValue& exception : exceptions) {
        const std::string id = member(exception, "id");
        Open open;
        for (const JsonValue& patch : items.patches) {
            add(open, id, patch);
        }
        // What the board has with a version is among the patches.
        for (const JsonValue& item : items.board) {
            if (member(item, "to").empty()) {
                add(open, id, item);
            }
        }
        for (const auto& [what, packages] : open) {
            statements.push_back(
                {what.first,
                 id,
                 member(exception, "reason"),
                 member(exception, "why"),
                 named_controls(exception, items.standing),
                 parse_instant(member(exception, "approved_at")).value_or(Instant()),
                 parse_instant(member(exception, "expires_at")).value_or(Instant()),
                 {packages.begin(), packages.end()},
                 what.second});
        }
    }
    return statements;
}

}  // namespace thimble::cli
