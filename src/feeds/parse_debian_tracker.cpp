#include "thimble/feeds/parse_debian_tracker.hpp"

#include "thimble/feeds/json_access.hpp"
#include "thimble/feeds/osv_affected.hpp"
#include "thimble/feeds/record_text.hpp"
#include "thimble/model/debian_release.hpp"

#include <functional>
#include <string>
#include <utility>

namespace thimble::feeds {
namespace {

using model::Claim;
using model::RangeEvent;

/// Whether the tracker says that no advisory will be issued, and why.
Claim claim_of_open(JsonValue release) {
    if (member_text(release, "urgency") == "end-of-life") {
        return Claim::EndOfLife;
    }
    if (member_text(release, "nodsa_reason") == "ignored") {
        return Claim::WontFix;
    }
    return member(release, "nodsa") || member(release, "nodsa_reason") ? Claim::Postponed
                                                                       : Claim::Affected;
}

/// Fills claim and range; false where the status is not one the tracker knows.
bool read_status(JsonValue release, model::AffectedPackage& package) {
    const std::string_view status = member_text(release, "status");
    const std::string_view fixed = trimmed(member_text(release, "fixed_version"));
    model::VersionRange range{{{RangeEvent::Kind::Introduced, "0"}}};
    if (status == "resolved" && fixed == "0") {
        package.claim = Claim::NotAffected;
        return true;
    }
    if (status == "resolved" && !fixed.empty() && fixed.size() <= kMaxNameBytes) {
        range.events.push_back({RangeEvent::Kind::Fixed, std::string(fixed)});
    } else if (status == "open") {
        package.claim = claim_of_open(release);
    } else if (status == "undetermined") {
        package.claim = Claim::UnderInvestigation;
    } else {
        return false;
    }
    package.ranges.push_back(std::move(range));
    return true;
}

/// Something of the entry that could not be read.
using Problem = std::function<void(std::string_view release, const std::string& reason)>;

/// One release. Of one whose status cannot be read every version is under investigation: that the
/// tracker has a word on it must not get lost.
model::AffectedPackage read_release(
    std::string_view source, std::string_view codename, JsonValue release, const Problem& problem) {
    model::AffectedPackage package;
    package.ecosystem = model::debian_ecosystem(codename.substr(0, kMaxNameBytes));
    package.name = source;
    package.unimportant = is_unimportant(member_text(release, "urgency"));
    if (!read_status(release, package)) {
        problem(
            codename,
            "status \"" + one_line(member_text(release, "status"), 40) + "\" in "
                + one_line(codename, 40) + " is unknown or lacks its version");
        package.claim = Claim::UnderInvestigation;
        package.ranges = {{{{RangeEvent::Kind::Introduced, "0"}}}};
    }
    return package;
}

/// Why the whole entry cannot be used; empty where `advisory` has it.
std::string read_entry(
    std::string_view source,
    std::string_view id,
    JsonValue entry,
    model::Advisory& advisory,
    const Problem& problem) {
    if (!is_cve_id(id) && !id.starts_with("TEMP-")) {
        return "neither a CVE id nor a TEMP id";
    }
    if (id.size() > kMaxNameBytes || source.empty() || source.size() > kMaxNameBytes) {
        return "a name is empty or longer than 512 bytes";
    }
    const auto releases = member(entry, "releases");
    if (!releases || !releases->is_object()) {
        return "no object \"releases\"";
    }
    advisory.id = id;
    advisory.feed = "debian-tracker";
    advisory.authority = model::Authority::Tracker;
    advisory.vulnerabilities = {advisory.id};
    advisory.summary = one_line(member_text(entry, "description"));
    for_each_member(*releases, [&](std::string_view codename, JsonValue release) {
        advisory.affected.push_back(read_release(source, codename, release, problem));
        add_severity(advisory, "label", urgency_label(member_text(release, "urgency")));
    });
    return {};
}

}  // namespace

Result<ParseCounts> parse_debian_tracker(
    const PaddedText& text, const ParseContext& context, Sink& sink) {
    THIMBLE_TRY(const JsonValue root, parse_json(text.view(), context));
    if (!root.is_object()) {
        return failure(
            ErrorKind::Corrupt,
            "feeds.not_this_feed",
            "not the tracker's JSON: the root is no object of source packages");
    }
    ParseCounts counts;
    for_each_member(root, [&](std::string_view source, JsonValue entries) {
        for_each_member(entries, [&](std::string_view id, JsonValue entry) {
            const std::string name = one_line(source, 64) + " " + one_line(id, 64);
            const auto quarantine = [&](const std::string& record, const std::string& reason) {
                sink.quarantine(record, reason);
                ++counts.quarantined;
            };
            model::Advisory advisory;
            const std::string problem = read_entry(
                source,
                id,
                entry,
                advisory,
                [&](std::string_view release, const std::string& reason) {
                    quarantine(name + " " + one_line(release, 40), reason);
                });
            if (!problem.empty()) {
                quarantine(name, problem);
                return;
            }
            ++counts.records;
            sink.advisory(std::move(advisory));
        });
    });
    return counts;
}

}  // namespace thimble::feeds
