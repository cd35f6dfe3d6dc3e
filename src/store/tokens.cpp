#include "thimble/store/tokens.hpp"

#include "thimble/store/columns.hpp"

namespace thimble::store {

Result<void> add_api_token(Connection& connection, const ApiToken& token) {
    THIMBLE_TRY(connection.execute(
        "INSERT INTO api_token (id, digest, account_id, name, actions, host_group, created_at, "
        "expires_at, revoked_at) VALUES (:id, :digest, :account, :name, :actions, :group, "
        ":created, "
        ":expires, 0)",
        {token.id,
         token.digest,
         token.account_id,
         token.name,
         token.actions,
         token.host_group,
         seconds_of(token.created_at),
         seconds_of(token.expires_at)}));
    return {};
}

Result<std::optional<FoundApiToken>> api_token_of_digest(
    Connection& connection, const std::string& digest, Instant now) {
    THIMBLE_TRY(
        const auto rows,
        connection.query(
            "SELECT id, digest, account_id, name, actions, host_group, created_at, expires_at FROM "
            "api_token WHERE digest = :digest AND revoked_at = 0 AND expires_at > :now",
            {digest, seconds_of(now)}));
    if (rows.empty()) {
        return std::optional<FoundApiToken>();
    }
    const Row& row = rows.front();
    ApiToken token{
        text_at(row, 0),
        text_at(row, 1),
        text_at(row, 2),
        text_at(row, 3),
        text_at(row, 4),
        text_at(row, 5),
        instant_at(row, 6),
        instant_at(row, 7)};
    THIMBLE_TRY(auto account, account_of_id(connection, token.account_id));
    if (!account || account->disabled_at != Instant{}) {
        return std::optional<FoundApiToken>();
    }
    return std::optional(FoundApiToken{std::move(token), *std::move(account)});
}

Result<bool> revoke_api_token(Connection& connection, const std::string& id, Instant now) {
    THIMBLE_TRY(
        const std::int64_t changed,
        connection.execute(
            "UPDATE api_token SET revoked_at = :now WHERE id = :id AND revoked_at = 0",
            {seconds_of(now), id}));
    return changed == 1;
}

Result<void> add_enrolment_token(Connection& connection, const EnrolmentToken& token) {
    THIMBLE_TRY(connection.execute(
        "INSERT INTO enrolment_token (id, digest, name, host_group, reusable, used, created_by, "
        "created_at, expires_at, revoked_at, tags) VALUES (:id, :digest, :name, :group, "
        ":reusable, 0, :creator, :created, :expires, 0, :tags)",
        {token.id,
         token.digest,
         token.name,
         token.host_group,
         std::int64_t{token.reusable ? 1 : 0},
         token.created_by,
         seconds_of(token.created_at),
         seconds_of(token.expires_at),
         token.tags}));
    return {};
}

Result<std::optional<EnrolmentToken>> use_enrolment_token(
    Connection& connection, const std::string& id, const std::string& digest, Instant now) {
    THIMBLE_TRY(
        const std::int64_t used,
        connection.execute(
            "UPDATE enrolment_token SET used = used + 1 WHERE id = :id AND digest = :digest AND "
            "revoked_at = 0 AND expires_at > :now AND (reusable = 1 OR used = 0)",
            {id, digest, seconds_of(now)}));
    if (used == 0) {
        return std::optional<EnrolmentToken>();
    }
    THIMBLE_TRY(
        const auto rows,
        connection.query(
            "SELECT id, digest, name, host_group, reusable, created_by, created_at, expires_at, "
            "tags FROM enrolment_token WHERE id = :id",
            {id}));
    const Row& row = rows.at(0);
    return std::optional(EnrolmentToken{
        text_at(row, 0),
        text_at(row, 1),
        text_at(row, 2),
        text_at(row, 3),
        number_at(row, 4) == 1,
        text_at(row, 5),
        instant_at(row, 6),
        instant_at(row, 7),
        text_at(row, 8)});
}

Result<bool> revoke_enrolment_token(Connection& connection, const std::string& id, Instant now) {
    THIMBLE_TRY(
        const std::int64_t changed,
        connection.execute(
            "UPDATE enrolment_token SET revoked_at = :now WHERE id = :id AND revoked_at = 0",
            {seconds_of(now), id}));
    return changed == 1;
}

}  // namespace thimble::store
