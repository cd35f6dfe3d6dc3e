#include "thimble/apply/exclusions.hpp"

#include <optional>
#include <regex>
#include <set>

namespace thimble::apply {
namespace {

constexpr std::size_t kMostLetters = 200;

/// @return none: it is no expression
std::optional<std::regex> expression_of(const std::string& word) {
    if (word.size() > kMostLetters) {
        return std::nullopt;
    }
    try {
        return std::regex(word, std::regex::ECMAScript | std::regex::nosubs);
    } catch (const std::regex_error&) {
        return std::nullopt;
    }
}

bool matches(const std::string& name, const std::regex& expression) {
    try {
        return name.size() <= kMostLetters && std::regex_match(name, expression);
    } catch (const std::regex_error&) {
        return false;  // it is too complex for the library
    }
}

}  // namespace

Exclusions expand_exclusions(
    const model::Inventory& inventory, std::span<const std::string> words) {
    std::set<std::string> installed;
    for (const model::InstalledPackage& package : inventory.packages) {
        installed.insert(package.name);
        installed.insert(package.source_name);
    }
    std::set<std::string> names;
    std::set<std::string> unknown;
    for (const std::string& word : words) {
        if (installed.contains(word)) {
            names.insert(word);
            continue;
        }
        const auto expression = expression_of(word);
        bool is_matched = false;
        for (const std::string& name : installed) {
            if (expression && matches(name, *expression)) {
                names.insert(name);
                is_matched = true;
            }
        }
        if (!is_matched) {
            unknown.insert(word);
        }
    }
    return {.names = {names.begin(), names.end()}, .unknown = {unknown.begin(), unknown.end()}};
}

}  // namespace thimble::apply
