#include "thimble/feeds/parse_epss.hpp"

#include "thimble/feeds/lines.hpp"
#include "thimble/feeds/record_text.hpp"

#include <charconv>
#include <cmath>
#include <string>

namespace thimble::feeds {
namespace {

constexpr std::uint32_t kMillion = 1'000'000;

/// "0.97929" as 979290; scientific notation ("9.7e-05") occurs in older files. Nothing outside 0..1.
std::optional<std::uint32_t> millionths(std::string_view text) {
    double value = 0;
    const char* begin = text.data();
    const char* end = begin + text.size();
    const auto [stop, error] = std::from_chars(begin, end, value);
    const bool is_probability = value >= 0.0 && value <= 1.0;  // which "nan" is not
    if (error != std::errc{} || stop != end || !is_probability) {
        return std::nullopt;
    }
    return static_cast<std::uint32_t>(std::lround(value * kMillion));
}

/// Cuts the next field off a line of comma-separated values without quotes.
std::string_view take_field(std::string_view& line) {
    const std::size_t comma = line.find(',');
    const std::string_view field = line.substr(0, comma);
    line.remove_prefix(comma == std::string_view::npos ? line.size() : comma + 1);
    return trimmed(field);
}

/// Who scored, and when.
struct Edition {
    std::string model;
    std::optional<Instant> scored;
};

void read_comment(std::string_view line, Edition& edition) {
    line.remove_prefix(1);
    while (!line.empty()) {
        const std::string_view field = take_field(line);
        const std::size_t colon = field.find(':');
        const std::string_view key = field.substr(0, colon);
        const std::string_view value =
            colon == std::string_view::npos ? std::string_view{} : field.substr(colon + 1);
        if (key == "model_version") {
            edition.model = value.substr(0, 64);
        } else if (key == "score_date") {
            edition.scored = date_or_none(value);
        }
    }
}

void read_score(std::string_view line, const Edition& edition, Sink& sink, ParseCounts& counts) {
    std::string_view rest = line;
    const std::string_view id = take_field(rest);
    const auto score = millionths(take_field(rest));
    const std::string_view rank = take_field(rest);
    const auto percentile = rank.empty() ? std::optional<std::uint32_t>(0) : millionths(rank);
    if (!is_cve_id(id) || !score || !percentile) {
        sink.quarantine(one_line(line, 64), "not \"CVE id,score,percentile\" with numbers in 0..1");
        ++counts.quarantined;
        return;
    }
    model::VulnerabilityFacts facts;
    facts.id = id;
    facts.feed = "epss";
    facts.epss =
        model::EpssScore{*score, *percentile, edition.scored.value_or(Instant{}), edition.model};
    ++counts.records;
    sink.facts(std::move(facts));
}

}  // namespace

Result<ParseCounts> parse_epss(const PaddedText& text, const ParseContext& context, Sink& sink) {
    Lines lines(text.view());
    Edition edition;
    auto line = lines.next();
    if (line && line->starts_with('#')) {
        read_comment(*line, edition);
        line = lines.next();
    }
    if (!line || !trimmed(*line).starts_with("cve,epss")) {
        return failure(
            ErrorKind::Corrupt, "feeds.not_this_feed", "not an EPSS file: no line \"cve,epss,…\"");
    }
    ParseCounts counts;
    counts.newest = edition.scored;
    while ((line = lines.next())) {
        if (line->size() > context.limits.max_line_bytes) {
            sink.quarantine("line " + std::to_string(lines.number()), "the line is too long");
            ++counts.quarantined;
        } else if (!trimmed(*line).empty()) {
            read_score(*line, edition, sink, counts);
        }
    }
    return counts;
}

}  // namespace thimble::feeds
