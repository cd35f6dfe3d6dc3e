#include "thimble/server/sign_on_account.hpp"

#include "thimble/base/json_writer.hpp"
#include "thimble/server/random.hpp"
#include "thimble/server/request_body.hpp"
#include "thimble/store/identities.hpp"

namespace thimble::server {
namespace {

std::string json_of(const store::Account& account) {
    std::string text;
    JsonWriter json(text);
    json.open_object();
    json.member("name", account.name).member("role", role_name(account.role));
    json.member("group", account.host_group);
    json.close_object();
    return text;
}

std::string words_of(const openid::Rule& rule) {
    return "rule " + rule.claim + " " + rule.value;
}

Error unknown_person(const openid::Identity& identity) {
    return failure(
        ErrorKind::Denied,
        "server.unknown_person",
        "nobody gave you an account here; an administrator does with: thimble users add NAME "
        "--role ROLE --oidc "
            + identity.subject);
}

/// A new account for whoever the rules let in.
Result<store::Account> admitted(
    store::Connection& connection,
    Trail& trail,
    const openid::Identity& identity,
    const openid::Configuration& configuration,
    const openid::Rule& rule) {
    JsonMembers claims(identity.claims);
    const std::string given = claims.text_or_null(configuration.name_claim);
    auto name = checked_word(given, configuration.name_claim);
    if (!name) {
        return failure(
            ErrorKind::Denied,
            "server.no_name",
            "the claim " + configuration.name_claim
                + R"( makes no name here: 1 to 64 of a-z, 0-9, "-", "_" and ".")");
    }
    THIMBLE_TRY(const auto taken, store::account_of_name(connection, *name));
    if (taken) {
        return failure(
            ErrorKind::Denied,
            "server.name_taken",
            "somebody else is called " + *name + " here; an administrator can add you by another");
    }
    store::Account account{
        random_id(), *name, store::Role::Viewer, "", trail.now(), {}, rule.host_group};
    account.role = store::role_of(rule.role).value_or(store::Role::Viewer);
    THIMBLE_TRY(store::add_account(connection, account));
    THIMBLE_TRY(store::set_identity(
        connection, account.id, {identity.issuer, identity.subject}, trail.now()));
    THIMBLE_TRY(trail.note(
        {"server",
         "user.create",
         account.id,
         "",
         json_of(account),
         words_of(rule) + ", subject " + identity.subject}));
    return account;
}

/// What the rule says, when it is something else than what the account has.
Result<void> apply_rule(
    store::Connection& connection,
    Trail& trail,
    store::Account& account,
    const openid::Rule& rule) {
    const store::Account before = account;
    account.role = store::role_of(rule.role).value_or(store::Role::Viewer);
    account.host_group = rule.host_group;
    if (account == before) {
        return {};
    }
    THIMBLE_TRY(store::set_role(connection, account.id, account.role));
    THIMBLE_TRY(store::set_host_group_of_account(connection, account.id, account.host_group));
    THIMBLE_TRY(const std::int64_t left, store::count_administrators(connection));
    if (left == 0) {
        return failure(
            ErrorKind::Conflict,
            "server.last_administrator",
            "nobody would be left who could administer");
    }
    return trail.note(
        {"server", "user.change", account.id, json_of(before), json_of(account), words_of(rule)});
}

}  // namespace

Result<store::Account> account_for(
    store::Connection& connection,
    Trail& trail,
    const openid::Identity& identity,
    const openid::Configuration& configuration) {
    THIMBLE_TRY(
        auto account, store::account_of_identity(connection, {identity.issuer, identity.subject}));
    if (!account && !configuration.admits_unknown) {
        return unknown_person(identity);
    }
    if (account && account->disabled_at != Instant{}) {
        return failure(ErrorKind::Denied, "server.disabled", "your account is disabled");
    }
    const openid::Rule* rule = openid::rule_for(identity.claims, configuration.rules);
    if (rule == nullptr && !configuration.rules.empty()) {
        return failure(
            ErrorKind::Denied,
            "server.no_rule",
            "what the provider says of you lets you in nowhere here");
    }
    if (!account) {
        // Who admits has rules, and one fits.
        return admitted(connection, trail, identity, configuration, *rule);
    }
    if (rule != nullptr) {
        THIMBLE_TRY(apply_rule(connection, trail, *account, *rule));
    }
    return *std::move(account);
}

}  // namespace thimble::server
