#include "thimble/feeds/parse_osv.hpp"

#include "thimble/feeds/json_access.hpp"
#include "thimble/feeds/module_stream.hpp"
#include "thimble/feeds/osv_affected.hpp"
#include "thimble/feeds/record_text.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

namespace thimble::feeds {
namespace {

using model::Advisory;
using model::Authority;

constexpr std::array<std::string_view, 3> kTrackers = {"DEBIAN-CVE-", "UBUNTU-CVE-", "ALPINE-CVE-"};

constexpr std::array<std::string_view, 25> kErrata = {
    "DSA-",  "DLA-",  "DTSA-", "USN-",  "LSN-",  "ALSA-",   "ALBA-",     "ALEA-", "RLSA-",
    "RLBA-", "RLEA-", "RXSA-", "RHSA-", "RHBA-", "RHEA-",   "ELSA-",     "ELBA-", "ELEA-",
    "SUSE-", "ALAS-", "ALAS2", "MGASA", "OESA-", "FEDORA-", "openSUSE-",
};

// Bug fixes and enhancements.
constexpr std::array<std::string_view, 11> kNotSecurity = {
    "ALBA-",
    "ALEA-",
    "RLBA-",
    "RLEA-",
    "RHBA-",
    "RHEA-",
    "ELBA-",
    "ELEA-",
    "SUSE-RU-",
    "SUSE-FU-",
    "SUSE-OU-",
};

template <std::size_t N>
bool starts_with_any(std::string_view id, const std::array<std::string_view, N>& prefixes) {
    return std::ranges::any_of(
        prefixes, [id](std::string_view prefix) { return id.starts_with(prefix); });
}

/// Puts the CVE ids into `cves` and every other id into `others`, if given.
void collect_ids(JsonValue list, std::vector<std::string>& cves, std::vector<std::string>* others) {
    for_each_item(list, [&](JsonValue item) {
        const std::string_view id = text_or_empty(item);
        const std::string_view cve = cve_of(id);
        if (!cve.empty()) {
            cves.emplace_back(cve);
        } else if (others && !id.empty() && id.size() <= kMaxNameBytes) {
            others->emplace_back(id);
        }
    });
}

void sort_unique(std::vector<std::string>& ids) {
    std::ranges::sort(ids);
    ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
}

/// One record while it is read.
class OsvRecord {
public:
    /// The reason why the record cannot be used; empty where it can, and `advisory()` has it.
    std::string read(JsonValue root);
    Advisory& advisory() { return advisory_; }

private:
    void read_member(std::string_view key, JsonValue value);
    void read_withdrawn(JsonValue value);
    void name_vulnerabilities();

    Advisory advisory_;
    std::vector<std::string> related_;
    std::string_view details_;
    std::string problem_;
};

std::string OsvRecord::read(JsonValue root) {
    if (!root.is_object()) {
        return "not a JSON object";
    }
    const std::string_view id = trimmed(member_text(root, "id"));
    if (id.empty()) {
        return "the record has no id";
    }
    if (id.size() > kMaxNameBytes) {
        return "the id has more than 512 bytes";
    }
    advisory_.id = id;
    advisory_.feed = "osv";
    advisory_.authority = osv_authority(id);
    for_each_member(
        root, [this](std::string_view key, JsonValue value) { read_member(key, value); });
    if (!problem_.empty()) {
        return problem_;
    }
    if (advisory_.summary.empty()) {
        advisory_.summary = one_line(details_);
    }
    name_vulnerabilities();
    assign_module_streams(advisory_);
    return {};
}

void OsvRecord::read_member(std::string_view key, JsonValue value) {
    if (key == "affected") {
        OsvAffectedReader reader(advisory_);
        reader.read(value);
        problem_ = problem_.empty() ? reader.problem() : problem_;
    } else if (key == "aliases") {
        collect_ids(value, advisory_.vulnerabilities, &advisory_.aliases);
    } else if (key == "upstream") {
        collect_ids(value, advisory_.vulnerabilities, nullptr);
    } else if (key == "related") {
        collect_ids(value, related_, nullptr);
    } else if (key == "summary") {
        advisory_.summary = one_line(text_or_empty(value));
    } else if (key == "details") {
        details_ = text_or_empty(value);
    } else if (key == "published") {
        advisory_.published = date_or_none(text_or_empty(value));
    } else if (key == "modified") {
        advisory_.modified = date_or_none(text_or_empty(value));
    } else if (key == "withdrawn") {
        read_withdrawn(value);
    } else if (key == "severity") {
        read_severities(value, advisory_);
    } else if (key == "database_specific") {
        add_severity(advisory_, "label", member_text(value, "severity"));
    }
}

void OsvRecord::read_withdrawn(JsonValue value) {
    const std::string_view text = text_or_empty(value);
    if (value.is_null() || text.empty()) {
        return;
    }
    advisory_.withdrawn = date_or_none(text);
    if (!advisory_.withdrawn && problem_.empty()) {
        // Neither "in force" nor "withdrawn" may be guessed.
        problem_ = "\"withdrawn\" is not a date: " + one_line(text, 40);
    }
}

void OsvRecord::name_vulnerabilities() {
    auto& ids = advisory_.vulnerabilities;
    if (const std::string_view own = cve_of(advisory_.id); !own.empty()) {
        ids.emplace_back(own);
    }
    if (ids.empty() && advisory_.authority == Authority::Erratum) {
        ids = std::move(related_);
    }
    sort_unique(ids);
    sort_unique(advisory_.aliases);
    // An erratum of the bug-fix kind that names a CVE closes it all the same (ALBA-2021:4604).
    advisory_.security = !ids.empty() || !starts_with_any(advisory_.id, kNotSecurity);
    if (ids.empty()) {
        ids.push_back(advisory_.id);
    }
}

void read_record(JsonValue root, const ParseContext& context, Sink& sink, ParseCounts& counts) {
    OsvRecord record;
    const std::string problem = record.read(root);
    Advisory& advisory = record.advisory();
    if (!problem.empty()) {
        sink.quarantine(advisory.id.empty() ? context.name : advisory.id, problem);
        ++counts.quarantined;
        return;
    }
    counts.saw(advisory.modified ? advisory.modified : advisory.published);
    ++counts.records;
    sink.advisory(std::move(advisory));
}

}  // namespace

model::Authority osv_authority(std::string_view id) {
    if (starts_with_any(id, kTrackers)) {
        return Authority::Tracker;
    }
    return starts_with_any(id, kErrata) ? Authority::Erratum : Authority::Database;
}

Result<ParseCounts> parse_osv(const PaddedText& text, const ParseContext& context, Sink& sink) {
    ParseCounts counts;
    const auto root = parse_json(text.view(), context);
    if (!root) {
        sink.quarantine(context.name, root.error().message);
        ++counts.quarantined;
        return counts;
    }
    if (root->is_array()) {
        for_each_item(*root, [&](JsonValue item) { read_record(item, context, sink, counts); });
    } else {
        read_record(*root, context, sink, counts);
    }
    return counts;
}

}  // namespace thimble::feeds
