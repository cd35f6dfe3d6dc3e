#include "thimble/store/repeated_requests.hpp"

#include "thimble/store/columns.hpp"

namespace thimble::store {

Result<std::optional<RepeatedRequest>> begin_request(
    Connection& connection,
    const std::string& digest,
    const std::string& request_digest,
    Instant now) {
    THIMBLE_TRY(
        const auto rows,
        connection.query(
            "SELECT request_digest, begun_at, status, content_type, body, is_secret FROM "
            "repeated_request "
            "WHERE digest = :digest",
            {digest}));
    if (!rows.empty()) {
        const Row& row = rows.front();
        return std::optional(RepeatedRequest{
            text_at(row, 0),
            instant_at(row, 1),
            {number_at(row, 2), text_at(row, 3), text_at(row, 4), number_at(row, 5) != 0}});
    }
    THIMBLE_TRY(connection.execute(
        "INSERT INTO repeated_request (digest, request_digest, begun_at, status, content_type, "
        "body, is_secret) VALUES (:digest, :request, :now, 0, '', '', 0)",
        {digest, request_digest, seconds_of(now)}));
    return std::optional<RepeatedRequest>();
}

Result<void> keep_answer(
    Connection& connection, const std::string& digest, const KeptAnswer& answer) {
    THIMBLE_TRY(connection.execute(
        "UPDATE repeated_request SET status = :status, content_type = :type, body = :body, "
        "is_secret = :secret WHERE digest = :digest",
        {answer.status, answer.content_type, answer.body, std::int64_t{answer.is_secret}, digest}));
    return {};
}

Result<void> forget_request(Connection& connection, const std::string& digest) {
    THIMBLE_TRY(
        connection.execute("DELETE FROM repeated_request WHERE digest = :digest", {digest}));
    return {};
}

Result<void> forget_old_requests(Connection& connection, Instant before) {
    THIMBLE_TRY(connection.execute(
        "DELETE FROM repeated_request WHERE begun_at < :before", {seconds_of(before)}));
    return {};
}

}  // namespace thimble::store
