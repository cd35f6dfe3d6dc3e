#include "thimble/store/identities.hpp"

#include "thimble/store/columns.hpp"

namespace thimble::store {
namespace {

/// The account of the id in the first row, when there is one.
Result<std::optional<Account>> account_in(
    Connection& connection, const Result<std::vector<Row>>& rows) {
    if (!rows) {
        return rows.error();
    }
    if (rows->empty()) {
        return std::optional<Account>();
    }
    return account_of_id(connection, text_at(rows->front(), 0));
}

}  // namespace

Result<std::optional<Account>> account_of_identity(
    Connection& connection, const AccountIdentity& identity) {
    return account_in(
        connection,
        connection.query(
            "SELECT account_id FROM account_identity WHERE issuer = :issuer AND subject = :subject",
            {identity.issuer, identity.subject}));
}

Result<void> set_identity(
    Connection& connection,
    const std::string& account_id,
    const AccountIdentity& identity,
    Instant now) {
    THIMBLE_TRY(remove_identity(connection, account_id));
    THIMBLE_TRY(connection.execute(
        "INSERT INTO account_identity (issuer, subject, account_id, created_at) VALUES (:issuer, "
        ":subject, :account, :created)",
        {identity.issuer, identity.subject, account_id, seconds_of(now)}));
    return {};
}

Result<void> remove_identity(Connection& connection, const std::string& account_id) {
    THIMBLE_TRY(
        connection.execute("DELETE FROM account_identity WHERE account_id = :id", {account_id}));
    return {};
}

Result<void> add_sign_on_code(Connection& connection, const SignOnCode& code) {
    THIMBLE_TRY(connection.execute(
        "INSERT INTO sign_on_code (digest, account_id, expires_at) VALUES (:digest, :account, "
        ":expires)",
        {code.digest, code.account_id, seconds_of(code.expires_at)}));
    return {};
}

Result<std::optional<Account>> redeem_sign_on_code(
    Connection& connection, const std::string& digest, Instant now) {
    THIMBLE_TRY(
        connection.execute("DELETE FROM sign_on_code WHERE expires_at <= :now", {seconds_of(now)}));
    THIMBLE_TRY(
        auto account,
        account_in(
            connection,
            connection.query(
                "SELECT account_id FROM sign_on_code WHERE digest = :digest", {digest})));
    THIMBLE_TRY(
        const std::int64_t used,
        connection.execute("DELETE FROM sign_on_code WHERE digest = :digest", {digest}));
    if (used == 0 || !account || account->disabled_at != Instant{}) {
        return std::optional<Account>();
    }
    return account;
}

}  // namespace thimble::store
