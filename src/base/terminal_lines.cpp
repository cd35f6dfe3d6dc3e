#include "thimble/base/terminal_lines.hpp"

#include "thimble/base/lines.hpp"
#include "thimble/base/utf8.hpp"

#include <algorithm>

namespace thimble {
namespace {

bool is_continued(char byte) {
    return (static_cast<unsigned char>(byte) & 0xC0U) == 0x80U;
}

std::size_t columns_at(std::string_view text) {
    constexpr std::size_t kMaybeWide = 3;
    return std::max<std::size_t>(utf8_sequence_length(text), 1) >= kMaybeWide ? 2 : 1;
}

std::string cut(std::string word, std::size_t columns) {
    if (columns_of(word) <= columns) {
        return word;
    }
    while (!word.empty() && columns_of(word) + 1 > columns) {
        while (is_continued(word.back())) {
            word.pop_back();
        }
        word.pop_back();
    }
    return word + "~";
}

/// Where what follows the first line of a broken one begins.
std::size_t indent_of(std::string_view line, std::size_t columns) {
    constexpr std::size_t kIndent = 4;
    const std::size_t begin = std::min(line.find_first_not_of(' '), line.size());
    const std::size_t gap = line.find("  ", begin);
    const std::size_t beyond =
        gap == std::string_view::npos ? gap : line.find_first_not_of(' ', gap);
    const std::size_t column = begin > kIndent ? begin : beyond;
    return column <= columns / 2 ? column : kIndent;
}

/// Where a word ends that begins with a quote and is one to a shell, whatever blanks are in it. An apostrophe of prose begins no word, or
/// nothing ends it.
/// @return `begin`: no such word begins there
std::size_t end_of_quoted(std::string_view text, std::size_t begin) {
    constexpr std::string_view kBefore = " `=";
    const bool is_begin = begin == 0 || kBefore.contains(text[begin - 1]);
    if (text[begin] != '\'' || !is_begin) {
        return begin;
    }
    bool is_quoted = false;
    for (std::size_t at = begin; at < text.size(); ++at) {
        if (text[at] == '\n' || (text[at] == ' ' && !is_quoted)) {
            return is_quoted ? begin : at;
        }
        is_quoted = is_quoted != (text[at] == '\'');
        at += text[at] == '\\' && !is_quoted ? 1 : 0;
    }
    return is_quoted ? begin : text.size();
}

/// The last blank within the columns, else the first one after them.
std::size_t break_of(std::string_view line, std::size_t from, std::size_t columns) {
    std::size_t found = std::string_view::npos;
    std::size_t used = 0;
    std::size_t quoted = 0;  // up to there, no line is broken
    for (std::size_t at = 0; at < line.size(); ++at) {
        quoted = std::max(quoted, end_of_quoted(line, at));
        if (line[at] == ' ' && at > from && at >= quoted) {
            if (used > columns) {
                return found == std::string_view::npos ? at : found;
            }
            found = at;
        }
        used += is_continued(line[at]) ? 0 : columns_at(line.substr(at));
    }
    return used > columns ? found : std::string_view::npos;
}

void add_narrowed(std::string& out, std::string_view line, std::size_t columns) {
    const std::string indent(indent_of(line, columns), ' ');
    std::string rest(line);
    for (;;) {
        const std::size_t begin = std::min(rest.find_first_not_of(' '), rest.size());
        const std::size_t end = break_of(rest, begin, columns);
        if (columns_of(rest) <= columns || end == std::string::npos) {
            out += rest + "\n";
            return;
        }
        out += rest.substr(0, rest.find_last_not_of(' ', end) + 1) + "\n";
        const std::size_t next = rest.find_first_not_of(' ', end);
        if (next == std::string::npos) {
            return;
        }
        rest.replace(0, next, indent);
    }
}

}  // namespace

std::size_t columns_of(std::string_view text) {
    std::size_t columns = 0;
    for (std::size_t at = 0; at < text.size(); ++at) {
        columns += is_continued(text[at]) ? 0 : columns_at(text.substr(at));
    }
    return columns;
}

std::vector<std::string> wrapped_lines(std::string_view text, const LineFrame& frame) {
    std::vector<std::string> lines;
    std::string line(frame.first);
    bool is_begun = false;  // a word is in the line
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t begin = at;
        at = frame.long_word == LongWord::Whole ? end_of_quoted(text, begin) : begin;
        at = std::min(text.find(' ', at), text.size());
        std::string word = printable(text.substr(begin, at - begin));
        at += 1;
        if (word.empty()) {
            continue;
        }
        if (frame.long_word == LongWord::Cut) {
            const std::size_t before = std::max(columns_of(frame.first), columns_of(frame.further));
            word = cut(std::move(word), frame.columns - std::min(frame.columns, before));
        }
        if (is_begun && columns_of(line) + 1 + columns_of(word) > frame.columns) {
            lines.push_back(std::move(line));
            line = frame.further;
            is_begun = false;
        }
        line += (is_begun ? " " : "") + word;
        is_begun = true;
    }
    lines.push_back(std::move(line));
    return lines;
}

std::string wrapped_text(std::string_view text, const LineFrame& frame) {
    std::string out;
    for (const std::string& line : wrapped_lines(text, frame)) {
        out += line + "\n";
    }
    return out;
}

std::string spoken(std::string_view code) {
    std::string words(code);
    std::ranges::replace(words, '_', ' ');
    return words;
}

std::string narrowed(std::string_view text, std::size_t columns) {
    std::string out;
    Lines lines(text);
    for (std::string_view line; lines.next(line);) {
        add_narrowed(out, line, columns);
    }
    if (!text.empty() && !text.ends_with('\n')) {
        out.pop_back();
    }
    return out;
}

}  // namespace thimble
