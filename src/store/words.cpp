#include "thimble/store/words.hpp"

#include <algorithm>
#include <cstddef>

namespace thimble::store {

std::string joined(std::span<const std::string> words) {
    std::string text;
    for (const std::string& word : words) {
        text.append(text.empty() ? "" : ",").append(word);
    }
    return text;
}

std::vector<std::string> split(std::string_view text) {
    std::vector<std::string> words;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find(','), text.size());
        words.emplace_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return words;
}

std::string placeholders(std::span<const std::string> words, Row& values) {
    std::string text;
    for (const std::string& word : words) {
        values.emplace_back(word);
        text.append(text.empty() ? ":p" : ", :p").append(std::to_string(values.size()));
    }
    return text;
}

}  // namespace thimble::store
