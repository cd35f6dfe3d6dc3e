#include "thimble/apply/expected_actions.hpp"
#include "thimble/base/error.hpp"
#include "thimble/base/lines.hpp"
#include "thimble/base/result.hpp"
#include "thimble/model/zero_epoch.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace thimble::apply {
namespace {

struct KindName {
    ActionKind kind;
    std::string_view name;
};
constexpr std::array<KindName, 3> kKinds{{
    {ActionKind::Unpack, "unpack"},
    {ActionKind::Remove, "remove"},
    {ActionKind::Finish, "finish"},
}};
constexpr std::size_t kMaxActions = 100'000;

Error bad_expectation() {
    return failure(
        ErrorKind::Corrupt, "apply.bad_expectation", "the list of expected actions is damaged");
}

Error bad_action_list() {
    return failure(
        ErrorKind::Corrupt, "apply.bad_action_list", "apt's list of actions cannot be read");
}

/// "-" stands for nothing.
std::string word_or_nothing(std::string_view& line) {
    const std::string_view word = take_word(line);
    return word == "-" ? std::string() : std::string(word);
}

/// As dpkg writes it; apt tells what stands in the archive.
std::string version_or_nothing(std::string_view& line) {
    return std::string(model::without_zero_epoch(word_or_nothing(line)));
}

/// "name old-version architecture multi-arch <|=|> new-version architecture multi-arch action"
Result<AptAction> read_action(std::string_view line) {
    AptAction action;
    action.name = take_word(line);
    action.old_version = version_or_nothing(line);
    action.old_architecture = word_or_nothing(line);
    const bool has_old_kind = !take_word(line).empty();
    const std::string_view order = take_word(line);
    action.new_version = version_or_nothing(line);
    action.new_architecture = word_or_nothing(line);
    const bool has_new_kind = !take_word(line).empty();
    const std::string_view what = line.empty() ? line : line.substr(1);  // a path may hold blanks
    const bool ordered = order == "<" || order == "=" || order == ">";
    if (action.name.empty() || !has_old_kind || !has_new_kind || !ordered || what.empty()) {
        return bad_action_list();
    }
    if (what == "**CONFIGURE**") {
        action.kind = AptAction::Kind::Configure;
    } else if (what == "**REMOVE**") {
        action.kind = AptAction::Kind::Remove;
    } else if (what.starts_with('/')) {
        action.path = what;
    } else {
        return bad_action_list();
    }
    return action;
}

}  // namespace

std::string format_expected_actions(const std::vector<ExpectedAction>& actions) {
    std::string text;
    for (const ExpectedAction& action : actions) {
        text += std::ranges::find(kKinds, action.kind, &KindName::kind)->name;
        for (const std::string* part :
             {&action.name, &action.architecture, &action.version, &action.path}) {
            text += ' ';
            text += part->empty() ? "-" : *part;
        }
        text += '\n';
    }
    return text + "end\n";
}

Result<std::vector<ExpectedAction>> parse_expected_actions(std::string_view text) {
    std::vector<ExpectedAction> actions;
    Lines lines(text);
    for (std::string_view line; lines.next(line);) {
        if (line == "end") {
            return actions;
        }
        const auto* kind = std::ranges::find(kKinds, take_word(line), &KindName::name);
        ExpectedAction action;
        action.name = take_word(line);
        action.architecture = take_word(line);
        action.version = take_word(line);
        action.path = word_or_nothing(line);
        if (kind == kKinds.end() || action.version.empty() || !take_word(line).empty()
            || actions.size() == kMaxActions) {
            return bad_expectation();
        }
        action.kind = kind->kind;
        actions.push_back(std::move(action));
    }
    return bad_expectation();  // it was cut
}

Result<std::vector<AptAction>> parse_apt_actions(std::string_view text) {
    Lines lines(text);
    std::string_view line;
    if (!lines.next(line) || line != "VERSION 3") {
        return failure(
            ErrorKind::Unsupported,
            "apply.hook_protocol",
            "apt speaks another version of the hook protocol");
    }
    // apt's configuration, up to an empty line.
    while (lines.next(line) && !line.empty()) {}
    if (!line.empty()) {
        return bad_action_list();
    }
    std::vector<AptAction> actions;
    while (lines.next(line)) {
        if (actions.size() == kMaxActions) {
            return bad_action_list();
        }
        THIMBLE_TRY(actions.emplace_back(), read_action(line));
    }
    return actions;
}

}  // namespace thimble::apply
