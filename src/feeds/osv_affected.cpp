#include "thimble/feeds/osv_affected.hpp"

#include "thimble/feeds/record_text.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace thimble::feeds {

using model::Claim;
using model::RangeEvent;
using model::VersionRange;

/// One entry while it is read: what decides its claim is spread over it.
struct OsvAffectedReader::Entry {
    model::AffectedPackage package;
    std::vector<VersionRange> custom_ranges;
    std::string_view last_known;  ///< "<= 1.2.3"
    bool end_of_life = false;
    bool never_affected = false;  ///< a range said `fixed: "0"`
    VersionRange range;           ///< the one being read
};

namespace {

bool has_bound(const VersionRange& range) {
    return std::ranges::any_of(range.events, [](const RangeEvent& event) {
        return event.kind != RangeEvent::Kind::Introduced;
    });
}

bool has_start(const VersionRange& range) {
    return std::ranges::any_of(range.events, [](const RangeEvent& event) {
        return event.kind == RangeEvent::Kind::Introduced;
    });
}

/// Whether the range covers every version there is.
bool covers_everything(const VersionRange& range) {
    return !has_bound(range) && std::ranges::any_of(range.events, [](const RangeEvent& event) {
        return event.version == "0";
    });
}

std::optional<RangeEvent::Kind> event_kind(std::string_view key) {
    if (key == "introduced") {
        return RangeEvent::Kind::Introduced;
    }
    if (key == "fixed") {
        return RangeEvent::Kind::Fixed;
    }
    if (key == "last_affected") {
        return RangeEvent::Kind::LastAffected;
    }
    if (key == "limit") {
        return RangeEvent::Kind::Limit;
    }
    return std::nullopt;
}

/// "<= 1.2" ends with 1.2, "< 1.2" ends before it; 1.2 is not called a fix by that.
std::optional<RangeEvent> last_known_event(std::string_view text) {
    const bool inclusive = text.starts_with("<=");
    if (!inclusive && !text.starts_with('<')) {
        return std::nullopt;
    }
    const std::string_view version = trimmed(text.substr(inclusive ? 2 : 1));
    if (version.empty() || version.find_first_of(" ,<>=") != std::string_view::npos) {
        return std::nullopt;
    }
    return RangeEvent{
        inclusive ? RangeEvent::Kind::LastAffected : RangeEvent::Kind::Limit, std::string(version)};
}

}  // namespace

void OsvAffectedReader::wrong(std::string problem) {
    if (problem_.empty()) {
        problem_ = std::move(problem);
    }
}

void OsvAffectedReader::read(JsonValue affected) {
    if (!affected.is_array() && !affected.is_null()) {
        wrong("\"affected\" is not an array");
    }
    for_each_item(affected, [this](JsonValue entry) { read_entry(entry); });
}

void OsvAffectedReader::read_entry(JsonValue value) {
    const auto package = member(value, "package");
    if (!package || package->is_null()) {
        return;  // a GIT entry: it names a repository, not a package
    }
    Entry entry;
    if (!read_package(*package, entry.package)) {
        return;
    }
    for_each_member(value, [&](std::string_view key, JsonValue part) {
        if (key == "ranges") {
            read_ranges(part, entry);
        } else if (key == "versions") {
            read_versions(part, entry);
        } else if (key == "severity") {
            read_severities(part, advisory_);
        } else if (key == "database_specific") {
            entry.last_known = member_text(part, "last_known_affected_version_range");
        } else if (key == "ecosystem_specific") {
            const std::string_view urgency = member_text(part, "urgency");
            entry.end_of_life = entry.end_of_life || urgency == "end-of-life";
            entry.package.unimportant = entry.package.unimportant || is_unimportant(urgency);
            add_severity(advisory_, "label", urgency_label(urgency));
        }
    });
    const auto specific = member(value, "ecosystem_specific");
    if (const auto custom = specific ? member(*specific, "custom_ranges") : std::nullopt) {
        std::swap(entry.package.ranges, entry.custom_ranges);
        read_ranges(*custom, entry);
        std::swap(entry.package.ranges, entry.custom_ranges);
    }
    finish(entry);
}

bool OsvAffectedReader::read_package(JsonValue package, model::AffectedPackage& out) {
    const std::string_view ecosystem = trimmed(member_text(package, "ecosystem"));
    const std::string_view name = trimmed(member_text(package, "name"));
    if (ecosystem.empty() || name.empty()) {
        wrong("an affected package has no name or no ecosystem");
        return false;
    }
    if (ecosystem.size() > kMaxNameBytes || name.size() > kMaxNameBytes) {
        wrong("an affected package has a name of more than 512 bytes");
        return false;
    }
    out.ecosystem = ecosystem;
    out.name = name;
    return true;
}

