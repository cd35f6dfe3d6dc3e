#include "thimble/server/permission.hpp"

#include <array>

namespace thimble::server {
namespace {

struct ActionName {
    Action action;
    std::string_view name;
};
constexpr std::array kNames{
    ActionName{Action::Read, "read"},
    ActionName{Action::Operate, "operate"},
    ActionName{Action::Approve, "approve"},
    ActionName{Action::Administer, "administer"},
};

std::uint8_t bit_of(Action action) {
    return static_cast<std::uint8_t>(1U << static_cast<unsigned>(action));
}

}  // namespace

std::string_view action_name(Action action) {
    return kNames.at(static_cast<std::size_t>(action)).name;
}

std::optional<Action> action_of(std::string_view name) {
    for (const ActionName& row : kNames) {
        if (row.name == name) {
            return row.action;
        }
    }
    return std::nullopt;
}

Actions::Actions(std::initializer_list<Action> actions) {
    for (const Action action : actions) {
        add(action);
    }
}

void Actions::add(Action action) {
    bits_ |= bit_of(action);
}

bool Actions::has(Action action) const {
    return (bits_ & bit_of(action)) != 0;
}

Actions Actions::both(Actions other) const {
    Actions common;
    common.bits_ = bits_ & other.bits_;
    return common;
}

std::string format_actions(Actions actions) {
    std::string text;
    for (const ActionName& row : kNames) {
        if (actions.has(row.action)) {
            text.append(text.empty() ? "" : ",").append(row.name);
        }
    }
    return text;
}

std::optional<Actions> parse_actions(std::string_view text) {
    Actions actions;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find(','), text.size());
        const auto action = action_of(text.substr(0, end));
        if (!action) {
            return std::nullopt;
        }
        actions.add(*action);
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return actions.empty() ? std::nullopt : std::optional(actions);
}

Actions actions_of(store::Role role) {
    switch (role) {
        case store::Role::Viewer: return {Action::Read};
        case store::Role::Operator: return {Action::Read, Action::Operate};
        case store::Role::Approver: return {Action::Read, Action::Approve};
        case store::Role::Administrator:
            return {Action::Read, Action::Operate, Action::Approve, Action::Administer};
    }
    return {};
}

std::string person_of(const Principal& principal) {
    return "user:" + principal.account.name;
}

std::string name_of(const Principal& principal) {
    const std::string& name = principal.account.name;
    return principal.token_name.empty() ? name : name + " (token " + principal.token_name + ")";
}

std::optional<std::string> common_group(std::string_view one, std::string_view other) {
    if (one == kEveryGroup || one == other) {
        return std::string(other);
    }
    return other == kEveryGroup ? std::optional<std::string>(one) : std::nullopt;
}

bool allows(const Principal& principal, Action action, std::string_view host_group) {
    return principal.actions.has(action)
        && (principal.host_group == kEveryGroup || principal.host_group == host_group);
}

}  // namespace thimble::server
