#include "thimble/feeds/parse_cve_record.hpp"

#include "thimble/feeds/json_access.hpp"
#include "thimble/feeds/record_text.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace thimble::feeds {
namespace {

using model::Automatable;
using model::Exploitation;
using model::SsvcPoints;
using model::TechnicalImpact;

/// Lower case without blanks and underscores: "Technical Impact" and "technicalImpact" are one key.
std::string folded(std::string_view text) {
    std::string out;
    for (const char c : text.substr(0, 64)) {
        if (c >= 'A' && c <= 'Z') {
            out += static_cast<char>(c - 'A' + 'a');
        } else if (c > ' ' && c != '_' && c != '-') {
            out += c;
        }
    }
    return out;
}

std::optional<Exploitation> exploitation_of(std::string_view choice) {
    if (choice == "none") {
        return Exploitation::None;
    }
    if (choice == "poc" || choice == "publicpoc") {
        return Exploitation::PublicPoc;
    }
    return choice == "active" ? std::optional(Exploitation::Active) : std::nullopt;
}

/// The point that the word names; nothing for any other word.
template <class Point>
std::optional<Point> one_of(
    std::string_view choice,
    std::pair<std::string_view, Point> first,
    std::pair<std::string_view, Point> second) {
    if (choice == first.first) {
        return first.second;
    }
    return choice == second.first ? std::optional(second.second) : std::nullopt;
}

/// A value that is not known leaves its point missing.
void read_option(std::string_view key, std::string_view value, SsvcPoints& points) {
    const std::string name = folded(key);
    const std::string choice = folded(value);
    if (name == "exploitation") {
        points.exploitation = exploitation_of(choice);
    } else if (name == "automatable") {
        points.automatable =
            one_of<Automatable>(choice, {"yes", Automatable::Yes}, {"no", Automatable::No});
    } else if (name == "technicalimpact") {
        points.impact = one_of<TechnicalImpact>(
            choice, {"total", TechnicalImpact::Total}, {"partial", TechnicalImpact::Partial});
    }
}

bool says_nothing(const SsvcPoints& points) {
    return !points.exploitation && !points.automatable && !points.impact;
}

/// One CVE record while it is read.
class CveRecord {
public:
    /// The reason why the record cannot be used; empty where it can.
    std::string read(JsonValue root, std::string_view feed);
    model::VulnerabilityFacts facts;
    std::optional<Instant> updated;

private:
    void read_container(JsonValue container);
    void read_description(JsonValue container);
    void read_metric(JsonValue metric, std::optional<Instant> container_updated);
    void read_other(JsonValue other, std::optional<Instant> container_updated);
    void read_ssvc(JsonValue content, std::optional<Instant> container_updated);
    void add_vector(std::string_view vector);

    bool known_exploited_ = false;
    std::optional<Instant> kev_added_;
};

std::string CveRecord::read(JsonValue root, std::string_view feed) {
    const auto metadata = member(root, "cveMetadata");
    const auto containers = member(root, "containers");
    if (!metadata || !containers) {
        return R"(not a CVE record: no "cveMetadata" or no "containers")";
    }
    const std::string_view id = trimmed(member_text(*metadata, "cveId"));
    if (!is_cve_id(id)) {
        return "cveId is missing or not a CVE id";
    }
    facts.id = id;
    facts.feed = feed;
    facts.rejected = folded(member_text(*metadata, "state")) == "rejected";
    facts.published = date_or_none(member_text(*metadata, "datePublished"));
    updated = date_or_none(member_text(*metadata, "dateUpdated"));
    if (const auto cna = member(*containers, "cna")) {
        facts.summary = one_line(member_text(*cna, "title"));
        read_container(*cna);
    }
    if (const auto adp = member(*containers, "adp")) {
        for_each_item(*adp, [this](JsonValue container) { read_container(container); });
    }
    if (known_exploited_) {
        if (!facts.ssvc) {
            facts.ssvc = SsvcPoints{};
            facts.ssvc->timestamp = kev_added_.value_or(updated.value_or(Instant{}));
        }
        facts.ssvc->exploitation = Exploitation::Active;
    }
    return {};
}

/// The first English description, where there is no title.
void CveRecord::read_description(JsonValue container) {
    const auto descriptions = member(container, "descriptions");
    if (!descriptions) {
        return;
    }
    for_each_item(*descriptions, [this](JsonValue description) {
        if (facts.summary.empty() && member_text(description, "lang").starts_with("en")) {
            facts.summary = one_line(member_text(description, "value"));
        }
    });
}

void CveRecord::read_container(JsonValue container) {
    const auto provider = member(container, "providerMetadata");
    const auto container_updated =
        provider ? date_or_none(member_text(*provider, "dateUpdated")) : std::nullopt;
    read_description(container);
    if (const auto metrics = member(container, "metrics")) {
        for_each_item(*metrics, [&](JsonValue metric) { read_metric(metric, container_updated); });
    }
}

void CveRecord::read_metric(JsonValue metric, std::optional<Instant> container_updated) {
    for_each_member(metric, [&](std::string_view key, JsonValue value) {
        if (key.starts_with("cvssV")) {
            add_vector(trimmed(member_text(value, "vectorString")));
        } else if (key == "other") {
            read_other(value, container_updated);
        }
    });
}

void CveRecord::read_other(JsonValue other, std::optional<Instant> container_updated) {
    const std::string type = folded(member_text(other, "type"));
    const auto content = member(other, "content");
    if (!content) {
        return;
    }
    if (type.starts_with("ssvc")) {
        read_ssvc(*content, container_updated);
    } else if (type == "kev") {
        known_exploited_ = true;
        kev_added_ = date_or_none(member_text(*content, "dateAdded"));
    }
}

void CveRecord::read_ssvc(JsonValue content, std::optional<Instant> container_updated) {
    SsvcPoints points;
    if (const auto options = member(content, "options")) {
        for_each_item(*options, [&](JsonValue option) {
            for_each_member(option, [&](std::string_view key, JsonValue value) {
                read_option(key, text_or_empty(value), points);
            });
        });
    }
    const auto stated = date_or_none(member_text(content, "timestamp"));
    points.timestamp = stated.value_or(container_updated.value_or(Instant{}));
    if (!says_nothing(points) && (!facts.ssvc || facts.ssvc->timestamp <= points.timestamp)) {
        facts.ssvc = points;
    }
}

void CveRecord::add_vector(std::string_view vector) {
    auto& vectors = facts.cvss_vectors;
    if (!vector.empty() && vector.size() <= kMaxNameBytes && vectors.size() < 16
        && std::ranges::find(vectors, vector) == vectors.end()) {
        vectors.emplace_back(vector);
    }
}

}  // namespace

Result<ParseCounts> parse_cve_record(
    const PaddedText& text, const ParseContext& context, Sink& sink) {
    ParseCounts counts;
    CveRecord record;
    const auto root = parse_json(text.view(), context);
    const std::string problem = root ? record.read(*root, "vulnrichment") : root.error().message;
    if (!problem.empty()) {
        sink.quarantine(context.name, problem);
        ++counts.quarantined;
        return counts;
    }
    counts.saw(record.updated ? record.updated : record.facts.published);
    ++counts.records;
    sink.facts(std::move(record.facts));
    return counts;
}

}  // namespace thimble::feeds
