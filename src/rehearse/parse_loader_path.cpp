#include "thimble/rehearse/parse_loader_path.hpp"

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace thimble::rehearse {
namespace {

constexpr std::size_t kMaxLines = 10'000;
constexpr std::string_view kBlank = " \t\r,:";

std::string_view take_word(std::string_view& line) {
    line.remove_prefix(std::min(line.find_first_not_of(kBlank), line.size()));
    const std::string_view word = line.substr(0, line.find_first_of(kBlank));
    line.remove_prefix(word.size());
    return word;
}

void add_line(std::string_view line, std::vector<LoaderPathLine>& lines) {
    line = line.substr(0, line.find('#'));
    std::string_view word = take_word(line);
    const bool include = word == "include";
    if (include) {
        word = take_word(line);
    }
    for (; !word.empty(); word = take_word(line)) {
        word = word.substr(0, word.find('='));  // "folder=TYPE" of old times
        while (word.size() > 1 && word.ends_with('/')) {
            word.remove_suffix(1);
        }
        if ((include || word.starts_with('/')) && lines.size() < kMaxLines) {
            lines.push_back({.include = include, .text = std::string(word)});
        }
    }
}

}  // namespace

std::vector<LoaderPathLine> parse_loader_path(std::string_view text) {
    std::vector<LoaderPathLine> lines;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        add_line(text.substr(0, end), lines);
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return lines;
}

}  // namespace thimble::rehearse
