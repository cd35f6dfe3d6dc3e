#pragma once
/// @file A server without its network, for benchmarks: its database is a file of SQLite.

#include "thimble/server/rollout_course.hpp"
#include "thimble/server/rollout_state.hpp"
#include "thimble/store/fleet.hpp"
#include "thimble/store/hosts.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace thimble::server {

constexpr Instant kNow{std::chrono::seconds(1'800'000'000)};
constexpr std::size_t kPatches = 10;

inline std::string id_of(std::size_t host) {
    return "0123456789abcdef0123456789" + std::to_string(1'000'000 + host);
}

/// Every hundredth host is one of staging, the others are three by three.
inline std::string tag_of(std::size_t host) {
    return host % 100 == 0 ? "staging" : "ha=s" + std::to_string(host / 3);
}

inline std::string policy_of(const std::string& group, const std::string& more) {
    return "policy: " + group + "\nhosts: {groups: [" + group
        + "]}\nrings:\n"
          "  - {name: staging, hosts: {tags: [staging]}, at_once: 100%}\n"
          "  - {name: first, share: 1%}\n"
          "  - {name: fast, share: 9%}\n"
          "  - {name: broad, share: rest, at_once: 100%}\n"
          "windows: [{rule: FREQ=DAILY, opens: '00:00', lasts: 24h, zone: Europe/Berlin}]\n"
        + more;
}

/// Kilobytes that the process has resident; `VmHWM` is the most it had.
inline double kilobytes(const std::string& name) {
    std::ifstream file("/proc/self/status");
    for (std::string line; std::getline(file, line);) {
        if (line.starts_with(name + ":")) {
            return std::atof(line.c_str() + name.size() + 1);
        }
    }
    return 0;
}

class Server {
public:
    Server() = default;
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;
    Server(Server&&) = delete;
    Server& operator=(Server&&) = delete;
    ~Server() { std::filesystem::remove_all(folder_); }

    [[nodiscard]] const std::filesystem::path& folder() const { return folder_; }

    template <class Work>
    void write(Work work) {
        THIMBLE_CHECK(context.database.transact([&](store::Connection& connection) {
            work(connection);
            return Result<void>();
        }));
    }

    void add_hosts(std::size_t count, std::size_t in_group) {
        write([&](store::Connection& connection) {
            for (std::size_t at = 0; at < count; ++at) {
                store::HostRecord host;
                host.id = host.name = id_of(at);
                host.host_group = "g" + std::to_string(at / in_group);
                host.operating_system = "Debian 12";
                THIMBLE_CHECK(store::add_host(connection, host));
                THIMBLE_CHECK(connection.execute(
                    "UPDATE host SET tags = :tags WHERE id = :id", {tag_of(at), host.id}));
            }
        });
    }

    void keep_policy(const std::string& group, const std::string& more) {
        write([&](store::Connection& connection) {
            THIMBLE_CHECK(store::set_policy(
                connection, {group, policy_of(group, more), "d", "user:ada", kNow}));
        });
    }

    /// A rollout of some hosts in the middle of its last ring: what a step has to look at is most then.
    void add_rollout(const std::string& group, std::size_t from, std::size_t until) {
        const RolloutOrder order{group, group, false, "user:ada", "because", "*"};
        std::vector<rollout::HostFacts> facts;
        for (std::size_t at = from; at < until; ++at) {
            facts.push_back({id_of(at), id_of(at), group, {tag_of(at)}, "Debian 12"});
        }
        PlannedRollout planned;
        planned.document = policy_of(group, "");
        const auto policy = *kept_policy(context, planned.document, facts.size());
        planned.rollout = *rollout::begin_rollout(*policy, facts, order.requester, kNow);
        planned.selection = policy->selection;
        write([&](store::Connection& connection) {
            for (std::size_t ring = 0; ring < planned.rollout.rings.size(); ++ring) {
                planned.rollout.rings[ring].phase =
                    ring < 3 ? rollout::RingPhase::Passed : rollout::RingPhase::Open;
            }
            THIMBLE_CHECK(keep_rollout(connection, order, planned));
            THIMBLE_CHECK(connection.execute(
                "UPDATE rollout SET frozen_digest = 'set' WHERE deployment_id = :id", {group}));
            THIMBLE_CHECK(connection.execute(
                "UPDATE deployment_host SET phase = 'verified' WHERE deployment_id = :id",
                {group}));
        });
    }

    /// So many hosts of the last ring are ready, and one is being changed, so that it is not over.
    void make_ready(const std::string& group, std::size_t hosts) {
        write([&](store::Connection& connection) {
            THIMBLE_CHECK(connection.execute(
                "UPDATE deployment_host SET phase = 'verified', job_id = '' WHERE deployment_id = "
                ":id AND phase <> 'verified'",
                {group}));
            THIMBLE_CHECK(connection.execute(
                "UPDATE deployment_host SET phase = 'applying' WHERE deployment_id = :id AND "
                "host_id = (SELECT MAX(host_id) FROM deployment_host WHERE deployment_id = :same "
                "AND ring = 3)",
                {group, group}));
            THIMBLE_CHECK(connection.execute(
                "UPDATE deployment_host SET phase = 'rehearsed', plan_digest = :plan WHERE "
                "deployment_id = :id AND phase = 'verified' AND host_id IN (SELECT MIN(host_id) "
                "FROM deployment_host WHERE "
                "deployment_id = :same AND ring = 3 AND availability_set % 2 = 0 GROUP BY "
                "availability_set LIMIT "
                    + std::to_string(hosts) + ")",
                {std::string(64, 'a'), group, group}));
        });
    }

    /// What hosts miss, as their judgement says; `exploited` of them one that is.
    void judge(std::size_t from, std::size_t until, bool is_exploited) {
        write([&](store::Connection& connection) {
            for (std::size_t at = from; at < until; ++at) {
                store::FleetJudgement judgement;
                judgement.host.host_id = id_of(at);
                judgement.host.gaps = "[]";
                for (std::size_t patch = 0; patch < kPatches; ++patch) {
                    store::FleetPatch& one = judgement.patches.emplace_back();
                    one.source = "source" + std::to_string(patch);
                    one.from_version = "1.2.3-4";
                    one.to_version = "1.2.3-5+deb12u1";
                    one.state = "ready";
                    one.vulnerabilities = {"CVE-2026-1", "CVE-2026-2"};
                    if (is_exploited && patch == 0) {
                        one.kev = one.exploited = true;
                        one.urgent = {{"CVE-2026-1", kNow}};
                    }
                }
                THIMBLE_CHECK(store::write_judgement(connection, judgement));
            }
        });
    }

    /// Rows of a table.
    std::int64_t count(const std::string& table) {
        return static_cast<std::int64_t>(context.database
                                             .look([&](store::Connection& connection) {
                                                 return connection.query(
                                                     "SELECT host_id FROM " + table);
                                             })
                                             ->size());
    }

private:
    std::filesystem::path folder_ = [] {
        std::string pattern =
            (std::filesystem::temp_directory_path() / "thimble-bench-XXXXXX").string();
        return std::filesystem::path(::mkdtemp(pattern.data()));
    }();
    store::Database database_ = *store::Database::open(
        {store::DatabaseAddress::Kind::Sqlite, (folder_ / "thimble.db").string()});
    Authority authority_ = *Authority::load_or_make(folder_ / "keys", kNow);

public:
    Context context{
        database_, authority_, authority_.deployment_public_key(), "", {}, {}, {}, {}, {}};
};

}  // namespace thimble::server
