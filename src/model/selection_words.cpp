#include "thimble/model/selection_words.hpp"

#include "thimble/base/shell_word.hpp"
#include "thimble/base/utf8.hpp"

namespace thimble::model {
namespace {

void add_each(
    std::string_view option,
    const std::vector<std::string>& names,
    std::vector<std::string>& words) {
    for (const std::string& name : names) {
        // What begins like an option is one, unless it is a part of the word.
        if (name.starts_with('-')) {
            words.push_back(std::string(option) + "=" + name);
        } else {
            words.emplace_back(option);
            words.push_back(name);
        }
    }
}

}  // namespace

std::vector<std::string> selection_words(const PlanSelection& selection) {
    std::vector<std::string> words;
    const bool names_others = selection.all || !selection.vulnerabilities.empty()
        || !selection.packages.empty() || !selection.advisories.empty();
    if (selection.security && names_others) {
        words.emplace_back("--security");
    }
    if (selection.all) {
        words.emplace_back("--all");
    }
    add_each("--cve", selection.vulnerabilities, words);
    add_each("--package", selection.packages, words);
    add_each("--advisory", selection.advisories, words);
    add_each("--exclude", selection.excluded, words);
    if (selection.level != UpgradeLevel::SecurityOnly) {
        words.emplace_back("--level");
        words.emplace_back(upgrade_level_name(selection.level));
    }
    return words;
}

std::string plan_command(const PlanSelection& selection, std::string_view more) {
    std::string command = "thimble patch plan" + std::string(more);
    for (const std::string& word : selection_words(selection)) {
        command += " ";
        // Options of ours are plain, but for the quotes that every word with a dash in front would get.
        command +=
            word.starts_with("--") && !word.contains('=') ? word : shell_word(printable(word));
    }
    return command;
}

}  // namespace thimble::model
