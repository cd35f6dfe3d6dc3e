#pragma once
/// @file Who may do what: the rights of roles and tokens. Pure.

#include "thimble/store/accounts.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace thimble::server {

/// What can be allowed.
enum class Action : std::uint8_t {
    Read,        ///< see everything but secrets
    Operate,     ///< enrol hosts, make jobs, halt
    Approve,     ///< say yes to what others asked for
    Administer,  ///< people, tokens, revocation
};

std::string_view action_name(Action action);
std::optional<Action> action_of(std::string_view name);

/// A set of actions.
class Actions {
public:
    Actions() = default;
    Actions(std::initializer_list<Action> actions);
    void add(Action action);
    [[nodiscard]] bool has(Action action) const;
    [[nodiscard]] Actions both(Actions other) const;
    [[nodiscard]] bool empty() const { return bits_ == 0; }
    bool operator==(const Actions&) const = default;

private:
    std::uint8_t bits_ = 0;
};

/// Names, comma separated, in the order of the enumeration.
std::string format_actions(Actions actions);
/// @return none when a name is unknown or there is none at all
std::optional<Actions> parse_actions(std::string_view text);

/// What a role is allowed.
Actions actions_of(store::Role role);

/// Every host group.
inline constexpr std::string_view kEveryGroup = "*";

/// What is in both: a group and every group are that group.
/// @return none when two groups have nothing in common
std::optional<std::string> common_group(std::string_view one, std::string_view other);

/// Who asks, and what it may do.
struct Principal {
    std::string actor;  ///< for the audit log: "user:NAME", "token:ID"
    store::Account account;
    Actions actions;
    std::string host_group = std::string(kEveryGroup);
    std::string session_digest;  ///< of the session that it came with; empty for tokens
    std::string token_name;      ///< of the token that it came with; empty for sessions
};

/// The person behind it, whatever session or token it came with: "user:NAME".
std::string person_of(const Principal& principal);

/// As the audit log calls it for people: "NAME", "NAME (token NAME)".
std::string name_of(const Principal& principal);

/// Whether it may do that to hosts of that group.
bool allows(const Principal& principal, Action action, std::string_view host_group);

}  // namespace thimble::server