void OsvAffectedReader::read_ranges(JsonValue ranges, Entry& entry) {
    if (!ranges.is_array() && !ranges.is_null()) {
        wrong("\"ranges\" is not an array");
    }
    for_each_item(ranges, [&](JsonValue range) { read_range(range, entry); });
}

void OsvAffectedReader::read_range(JsonValue range, Entry& entry) {
    const std::string_view type = member_text(range, "type");
    if (type == "GIT") {
        return;
    }
    if (type != "SEMVER" && type != "ECOSYSTEM") {
        wrong("a range is of the unknown type \"" + one_line(type, 40) + "\"");
        return;
    }
    entry.range = VersionRange{};
    bool never = false;
    if (const auto events = member(range, "events")) {
        for_each_item(*events, [&](JsonValue event) {
            for_each_member(event, [&](std::string_view key, JsonValue version) {
                never = never || (key == "fixed" && text_or_empty(version) == "0");
                read_event(key, version, entry);
            });
        });
    }
    if (!has_start(entry.range)) {
        wrong("a range has no \"introduced\" event");
        return;
    }
    if (never && entry.range.events.size() <= 2) {
        entry.never_affected = true;
        return;
    }
    // Among other events a fix "below every version" ends nothing.
    std::erase_if(entry.range.events, [](const RangeEvent& event) {
        return event.kind == RangeEvent::Kind::Fixed && event.version == "0";
    });
    entry.package.ranges.push_back(std::move(entry.range));
}

void OsvAffectedReader::read_event(std::string_view key, JsonValue version, Entry& entry) {
    const auto kind = event_kind(key);
    if (!kind) {
        return;
    }
    const auto text = as_text(version);
    if (!text || text->empty() || text->size() > kMaxNameBytes) {
        wrong("an event \"" + std::string(key) + "\" has no usable version");
        return;
    }
    if (*text == "<end-of-life>") {
        entry.end_of_life = true;
    } else if (*text != "<unfixed>" && (*kind != RangeEvent::Kind::Limit || *text != "*")) {
        entry.range.events.push_back(RangeEvent{*kind, std::string(*text)});
    }
}

void OsvAffectedReader::read_versions(JsonValue versions, Entry& entry) {
    simdjson::dom::array array;
    if (versions.get_array().get(array) != simdjson::SUCCESS) {
        if (!versions.is_null()) {
            wrong("\"versions\" is not an array");
        }
        return;
    }
    entry.package.versions.reserve(array.size());
    for (const JsonValue item : array) {
        const auto text = as_text(item);
        if (!text || text->empty() || text->size() > kMaxNameBytes) {
            wrong("\"versions\" has an item that is no usable version");
            return;
        }
        entry.package.versions.emplace_back(*text);
    }
}

void OsvAffectedReader::finish(Entry& entry) {
    auto& ranges = entry.package.ranges;
    if (!entry.custom_ranges.empty()) {
        // Go writes "everything" where its own version numbers cannot say what custom_ranges do.
        if (ranges.size() == 1 && covers_everything(ranges.front())) {
            ranges.clear();
        }
        std::ranges::move(entry.custom_ranges, std::back_inserter(ranges));
    }
    if (ranges.size() == 1 && !has_bound(ranges.front())) {
        if (auto last = last_known_event(entry.last_known)) {
            ranges.front().events.push_back(*std::move(last));
        }
    }
    if (entry.never_affected && ranges.empty()) {
        entry.package.claim = Claim::NotAffected;
        entry.package.versions.clear();
    } else if (entry.end_of_life) {
        entry.package.claim = Claim::EndOfLife;
    }
    if (std::ranges::any_of(ranges, covers_everything)) {
        entry.package.versions.clear();
    }
    advisory_.affected.push_back(std::move(entry.package));
}

std::string_view urgency_label(std::string_view urgency) {
    const std::string_view label = trimmed(urgency.substr(0, urgency.find('*')));
    return label == "not yet assigned" ? std::string_view{} : label;
}

bool is_unimportant(std::string_view urgency) {
    return urgency_label(urgency) == "unimportant";
}

void add_severity(model::Advisory& advisory, std::string_view type, std::string_view score) {
    if (score.empty() || type.empty() || score.size() > kMaxNameBytes) {
        return;
    }
    const bool known =
        std::ranges::any_of(advisory.severities, [&](const model::SeverityClaim& claim) {
            return claim.type == type && claim.score == score;
        });
    if (!known && advisory.severities.size() < 32) {
        advisory.severities.push_back({std::string(type), std::string(score)});
    }
}

void read_severities(JsonValue severities, model::Advisory& advisory) {
    for_each_item(severities, [&](JsonValue severity) {
        add_severity(advisory, member_text(severity, "type"), member_text(severity, "score"));
    });
}

}  // namespace thimble::feeds
