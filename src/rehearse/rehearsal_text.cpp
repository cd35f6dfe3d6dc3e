#include "thimble/base/counted.hpp"
#include "thimble/base/instant.hpp"
#include "thimble/base/lines.hpp"
#include "thimble/base/terminal_lines.hpp"
#include "thimble/base/utf8.hpp"
#include "thimble/rehearse/rehearsal.hpp"
#include "thimble/rehearse/rehearsal_file.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace thimble::rehearse {
namespace {

constexpr std::size_t kColumns = kTerminalColumns;
constexpr std::size_t kNameColumns = 24;
constexpr std::size_t kIndent = 8 + kNameColumns + 1;
constexpr std::size_t kShownLines = 12;
constexpr std::size_t kHalf = 36;

std::string cut(std::string_view text, std::size_t columns) {
    std::string out;
    std::size_t used = 0;
    while (!text.empty() && used < columns) {
        const std::size_t length = std::max<std::size_t>(utf8_sequence_length(text), 1);
        out += text.substr(0, length);
        text.remove_prefix(std::min(length, text.size()));
        ++used;
    }
    if (!text.empty() && columns >= 3) {
        while (used > columns - 3) {
            out.pop_back();
            used = columns_of(out);
        }
        out += "...";
    }
    return out;
}

std::string padded(std::string text, std::size_t columns) {
    text.append(columns - std::min(columns, columns_of(text)), ' ');
    return text;
}

std::vector<std::string> lines_of(std::string_view text) {
    std::vector<std::string> all;
    Lines lines(text);
    for (std::string_view line; lines.next(line);) {
        all.push_back(printable(line));
    }
    return all;
}

void add_side_by_side(std::string& out, const Check& check) {
    const std::vector<std::string> before = lines_of(check.before);
    const std::vector<std::string> after = lines_of(check.after);
    const std::size_t all = std::max(before.size(), after.size());
    if (all == 0 || check.before == check.after) {
        return;
    }
    out += "        " + padded("before", kHalf) + "after\n";
    for (std::size_t at = 0; at < std::min(all, kShownLines); ++at) {
        const std::string left = at < before.size() ? cut(before[at], kHalf - 2) : "";
        const std::string right = at < after.size() ? cut(after[at], kHalf) : "";
        out += "        " + (right.empty() ? left : padded(left, kHalf) + right) + "\n";
    }
    if (all > kShownLines) {
        out += "        and " + counted(all - kShownLines, "more line") + "\n";
    }
}

void add_check(std::string& out, const Check& check) {
    const bool passed = check.verdict == CheckVerdict::Pass;
    std::string verdict(check_verdict_name(check.verdict));
    if (check.verdict == CheckVerdict::Fail) {
        verdict = "FAIL";
    }
    // A name that is too long has a line for itself.
    const std::string name = cut(printable(check.name), kColumns - 8);
    std::string prefix = "  " + verdict + "  " + padded(name, kNameColumns) + " ";
    if (columns_of(name) > kNameColumns) {
        out += "  " + verdict + "  " + name + "\n";
        prefix.assign(kIndent, ' ');
    }
    out += wrapped_text(
        check.summary,
        {.first = prefix, .further = std::string(kIndent, ' '), .long_word = LongWord::Cut});
    if (passed) {
        return;
    }
    add_side_by_side(out, check);
    const std::size_t shown = std::min(check.evidence.size(), kShownEvidence);
    for (std::size_t at = 0; at < shown; ++at) {
        out += "        - " + cut(printable(check.evidence[at]), kColumns - 10) + "\n";
    }
    if (check.evidence.size() > shown) {
        out += "        - and " + std::to_string(check.evidence.size() - shown) + " more\n";
    }
}

std::string size_text(std::uint64_t bytes) {
    if (bytes >= (std::uint64_t{10} << 20)) {
        return std::to_string(bytes >> 20) + " MiB";
    }
    return std::to_string((bytes + 1023) >> 10) + " KiB";
}

std::string seconds_text(std::int64_t milliseconds) {
    return std::to_string(milliseconds / 1000) + "." + std::to_string(milliseconds % 1000 / 100)
        + " s";
}

void add_lines(std::string& out, const std::string& text) {
    out += wrapped_text(text, {.long_word = LongWord::Cut});
}

std::string joined(const std::vector<std::string>& words) {
    std::string text;
    for (const std::string& word : words) {
        text += (text.empty() ? "" : ", ") + word;
    }
    return text;
}

}  // namespace

std::string rehearsal_text(const Rehearsal& rehearsal) {
    const std::string verdict(check_verdict_name(rehearsal.verdict));
    std::string out = "Rehearsal in a " + cut(printable(rehearsal.clone), 40) + ": "
        + (rehearsal.verdict == CheckVerdict::Fail ? "FAIL" : verdict) + "\n";
    out += "plan " + cut(printable(rehearsal.plan_digest), 16) + ", "
        + format_instant(rehearsal.rehearsed_at) + "\n\n";
    for (const Check& check : rehearsal.checks) {
        add_check(out, check);
    }
    std::vector<std::string> times;
    times.reserve(rehearsal.phases.size());
    for (const Phase& phase : rehearsal.phases) {
        times.push_back(phase.name + " " + seconds_text(phase.duration.count()));
    }
    out += "\n";
    add_lines(
        out,
        "The clone took " + size_text(rehearsal.clone_bytes) + ". Time: " + joined(times) + ".");
    if (!rehearsal.process_limit.empty()) {
        add_lines(out, "It could have " + printable(rehearsal.process_limit) + ".");
    }
    if (!rehearsal.left_out.empty()) {
        add_lines(out, "Not in the clone: " + joined(rehearsal.left_out) + ".");
    }
    return out;
}

}  // namespace thimble::rehearse
