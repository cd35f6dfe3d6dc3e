#pragma once
/// @file Lets old records go, in batches, with an audit entry for each.

#include "thimble/server/context.hpp"
#include "thimble/server/retention_times.hpp"
#include "thimble/store/retention.hpp"

#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace thimble::server {

/// Of one thread, of the server that leads. It looks once an hour, so that little is to be done at once.
class Retention {
public:
    Retention(Context& context, const Clock& clock, RetentionTimes times);

    /// Lets go what is due, a batch in each transaction.
    /// @error of the database; Conflict "server.not_leading"
    Result<void> pass(const std::stop_token& stop);

private:
    Result<bool> forget_batch(Instant now);
    Result<bool> forget_documents(Instant now);
    Result<std::optional<std::vector<std::string>>> due_documents(Instant before);
    Result<bool> is_package_list(const std::string& digest);
    Result<void> let_go(const std::vector<std::string>& due, Instant now);
    Result<void> remember_those_there(const std::vector<std::string>& digests);

    Context& context_;
    const Clock& clock_;
    RetentionTimes times_;
    Instant next_;
    std::string after_;  ///< the document that was looked at last
};

}  // namespace thimble::server
