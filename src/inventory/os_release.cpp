#include "thimble/inventory/os_release.hpp"

#include "thimble/base/lines.hpp"
#include "thimble/model/inventory.hpp"

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace thimble::inventory {
namespace {

/// Undoes shell quoting: '..' is verbatim, in ".." and outside a backslash takes the next character.
std::string unquoted(std::string_view value) {
    std::string out;
    char quote = '\0';
    for (std::size_t at = 0; at < value.size(); ++at) {
        const char c = value[at];
        if (c == quote) {
            quote = '\0';
        } else if (quote == '\0' && (c == '"' || c == '\'')) {
            quote = c;
        } else if (quote != '\'' && c == '\\' && at + 1 < value.size()) {
            out += value[++at];
        } else {
            out += c;
        }
    }
    return out;
}

std::vector<std::string> words_of(std::string_view text) {
    std::vector<std::string> words;
    while (!text.empty()) {
        const std::string_view word = text.substr(0, text.find(' '));
        if (!word.empty()) {
            words.emplace_back(word);
        }
        text.remove_prefix(std::min(text.size(), word.size() + 1));
    }
    return words;
}

}  // namespace

model::OsRelease parse_os_release(std::string_view text) {
    model::OsRelease os;
    Lines lines(text);
    for (std::string_view line; lines.next(line);) {
        line = trimmed(line);
        const std::size_t equals = line.find('=');
        if (line.starts_with('#') || equals == std::string_view::npos) {
            continue;
        }
        const std::string_view name = line.substr(0, equals);
        const std::string_view value = line.substr(equals + 1);
        if (name == "ID") {
            os.id = unquoted(value);
        } else if (name == "VERSION_ID") {
            os.version_id = unquoted(value);
        } else if (name == "VERSION_CODENAME") {
            os.version_codename = unquoted(value);
        } else if (name == "PRETTY_NAME") {
            os.pretty_name = unquoted(value);
        } else if (name == "ID_LIKE") {
            os.id_like = words_of(unquoted(value));
        }
    }
    return os;
}

}  // namespace thimble::inventory
