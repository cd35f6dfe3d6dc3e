#pragma once
/// @file Several servers without their network on one PostgreSQL, for tests of what they tell each other.

#include "thimble/server/catch_up.hpp"
#include "thimble/server/fleet_scene_test.hpp"
#include "thimble/store/scratch_postgresql_test.hpp"

#include <gtest/gtest.h>

#include <string>

namespace thimble::server {

inline constexpr Instant kTestNow{std::chrono::seconds(1'790'000'000)};

/// What the servers have in common. Its database is made anew for each test.
struct SharedDatabase {
    ScratchFolder folder;
    store::ScratchPostgresql postgresql;
    Authority authority = *Authority::load_or_make(folder / "keys", kTestNow);
};

/// One of the servers.
struct TestServer {
    store::Database database;
    Context context;

    TestServer(const SharedDatabase& shared, const std::string& name)
        : database(*store::Database::open(shared.postgresql.address())),
          context{database, shared.authority, "", "", {}, {}, {}, {}, {}} {
        context.server_id = context.machine = name;
        const auto read = database.look([this](store::Connection& connection) {
            return read_memory(context, connection, kTestNow);
        });
        EXPECT_TRUE(read) << read.error().text();
    }
    TestServer(const TestServer&) = delete;
    TestServer& operator=(const TestServer&) = delete;
    TestServer(TestServer&&) = delete;
    TestServer& operator=(TestServer&&) = delete;
    ~TestServer() = default;

    void hear() {
        const auto heard = catch_up(context, kTestNow);
        EXPECT_TRUE(heard) << heard.error().text();
    }
    /// Changes something and tells of it.
    template <class Work>
    void make(Work work) {
        const auto done = change(context, kTestNow, work);
        EXPECT_TRUE(done) << done.error().text();
    }
    void add_host(const std::string& id) {
        make([&](store::Connection& connection, Trail& trail) -> Result<void> {
            store::HostRecord host;
            host.id = host.name = id;
            host.host_group = "web";
            THIMBLE_TRY(store::add_host(connection, host));
            trail.tell_others({store::ServerNews::Kind::Host, id});
            return trail.note({"server", "host.enrol", id, "", "", ""});
        });
    }
    void add_job(const std::string& id, const std::string& host) {
        make([&](store::Connection& connection, Trail& trail) -> Result<void> {
            const store::Job job{id, host, "e", "ada", kTestNow, kTestNow + std::chrono::hours(1)};
            THIMBLE_TRY(store::add_job(connection, job));
            trail.tell({{job}, {}});
            return {};
        });
    }
    [[nodiscard]] std::size_t jobs_of(const std::string& host) const {
        return context.roster.with(
            [&](const Roster& roster) { return roster.jobs_of(host, {}, kTestNow).size(); });
    }
    [[nodiscard]] std::string group_of(const std::string& host) const {
        return context.roster.with([&](const Roster& roster) { return roster.group_of(host); });
    }
};

}  // namespace thimble::server
