#pragma once
/// @file The whole server: what the first start makes, what a restart finds, and the way in for the
/// first administrator.

#include "thimble/base/instant.hpp"
#include "thimble/base/result.hpp"
#include "thimble/server/retention_times.hpp"

#include <filesystem>
#include <ostream>
#include <string>
#include <vector>

namespace thimble::server {

/// How to serve.
struct ServeOptions {
    std::filesystem::path data;     ///< made where there is none
    std::string database;           ///< empty: SQLite in the data folder
    std::string listen;             ///< ADDRESS:PORT; empty: every IPv4 address, port 8443
    std::filesystem::path catalog;  ///< by which hosts are judged; it may come later or be replaced
    std::vector<std::string> names;  ///< further names of the server in its certificate
    RetentionTimes keep;             ///< for how long old records stay
};

/// Serves until SIGTERM or SIGINT. Says on `out` where, and as long as nobody can sign in, how the
/// first administrator does.
/// @error of opening the folder, the keys, the database, the address
Result<void> serve(
    const ServeOptions& options, const Clock& clock, std::ostream& out, std::ostream& err);

}  // namespace thimble::server
