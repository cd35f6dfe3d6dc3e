#pragma once
/// @file Jobs that wait for their hosts, and the halt that holds all of them back.

#include "thimble/base/instant.hpp"
#include "thimble/store/connection.hpp"

#include <string>
#include <vector>

namespace thimble::store {

/// A signed job for one host. What is in the envelope is not the store's business.
struct Job {
    std::string id;
    std::string host_id;
    std::string envelope;
    std::string created_by;
    Instant created_at;
    Instant expires_at;
    bool operator==(const Job&) const = default;
};

Result<void> add_job(Connection& connection, const Job& job);
/// Jobs that are neither finished nor expired, oldest first.
Result<std::vector<Job>> waiting_jobs(Connection& connection, Instant now);
/// @return whether it was waiting
Result<bool> finish_job(
    Connection& connection, const std::string& id, const std::string& host_id, Instant now);

/// A setting by its name; empty when it was never set.
Result<std::string> setting(Connection& connection, const std::string& name);
Result<void> set_setting(
    Connection& connection, const std::string& name, const std::string& content);

}  // namespace thimble::store
