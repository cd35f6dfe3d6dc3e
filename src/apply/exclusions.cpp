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

std::vector<std::string> expand_exclusions(
    const model::Inventory& inventory, std::span<const std::string> words) {
    std::set<std::string> names;
    for (const model::InstalledPackage& package : inventory.packages) {
        names.insert(package.name);
        names.insert(package.source_name);
    }
    std::set<std::string> excluded;
    for (const std::string& word : words) {
        const auto expression = names.contains(word) ? std::nullopt : expression_of(word);
        bool is_matched = false;
        for (const std::string& name : names) {
            if (expression && matches(name, *expression)) {
                excluded.insert(name);
                is_matched = true;
            }
        }
        if (!is_matched) {
            excluded.insert(word);
        }
    }
    return {excluded.begin(), excluded.end()};
}

}  // namespace thimble::apply
