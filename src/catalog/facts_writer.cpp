#include "thimble/catalog/facts_writer.hpp"

#include "thimble/model/cvss.hpp"

#include <algorithm>
#include <array>
#include <tuple>

namespace thimble::catalog {
namespace {

/// The vector that speaks for the vulnerability: the newest version of CVSS, then the higher score.
void put_cvss(format::Fact& record, const CollectedFacts& facts, StringPoolWriter& strings) {
    for (const std::string& vector : facts.cvss_vectors) {
        const auto cvss = model::parse_cvss(vector);
        if (!cvss) {
            continue;
        }
        if (std::tuple{cvss->version, cvss->score_tenths}
                > std::tuple{record.cvss_version, record.cvss_tenths}
            || record.cvss_version == 0) {
            record.cvss_version = cvss->version;
            record.cvss_tenths = cvss->score_tenths;
            record.severity = static_cast<std::uint8_t>(cvss->severity);
            record.cvss_vector = strings.offset_of(vector);
        }
    }
}

/// What vendors say in words, when there is no vector.
model::Severity severity_of_label(std::string_view label) {
    struct Word {
        std::string_view word;
        model::Severity severity;
    };
    using model::Severity;
    static constexpr std::array<Word, 9> kWords{{
        {"negligible", Severity::Low},
        {"unimportant", Severity::Low},
        {"low", Severity::Low},
        {"medium", Severity::Medium},
        {"moderate", Severity::Medium},
        {"high", Severity::High},
        {"important", Severity::High},
        {"critical", Severity::Critical},
        {"untriaged", Severity::Unknown},
    }};
    const auto* at = std::find_if(
        kWords.begin(), kWords.end(), [label](const Word& row) { return row.word == label; });
    return at == kWords.end() ? Severity::Unknown : at->severity;
}

void put_severity_labels(format::Fact& record, const CollectedFacts& facts) {
    if (record.cvss_version != 0) {
        return;
    }
    for (const std::string& label : facts.labels) {
        record.severity =
            std::max(record.severity, static_cast<std::uint8_t>(severity_of_label(label)));
    }
}

template <class T>
std::uint8_t one_up(const std::optional<T>& value) {
    return value ? static_cast<std::uint8_t>(static_cast<std::uint8_t>(*value) + 1U)
                 : std::uint8_t{0};
}

void put_exploitation(
    format::Fact& record, const CollectedFacts& facts, StringPoolWriter& strings) {
    if (facts.kev) {
        record.flags = static_cast<std::uint8_t>(record.flags | format::kKev);
        if (facts.kev->ransomware) {
            record.flags = static_cast<std::uint8_t>(record.flags | format::kRansomware);
        }
        record.kev_added_day = day_of(facts.kev->added);
        record.kev_due_day = day_of(facts.kev->due);
        record.kev_name = strings.offset_of(facts.kev->name);
    }
    if (facts.epss) {
        record.epss_millionths = facts.epss->score_millionths;
        record.epss_percentile_millionths = facts.epss->percentile_millionths;
        record.epss_day = day_of(facts.epss->scored);
        record.epss_model = strings.offset_of(facts.epss->model);
    }
    if (facts.ssvc) {
        record.exploitation = one_up(facts.ssvc->exploitation);
        record.automatable = one_up(facts.ssvc->automatable);
        record.impact = one_up(facts.ssvc->impact);
        record.ssvc_day = day_of(facts.ssvc->timestamp);
    }
}

}  // namespace

void append_fact(
    FactRecords& records,
    const Collection& collection,
    std::uint32_t number,
    StringPoolWriter& strings,
    StringPoolWriter& text) {
    const CollectedFacts& facts = collection.facts[number];
    format::Fact record{};
    record.id = strings.offset_of(collection.fact_ids[number]);
    record.summary = text.offset_of(collection.strings.text(facts.summary));
    record.published_day = facts.published_day;
    record.kev_added_day = record.kev_due_day = record.epss_day = record.ssvc_day = format::kNoDay;
    record.flags = facts.rejected ? format::kRejected : std::uint8_t{0};
    put_exploitation(record, facts, strings);
    put_cvss(record, facts, strings);
    put_severity_labels(record, facts);
    record.first_exploit = static_cast<std::uint32_t>(records.exploits.size());
    record.exploit_count = static_cast<std::uint32_t>(facts.exploits.size());
    for (const auto& [source, reference] : facts.exploits) {
        records.exploits.push_back(
            {strings.offset_of(collection.strings.text(source)),
             strings.offset_of(collection.strings.text(reference))});
    }
    records.facts.push_back(record);
}

}  // namespace thimble::catalog
