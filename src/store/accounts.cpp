#include "thimble/store/accounts.hpp"

#include "thimble/store/columns.hpp"

#include <array>

namespace thimble::store {
namespace {

struct RoleName {
    Role role;
    std::string_view name;
};
constexpr std::array kRoleNames{
    RoleName{Role::Viewer, "viewer"},
    RoleName{Role::Operator, "operator"},
    RoleName{Role::Approver, "approver"},
    RoleName{Role::Administrator, "administrator"},
};

const std::string kColumns =  // NOLINT(bugprone-throwing-static-initialization)
    "account.id, account.name, account.role, account.password_hash, account.created_at, "
    "account.disabled_at, account.host_group";

Result<std::optional<Account>> only_account(Result<std::vector<Row>> rows) {
    if (!rows) {
        return std::move(rows).error();
    }
    if (rows->empty()) {
        return std::optional<Account>();
    }
    const Row& row = rows->front();
    const auto role = role_of(text_at(row, 2));
    if (!role) {
        return failure(ErrorKind::Corrupt, "store.bad_role", "an account has an unknown role");
    }
    return std::optional(Account{
        text_at(row, 0),
        text_at(row, 1),
        *role,
        text_at(row, 3),
        instant_at(row, 4),
        instant_at(row, 5),
        text_at(row, 6)});
}

}  // namespace

std::string_view role_name(Role role) {
    for (const RoleName& row : kRoleNames) {
        if (row.role == role) {
            return row.name;
        }
    }
    return "viewer";
}

std::optional<Role> role_of(std::string_view name) {
    for (const RoleName& row : kRoleNames) {
        if (row.name == name) {
            return row.role;
        }
    }
    return std::nullopt;
}

Result<void> add_account(Connection& connection, const Account& account) {
    THIMBLE_TRY(connection.execute(
        "INSERT INTO account (id, name, role, password_hash, created_at, disabled_at, host_group) "
        "VALUES (:id, :name, :role, :hash, :created, :disabled, :group)",
        {account.id,
         account.name,
         std::string(role_name(account.role)),
         account.password_hash,
         seconds_of(account.created_at),
         seconds_of(account.disabled_at),
         account.host_group}));
    return {};
}

Result<std::optional<Account>> account_of_id(Connection& connection, const std::string& id) {
    return only_account(
        connection.query("SELECT " + kColumns + " FROM account WHERE id = :id", {id}));
}

Result<std::optional<Account>> account_of_name(Connection& connection, const std::string& name) {
    return only_account(
        connection.query("SELECT " + kColumns + " FROM account WHERE name = :name", {name}));
}

Result<void> set_password(
    Connection& connection, const std::string& id, const std::string& password_hash) {
    THIMBLE_TRY(connection.execute(
        "UPDATE account SET password_hash = :hash WHERE id = :id", {password_hash, id}));
    THIMBLE_TRY(connection.execute(
        "DELETE FROM sign_in_link WHERE account_id = :id AND used_at = 0", {id}));
    return end_sessions_of(connection, id);
}

Result<void> set_role(Connection& connection, const std::string& id, Role role) {
    THIMBLE_TRY(connection.execute(
        "UPDATE account SET role = :role WHERE id = :id", {std::string(role_name(role)), id}));
    return {};
}

Result<void> set_host_group_of_account(
    Connection& connection, const std::string& id, const std::string& host_group) {
    THIMBLE_TRY(connection.execute(
        "UPDATE account SET host_group = :group WHERE id = :id", {host_group, id}));
    return {};
}

Result<void> set_disabled(Connection& connection, const std::string& id, Instant at) {
    THIMBLE_TRY(connection.execute(
        "UPDATE account SET disabled_at = :at WHERE id = :id", {seconds_of(at), id}));
    return end_sessions_of(connection, id);
}

Result<std::int64_t> count_administrators(Connection& connection) {
    THIMBLE_TRY(
        const auto rows,
        connection.query(
            "SELECT id FROM account WHERE role = :role AND disabled_at = 0 AND host_group = '*'",
            {std::string(role_name(Role::Administrator))}));
    return static_cast<std::int64_t>(rows.size());
}

Result<bool> can_anybody_sign_in(Connection& connection) {
    THIMBLE_TRY(
        const auto rows,
        connection.query(
            "SELECT id FROM account WHERE password_hash <> '' AND disabled_at = 0 LIMIT 1"));
    return !rows.empty();
}

Result<void> add_sign_in_link(Connection& connection, const KeptSecret& link) {
    THIMBLE_TRY(connection.execute(
        "INSERT INTO sign_in_link (digest, account_id, created_at, expires_at, used_at) VALUES "
        "(:digest, :account, :created, :expires, 0)",
        {link.digest, link.account_id, seconds_of(link.created_at), seconds_of(link.expires_at)}));
    return {};
}

Result<bool> has_sign_in_link(Connection& connection, const std::string& digest, Instant now) {
    THIMBLE_TRY(
        const auto rows,
        connection.query(
            "SELECT digest FROM sign_in_link WHERE digest = :digest AND used_at = 0 AND "
            "expires_at > :now",
            {digest, seconds_of(now)}));
    return !rows.empty();
}

Result<std::optional<Account>> redeem_sign_in_link(
    Connection& connection, const std::string& digest, Instant now) {
    THIMBLE_TRY(
        const std::int64_t used,
        connection.execute(
            "UPDATE sign_in_link SET used_at = :used WHERE digest = :digest AND used_at = 0 AND "
            "expires_at > :now",
            {seconds_of(now), digest, seconds_of(now)}));
    if (used == 0) {
        return std::optional<Account>();
    }
    return only_account(connection.query(
        "SELECT " + kColumns
            + " FROM account JOIN sign_in_link ON sign_in_link.account_id = account.id WHERE "
              "sign_in_link.digest = :digest AND account.disabled_at = 0",
        {digest}));
}

Result<void> add_session(Connection& connection, const KeptSecret& session) {
    THIMBLE_TRY(connection.execute(
        "INSERT INTO session (digest, account_id, created_at, expires_at) VALUES (:digest, "
        ":account, :created, :expires)",
        {session.digest,
         session.account_id,
         seconds_of(session.created_at),
         seconds_of(session.expires_at)}));
    return {};
}

Result<std::optional<Account>> account_of_session(
    Connection& connection, const std::string& digest, Instant now) {
    return only_account(connection.query(
        "SELECT " + kColumns
            + " FROM account JOIN session ON session.account_id = account.id WHERE session.digest "
              "= :digest AND session.expires_at > :now AND account.disabled_at = 0",
        {digest, seconds_of(now)}));
}

Result<void> end_session(Connection& connection, const std::string& digest) {
    THIMBLE_TRY(connection.execute("DELETE FROM session WHERE digest = :digest", {digest}));
    return {};
}

Result<void> end_sessions_of(Connection& connection, const std::string& account_id) {
    THIMBLE_TRY(connection.execute("DELETE FROM session WHERE account_id = :id", {account_id}));
    return {};
}

Result<void> forget_expired(Connection& connection, Instant now) {
    THIMBLE_TRY(
        connection.execute("DELETE FROM session WHERE expires_at <= :now", {seconds_of(now)}));
    THIMBLE_TRY(
        connection.execute("DELETE FROM sign_in_link WHERE expires_at <= :now", {seconds_of(now)}));
    return {};
}

Result<SignInFailures> sign_in_failures(Connection& connection, const std::string& attempt) {
    THIMBLE_TRY(
        const auto rows,
        connection.query(
            "SELECT failures, last_at FROM sign_in_failure WHERE attempt = :attempt", {attempt}));
    return rows.empty() ? SignInFailures()
                        : SignInFailures{number_at(rows[0], 0), instant_at(rows[0], 1)};
}

Result<void> set_sign_in_failures(
    Connection& connection, const std::string& attempt, const SignInFailures& failures) {
    THIMBLE_TRY(forget_sign_in_failures(connection, attempt));
    THIMBLE_TRY(connection.execute(
        "INSERT INTO sign_in_failure (attempt, failures, last_at) VALUES (:attempt, :failures, "
        ":last)",
        {attempt, failures.count, seconds_of(failures.last)}));
    return {};
}

Result<void> forget_sign_in_failures(Connection& connection, const std::string& attempt) {
    THIMBLE_TRY(
        connection.execute("DELETE FROM sign_in_failure WHERE attempt = :attempt", {attempt}));
    return {};
}

Result<void> forget_old_sign_in_failures(Connection& connection, Instant before) {
    THIMBLE_TRY(connection.execute(
        "DELETE FROM sign_in_failure WHERE last_at < :before", {seconds_of(before)}));
    return {};
}

}  // namespace thimble::store
