#include "thimble/base/digest.hpp"
#include "thimble/base/json_writer.hpp"
#include "thimble/base/utf8.hpp"
#include "thimble/server/handlers.hpp"
#include "thimble/server/random.hpp"
#include "thimble/server/request_body.hpp"
#include "thimble/server/single_sign_on.hpp"
#include "thimble/store/identities.hpp"

namespace thimble::server {
namespace {

constexpr std::chrono::hours kLinkHours{24};
constexpr unsigned kCreated = 201;

std::string json_of(const store::Account& account) {
    std::string text;
    JsonWriter json(text);
    json.open_object();
    json.member("name", account.name).member("role", role_name(account.role));
    json.member("group", account.host_group);
    json.key("disabled").boolean(account.disabled_at != Instant{});
    json.close_object();
    return text;
}

Result<store::Account> account_or_error(store::Connection& connection, const std::string& id) {
    THIMBLE_TRY(auto account, store::account_of_id(connection, id));
    if (!account) {
        return failure(ErrorKind::NotFound, "server.no_user", "there is no such user");
    }
    return *std::move(account);
}

Result<store::Role> checked_role(const std::string& name) {
    const auto role = store::role_of(name);
    if (!role) {
        return failure(
            ErrorKind::Invalid,
            "server.bad_body",
            "role is viewer, operator, approver or administrator");
    }
    return *role;
}

/// What is asked for a user that is there.
struct UserChange {
    std::string role;                    ///< empty: as it is
    std::string host_group;              ///< empty: as it is
    std::optional<std::string> subject;  ///< at the provider; empty: none from now on
    std::optional<bool> disabled;
    std::string why;
};

Result<std::string> checked_group(const std::string& group) {
    return group == kEveryGroup ? Result<std::string>(group) : checked_word(group, "group");
}

/// Who somebody is at the provider that is configured.
Result<store::AccountIdentity> identity_of(const Context& context, const std::string& subject) {
    constexpr std::size_t kMaxSubject = 255;
    if (context.sign_on == nullptr) {
        return failure(
            ErrorKind::Invalid,
            "server.no_provider",
            "no provider of sign-in is configured: docs/formats/oidc.md");
    }
    if (subject.empty() || subject.size() > kMaxSubject || printable(subject) != subject) {
        return failure(
            ErrorKind::Invalid, "server.bad_body", "subject has 1 to 255 printable characters");
    }
    return store::AccountIdentity{context.sign_on->provider.configuration().issuer, subject};
}

/// Gives the account that subject at the provider, or takes it away when it is empty.
Result<void> change_subject(
    store::Connection& connection,
    const Context& context,
    const std::string& account_id,
    const std::string& subject,
    Instant now) {
    if (subject.empty()) {
        return store::remove_identity(connection, account_id);
    }
    THIMBLE_TRY(const store::AccountIdentity identity, identity_of(context, subject));
    return store::set_identity(connection, account_id, identity, now);
}

std::string why_of(const UserChange& wanted) {
    if (!wanted.subject) {
        return wanted.why;
    }
    return wanted.why + (wanted.why.empty() ? "" : "; ")
        + (wanted.subject->empty() ? "no subject" : "subject " + *wanted.subject);
}

Result<UserChange> user_change_of(const Request& request) {
    THIMBLE_TRY(const JsonValue body, body_of(request));
    JsonMembers members(body);
    UserChange wanted;
    wanted.role = members.text_or_null("role");
    wanted.host_group = members.text_or_null("group");
    if (!members.is_null("subject")) {
        wanted.subject = members.text("subject");
    }
    if (!members.is_null("disabled")) {
        wanted.disabled = members.boolean("disabled");
    }
    THIMBLE_TRY(wanted.why, checked_reason_or_none(members));
    return wanted;
}

Response with_link(unsigned status, const store::Account& account, const std::string& link) {
    Response response{status, "application/json", "", {}};
    JsonWriter json(response.body);
    json.open_object();
    json.member("id", account.id).member("name", account.name);
    json.member("role", role_name(account.role)).member_or_null("link", link);
    json.close_object();
    return response;
}

}  // namespace

Result<std::string> make_link(
    store::Connection& connection,
    const Context& context,
    const store::Account& account,
    Instant now) {
    const std::string secret = random_secret();
    THIMBLE_TRY(store::add_sign_in_link(
        connection, {sha256_of(secret), account.id, now, now + kLinkHours}));
    // Behind "#" it is sent to no server and stands in no log.
    return context.address + "/welcome#" + secret;
}

Result<Answer> create_user(Context& context, const Call& call) {
    THIMBLE_TRY(const JsonValue body, body_of(call.request));
    JsonMembers members(body);
    const std::string given = members.text("name");
    const std::string role = members.text("role");
    const std::string group = members.text_or_null("group");
    const std::string subject = members.text_or_null("subject");
    THIMBLE_TRY(check_members(members));
    store::Account account;
    account.id = random_id();
    account.created_at = call.request.now;
    THIMBLE_TRY(account.name, checked_word(given, "name"));
    THIMBLE_TRY(account.role, checked_role(role));
    THIMBLE_TRY(account.host_group, checked_group(group.empty() ? "*" : group));
    const std::string why = subject.empty() ? "" : "subject " + subject;
    THIMBLE_TRY(
        const std::string link,
        change(
            context,
            call.request.now,
            [&](store::Connection& connection, Trail& trail) -> Result<std::string> {
                THIMBLE_TRY(const auto known, store::account_of_name(connection, account.name));
                if (known) {
                    return failure(
                        ErrorKind::Conflict,
                        "server.user_exists",
                        "there is a user " + account.name + " already: thimble users");
                }
                THIMBLE_TRY(store::add_account(connection, account));
                THIMBLE_TRY(trail.note(
                    {call.principal->actor, "user.create", account.id, "", json_of(account), why}));
                if (!subject.empty()) {
                    THIMBLE_TRY(
                        change_subject(connection, context, account.id, subject, call.request.now));
                    return std::string();  // the provider lets them in, not a link
                }
                return make_link(connection, context, account, call.request.now);
            }));
    return Answer(with_link(kCreated, account, link));
}

Result<Answer> change_user(Context& context, const Call& call) {
    THIMBLE_TRY(const UserChange wanted, user_change_of(call.request));
    const std::string& id = call.parameters.front();
    THIMBLE_TRY(change(
        context,
        call.request.now,
        [&](store::Connection& connection, Trail& trail) -> Result<void> {
            THIMBLE_TRY(const store::Account before, account_or_error(connection, id));
            store::Account after = before;
            if (!wanted.role.empty()) {
                THIMBLE_TRY(after.role, checked_role(wanted.role));
                THIMBLE_TRY(store::set_role(connection, id, after.role));
            }
            if (!wanted.host_group.empty()) {
                THIMBLE_TRY(after.host_group, checked_group(wanted.host_group));
                THIMBLE_TRY(store::set_host_group_of_account(connection, id, after.host_group));
            }
            if (wanted.subject) {
                THIMBLE_TRY(
                    change_subject(connection, context, id, *wanted.subject, call.request.now));
            }
            if (wanted.disabled) {
                after.disabled_at = *wanted.disabled ? call.request.now : Instant{};
                THIMBLE_TRY(store::set_disabled(connection, id, after.disabled_at));
            }
            THIMBLE_TRY(const std::int64_t left, store::count_administrators(connection));
            if (left == 0) {
                return failure(
                    ErrorKind::Conflict,
                    "server.last_administrator",
                    "nobody would be left who could administer");
            }
            return trail.note(
                {call.principal->actor,
                 "user.change",
                 id,
                 json_of(before),
                 json_of(after),
                 why_of(wanted)});
        }));
    return Answer(Response{204, "", "", {}});
}

Result<Answer> create_user_link(Context& context, const Call& call) {
    store::Account account;
    THIMBLE_TRY(
        const std::string link,
        change(
            context,
            call.request.now,
            [&](store::Connection& connection, Trail& trail) -> Result<std::string> {
                THIMBLE_TRY(account, account_or_error(connection, call.parameters.front()));
                THIMBLE_TRY(
                    trail.note({call.principal->actor, "link.create", account.id, "", "", ""}));
                return make_link(connection, context, account, call.request.now);
            }));
    return Answer(with_link(kCreated, account, link));
}

}  // namespace thimble::server
