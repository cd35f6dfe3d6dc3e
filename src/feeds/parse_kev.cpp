#include "thimble/feeds/parse_kev.hpp"

#include "thimble/feeds/json_access.hpp"
#include "thimble/feeds/record_text.hpp"

#include <string>

namespace thimble::feeds {
namespace {

bool says_known(std::string_view text) {
    const std::string_view word = trimmed(text);
    return word == "Known" || word == "known" || word == "KNOWN";
}

void read_entry(JsonValue entry, const ParseContext& context, Sink& sink, ParseCounts& counts) {
    const std::string_view id = trimmed(member_text(entry, "cveID"));
    const auto added = date_or_none(member_text(entry, "dateAdded"));
    if (!is_cve_id(id) || !added) {
        sink.quarantine(
            id.empty() ? context.name : id.substr(0, 64),
            is_cve_id(id) ? "dateAdded is missing or not a date" : "cveID is not a CVE id");
        ++counts.quarantined;
        return;
    }
    model::VulnerabilityFacts facts;
    facts.id = id;
    facts.feed = "kev";
    facts.summary = one_line(member_text(entry, "shortDescription"));
    facts.kev = model::KevEntry{
        *added,
        date_or_none(member_text(entry, "dueDate")),
        one_line(member_text(entry, "vulnerabilityName")),
        says_known(member_text(entry, "knownRansomwareCampaignUse")),
    };
    counts.saw(added);
    ++counts.records;
    sink.facts(std::move(facts));
}

}  // namespace

Result<ParseCounts> parse_kev(const PaddedText& text, const ParseContext& context, Sink& sink) {
    THIMBLE_TRY(const JsonValue root, parse_json(text.view(), context));
    const auto entries = member(root, "vulnerabilities");
    if (!entries || !entries->is_array()) {
        return failure(
            ErrorKind::Corrupt,
            "feeds.not_this_feed",
            "not a KEV catalog: no array \"vulnerabilities\"");
    }
    ParseCounts counts;
    for_each_item(*entries, [&](JsonValue entry) { read_entry(entry, context, sink, counts); });
    if (const auto released = date_or_none(member_text(root, "dateReleased"))) {
        counts.newest = released;
    }
    return counts;
}

}  // namespace thimble::feeds
