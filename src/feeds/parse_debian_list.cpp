#include "thimble/feeds/parse_debian_list.hpp"

#include "thimble/feeds/lines.hpp"
#include "thimble/feeds/record_text.hpp"
#include "thimble/model/debian_release.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <string>
#include <utility>

namespace thimble::feeds {
namespace {

using model::Claim;
using model::RangeEvent;

/// Cuts the next word off the front, with the blanks around it.
std::string_view take_word(std::string_view& text) {
    text = trimmed(text);
    const std::size_t end = std::min(text.find_first_of(" \t"), text.size());
    const std::string_view word = text.substr(0, end);
    text = trimmed(text.substr(end));
    return word;
}

/// The content of the bracket that `text` starts with, cut off its front.
std::optional<std::string_view> take_bracket(std::string_view& text, char open, char close) {
    const std::size_t end = text.find(close);
    if (!text.starts_with(open) || end == std::string_view::npos) {
        return std::nullopt;
    }
    const std::string_view content = text.substr(1, end - 1);
    text = trimmed(text.substr(end + 1));
    return trimmed(content);
}

std::optional<unsigned> number(std::string_view text) {
    unsigned value = 0;
    const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    const bool whole = error == std::errc{} && stop == text.data() + text.size();
    return whole ? std::optional<unsigned>(value) : std::nullopt;
}

/// "21 Aug 2026".
std::optional<Instant> list_date(std::string_view text) {
    constexpr std::array<std::string_view, 12> kMonths = {
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const auto day = number(take_word(text));
    const std::string_view name = take_word(text);
    const auto year = number(take_word(text));
    const auto* const month = std::ranges::find_if(
        kMonths, [name](std::string_view candidate) { return name.starts_with(candidate); });
    if (!day || !year || month == kMonths.end() || *year > 9999) {
        return std::nullopt;
    }
    const std::chrono::year_month_day date{
        std::chrono::year{static_cast<int>(*year)},
        std::chrono::month{static_cast<unsigned>(month - kMonths.begin()) + 1},
        std::chrono::day{*day}};
    return date.ok() ? std::optional<Instant>(std::chrono::sys_days{date}) : std::nullopt;
}

/// What stands where a version would: "<unfixed>".
std::optional<Claim> claim_of_tag(std::string_view tag) {
    if (tag == "<not-affected>") {
        return Claim::NotAffected;
    }
    if (tag == "<end-of-life>") {
        return Claim::EndOfLife;
    }
    if (tag == "<unfixed>" || tag == "<removed>" || tag == "<itp>") {
        return Claim::Affected;
    }
    if (tag == "<ignored>") {
        return Claim::WontFix;
    }
    if (tag == "<no-dsa>" || tag == "<postponed>") {
        return Claim::Postponed;
    }
    return tag == "<undetermined>" ? std::optional<Claim>(Claim::UnderInvestigation) : std::nullopt;
}

/// Fills claim and range from the word where the version stands.
bool read_version(std::string_view word, model::AffectedPackage& package) {
    model::VersionRange range{{{RangeEvent::Kind::Introduced, "0"}}};
    if (word.starts_with('<')) {
        const auto claim = claim_of_tag(word);
        if (!claim) {
            return false;
        }
        package.claim = *claim;
    } else if (!word.empty() && word.size() <= kMaxNameBytes) {
        range.events.push_back({RangeEvent::Kind::Fixed, std::string(word)});
    } else {
        return false;
    }
    if (package.claim != Claim::NotAffected) {
        package.ranges.push_back(std::move(range));
    }
    return true;
}

/// Reads one list, advisory by advisory.
class ListReader {
public:
    ListReader(std::string_view feed, std::string_view prefix, Sink& sink)
        : feed_(feed), prefix_(prefix), sink_(sink) {}

    void read_line(std::string_view line);
    /// Hands out the advisory that is open.
    void close();
    [[nodiscard]] const ParseCounts& counts() const { return counts_; }
    void quarantine(std::string_view record, std::string_view reason);

private:
    enum class State : std::uint8_t { BeforeFirst, Reading, Skipping };

    void open_advisory(std::string_view line);
    void read_detail(std::string_view line);
    void read_ids(std::string_view ids);
    bool read_package(std::string_view line);

    std::string_view feed_;
    std::string_view prefix_;  // "DSA-"
    Sink& sink_;
    ParseCounts counts_;
    model::Advisory advisory_;
    State state_ = State::BeforeFirst;
};

void ListReader::read_line(std::string_view line) {
    const std::string_view content = trimmed(line);
    if (content.empty()) {
        return;
    }
    if (line.front() == '[') {
        close();
        open_advisory(content);
    } else if (state_ == State::Reading) {
        read_detail(content);
    } else if (state_ == State::BeforeFirst && !content.starts_with("NOTE:")) {
        quarantine(one_line(content, 64), "the line stands before any advisory");
    }
}

void ListReader::open_advisory(std::string_view line) {
    const std::string_view whole = line;
    const auto date = take_bracket(line, '[', ']');
    const auto day = date ? list_date(*date) : std::nullopt;
    const std::string_view id = take_word(line);
    if (!day || !id.starts_with(prefix_) || id.size() > kMaxNameBytes || id == prefix_) {
        state_ = State::Skipping;
        quarantine(
            one_line(whole, 64), "not \"[day month year] " + std::string(prefix_) + "n package\"");
        return;
    }
    advisory_ = model::Advisory{};
    advisory_.id = id;
    advisory_.feed = feed_;
    advisory_.authority = model::Authority::Erratum;
    advisory_.published = day;
    advisory_.summary = one_line(line);
    counts_.saw(day);
    state_ = State::Reading;
}

void ListReader::read_detail(std::string_view line) {
    if (line.starts_with("NOTE:") || line.starts_with("TODO:")) {
        return;
    }
    if (line.starts_with('{')) {
        std::string_view rest = line;
        if (const auto ids = take_bracket(rest, '{', '}')) {
            read_ids(*ids);
            return;
        }
    } else if (read_package(line)) {
        return;
    }
    quarantine(
        advisory_.id,
        "a line is neither CVE ids nor \"[release] - package version\": " + one_line(line, 80));
}

void ListReader::read_ids(std::string_view ids) {
    while (!ids.empty()) {
        const std::string_view id = take_word(ids);
        if (is_cve_id(id) || id.starts_with("TEMP-")) {
            advisory_.vulnerabilities.emplace_back(id.substr(0, kMaxNameBytes));
        } else {
            quarantine(advisory_.id, "\"" + one_line(id, 40) + "\" is no CVE id");
        }
    }
}

bool ListReader::read_package(std::string_view line) {
    model::AffectedPackage package;
    package.ecosystem = model::debian_ecosystem("sid");
    if (line.starts_with('[')) {
        const auto codename = take_bracket(line, '[', ']');
        if (!codename || codename->empty() || codename->size() > kMaxNameBytes) {
            return false;
        }
        package.ecosystem = model::debian_ecosystem(*codename);
    }
    if (take_word(line) != "-") {
        return false;
    }
    const std::string_view name = take_word(line);
    if (name.empty() || name.size() > kMaxNameBytes || !read_version(take_word(line), package)) {
        return false;
    }
    package.name = name;
    advisory_.affected.push_back(std::move(package));
    return true;
}

void ListReader::close() {
    if (state_ != State::Reading) {
        return;
    }
    auto& ids = advisory_.vulnerabilities;
    std::ranges::sort(ids);
    ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
    if (ids.empty()) {
        ids.push_back(advisory_.id);
    }
    ++counts_.records;
    sink_.advisory(std::move(advisory_));
    state_ = State::Skipping;
}

void ListReader::quarantine(std::string_view record, std::string_view reason) {
    sink_.quarantine(record, reason);
    ++counts_.quarantined;
}

Result<ParseCounts> parse_list(
    const PaddedText& text, const ParseContext& context, ListReader reader) {
    Lines lines(text.view());
    while (const auto line = lines.next()) {
        if (line->size() > context.limits.max_line_bytes) {
            reader.quarantine("line " + std::to_string(lines.number()), "the line is too long");
        } else {
            reader.read_line(*line);
        }
    }
    reader.close();
    if (reader.counts().records == 0) {
        return failure(
            ErrorKind::Corrupt,
            "feeds.not_this_feed",
            "not a list of Debian advisories: no line opens one");
    }
    return reader.counts();
}

}  // namespace

Result<ParseCounts> parse_debian_dsa(
    const PaddedText& text, const ParseContext& context, Sink& sink) {
    return parse_list(text, context, ListReader("debian-dsa", "DSA-", sink));
}

Result<ParseCounts> parse_debian_dla(
    const PaddedText& text, const ParseContext& context, Sink& sink) {
    return parse_list(text, context, ListReader("debian-dla", "DLA-", sink));
}

}  // namespace thimble::feeds
