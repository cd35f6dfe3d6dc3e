#include "thimble/rehearse/parse_loader_path.hpp"

#include "thimble/base/lines.hpp"

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace thimble::rehearse {
namespace {

constexpr std::size_t kMaxLines = 10'000;
constexpr std::string_view kBlank = " \t\r,:";

std::string_view take_item(std::string_view& line) {
    line.remove_prefix(std::min(line.find_first_not_of(kBlank), line.size()));
    const std::string_view word = line.substr(0, line.find_first_of(kBlank));
    line.remove_prefix(word.size());
    return word;
}

void add_line(std::string_view line, std::vector<LoaderPathLine>& lines) {
    line = line.substr(0, line.find('#'));
    std::string_view word = take_item(line);
    const bool include = word == "include";
    if (include) {
        word = take_item(line);
    }
    for (; !word.empty(); word = take_item(line)) {
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
    std::vector<LoaderPathLine> folders;
    Lines lines(text);
    for (std::string_view line; lines.next(line);) {
        add_line(line, folders);
    }
    return folders;
}

}  // namespace thimble::rehearse
