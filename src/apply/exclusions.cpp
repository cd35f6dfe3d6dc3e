#include "thimble/apply/exclusions.hpp"

#include "thimble/model/selectable_name.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <regex>
#include <set>
#include <string>
#include <string_view>
#include <utility>

namespace thimble::apply {
namespace {

constexpr std::size_t kMostLetters = 200;

/// A regular expression, or what is wrong with it.
struct Expression {
    std::optional<std::regex> regex;
    std::regex_constants::error_type fault{};
};

Expression expression_of(const std::string& word) {
    try {
        return {.regex = std::regex(word, std::regex::ECMAScript | std::regex::nosubs)};
    } catch (const std::regex_error& error) {
        return {.regex = std::nullopt, .fault = error.code()};
    }
}

/// @param rest  what begins at the fault
std::string_view fault_words(std::regex_constants::error_type fault, std::string_view rest) {
    namespace codes = std::regex_constants;
    static constexpr auto kWords = std::to_array<std::pair<codes::error_type, std::string_view>>({
        {codes::error_collate, "it names no collating element"},
        {codes::error_ctype, "it names no class of characters"},
        {codes::error_escape, "a \\ stands before what has no meaning"},
        {codes::error_backref, "it refers back to what is not there"},
        {codes::error_brack, "a [ is not closed"},
        {codes::error_paren, "a bracket ( or ) has no other"},
        {codes::error_brace, "a { is not closed"},
        {codes::error_badbrace, "between { and } stands no number"},
        {codes::error_range, "a range ends before it begins"},
        {codes::error_badrepeat, "there is nothing to repeat"},
    });
    if (fault == codes::error_paren && std::string_view("*+?{").contains(rest.front())) {
        return "there is nothing to repeat";  // the library has but one word for both
    }
    const auto* const found =
        std::ranges::find(kWords, fault, [](const auto& row) { return row.first; });
    return found == kWords.end() ? std::string_view("it is too complex") : found->second;
}

/// "the regular expression 'linux-[a' is invalid from its character 7 on, '[a': a [ is not closed"
std::string invalid_words(const std::string& word, std::regex_constants::error_type fault) {
    std::size_t valid = word.size() - 1;
    while (valid > 0 && !expression_of(word.substr(0, valid)).regex) {
        --valid;
    }
    const std::string rest = word.substr(valid);
    return "the regular expression '" + word + "' is invalid from its character "
        + std::to_string(valid + 1) + " on, '" + rest
        + "': " + std::string(fault_words(fault, rest));
}

bool matches(const std::string& name, const std::regex& expression) {
    try {
        return name.size() <= kMostLetters && std::regex_match(name, expression);
    } catch (const std::regex_error&) {
        return false;  // it is too complex for the library
    }
}

std::set<std::string> names_that_match(
    const std::set<std::string>& installed, const std::optional<std::regex>& expression) {
    std::set<std::string> matched;
    for (const std::string& name : installed) {
        if (expression && matches(name, *expression)) {
            matched.insert(name);
        }
    }
    return matched;
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
    std::set<std::string> invalid;
    for (const std::string& word : words) {
        if (installed.contains(word)) {
            names.insert(word);
            continue;
        }
        if (word.size() > kMostLetters) {
            invalid.insert("'" + word.substr(0, 20) + "...' is longer than 200 characters");
            continue;
        }
        const Expression expression = expression_of(word);
        std::set<std::string> matched = names_that_match(installed, expression.regex);
        if (!expression.regex && !model::is_selectable_name(word)) {
            invalid.insert(invalid_words(word, expression.fault));
        } else if (matched.empty()) {
            unknown.insert(word);
        }
        names.merge(matched);
    }
    return {
        .names = {names.begin(), names.end()},
        .unknown = {unknown.begin(), unknown.end()},
        .invalid = {invalid.begin(), invalid.end()}};
}

}  // namespace thimble::apply
