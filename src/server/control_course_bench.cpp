// What a control over many hosts costs: one report of a host, and one pass.
#include "thimble/server/control_course.hpp"

#include "thimble/base/digest.hpp"
#include "thimble/model/control_report.hpp"
#include "thimble/protocol/base64url.hpp"
#include "thimble/protocol/envelope.hpp"
#include "thimble/protocol/job.hpp"
#include "thimble/server/control_document.hpp"
#include "thimble/server/deployment_course.hpp"
#include "thimble/store/hosts.hpp"

#include <benchmark/benchmark.h>
#include <zstd.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

namespace thimble::server {
namespace {

const Instant kStart = *parse_instant("2026-11-01T12:00:00Z");
constexpr std::chrono::hours kInterval{1};

/// A server on a disk with one control that is verified on every host.
class Fleet {
public:
    explicit Fleet(std::int64_t hosts) : hosts_(hosts) {
        THIMBLE_CHECK(database_.transact([&](store::Connection& connection) -> Result<void> {
            const ControlDocument document = *parse_control_document(
                R"({"kind":"segmentation","settings":{"listeners":[{"port":80}]}})");
            store::ControlRecord control;
            control.id = "c";
            control.name = "wall";
            control.kind = "segmentation";
            control.document = document.text;
            control.digest = document.digest;
            control.covers = {"CVE-2026-1"};
            control.scope = R"({"hosts":[],"groups":["web"],"tags":[]})";
            control.host_group = "*";
            control.verify_seconds = std::chrono::seconds(kInterval).count();
            control.expires_at = kStart + Days(60);
            control.approved_at = kStart;
            control.retirement = "propose";
            control.state = "verified";
            THIMBLE_TRY(store::add_control(connection, control));
            THIMBLE_TRY(store::set_control(connection, control));
            for (std::int64_t at = 0; at < hosts; ++at) {
                THIMBLE_TRY(add_host(connection, control, at));
            }
            return {};
        }));
    }
    ~Fleet() { std::filesystem::remove_all(folder_); }
    Fleet(const Fleet&) = delete;
    Fleet& operator=(const Fleet&) = delete;
    Fleet(Fleet&&) = delete;
    Fleet& operator=(Fleet&&) = delete;

    static std::string id_of(std::int64_t at) { return "host" + std::to_string(1'000'000 + at); }

    /// Looks at so many hosts are due from `at` on.
    void make_due(std::int64_t at, std::int64_t count) {
        THIMBLE_CHECK(database_.transact([&](store::Connection& connection) {
            return connection.execute(
                "UPDATE control_host SET due_at = 1, tried_at = 1, job_id = '', job_kind = '' "
                "WHERE control_id = 'c' AND host_id >= :from AND host_id < :to",
                {id_of(at % hosts_), id_of(at % hosts_ + count)});
        }));
    }
    void pass() { THIMBLE_CHECK(watch_controls(context_, kStart)); }
    /// What the host says of the job that it was given.
    std::vector<store::Report> report_of(std::int64_t at) {
        const auto host = **database_.look([&](store::Connection& connection) {
            return store::control_host_of(connection, "c", id_of(at % hosts_));
        });
        model::ControlReport report;
        report.id = "c";
        report.digest = host.digest;
        report.kind = model::ControlKind::Segmentation;
        report.state = model::ControlOutcome::Holding;
        report.at = kStart;
        report.checks = {{"port 80", "refused", "refused", true}};
        report.job = host.job_id;
        const std::string text = model::format_control_report(report);
        keep(text);
        return {
            {++sequence_,
             "job.result",
             R"({"job":")" + host.job_id
                 + R"(","kind":"verify-control","outcome":"done","exit_status":0,"plan_digest":)"
                   R"(null,"documents":[")"
                 + sha256_of(text) + R"("],"output":""})"}};
    }
    void take(std::int64_t at, const std::vector<store::Report>& reports) {
        THIMBLE_CHECK(change(context_, kStart, [&](auto& connection, Trail& trail) {
            return take_job_reports(context_, connection, trail, id_of(at % hosts_), reports);
        }));
    }

private:
    static Result<void> add_host(
        store::Connection& connection, const store::ControlRecord& control, std::int64_t at) {
        store::HostRecord host;
        host.id = host.name = id_of(at);
        host.host_group = "web";
        host.silent_at = kStart + Days(1);
        THIMBLE_TRY(store::add_host(connection, host));
        store::ControlHost placed{"c", host.id, "verified", kStart};
        placed.digest = control.digest;
        placed.installed_at = placed.last_verified = placed.tried_at = kStart;
        placed.due_at = kStart + kInterval;
        return store::set_control_host(connection, placed);
    }
    void keep(const std::string& text) {
        std::string frame(ZSTD_compressBound(text.size()), '\0');
        frame.resize(ZSTD_compress(frame.data(), frame.size(), text.data(), text.size(), 1));
        THIMBLE_CHECK(database_.transact([&](store::Connection& connection) {
            return store::keep_document(
                connection,
                {sha256_of(text),
                 protocol::format_base64url(frame),
                 static_cast<std::int64_t>(text.size())},
                kStart);
        }));
    }
    static std::filesystem::path made_folder() {
        std::string pattern =
            (std::filesystem::temp_directory_path() / "thimble-bench-XXXXXX").string();
        return ::mkdtemp(pattern.data());
    }

    std::int64_t hosts_;
    std::filesystem::path folder_ = made_folder();
    store::Database database_ = *store::Database::open(
        {store::DatabaseAddress::Kind::Sqlite, (folder_ / "thimble.db").string()});
    Authority authority_ = *Authority::load_or_make(folder_ / "keys", kStart);
    Context context_{database_, authority_, "", "", {}, {}, {}, {}, {}};
    std::int64_t sequence_ = 0;
};

void report_by_hosts(benchmark::State& state) {
    Fleet fleet(state.range(0));
    fleet.pass();
    std::int64_t at = 0;
    for (auto _ : state) {
        state.PauseTiming();
        fleet.make_due(at, 1);
        fleet.pass();
        const auto reports = fleet.report_of(at);
        state.ResumeTiming();
        fleet.take(at, reports);
        ++at;
    }
}
BENCHMARK(report_by_hosts)
    ->Arg(1'000)
    ->Arg(100'000)
    ->Unit(benchmark::kMicrosecond)
    ->Iterations(300);

void quiet_pass_by_hosts(benchmark::State& state) {
    Fleet fleet(state.range(0));
    fleet.pass();
    for (auto _ : state) {
        fleet.pass();
    }
}
BENCHMARK(quiet_pass_by_hosts)->Arg(1'000)->Arg(100'000)->Unit(benchmark::kMicrosecond);

/// A pass in which so many verifications are due as fall into ten seconds, and as many as a pass has at most.
void pass_by_hosts_and_due(benchmark::State& state) {
    Fleet fleet(state.range(0));
    fleet.pass();
    std::int64_t at = 0;
    for (auto _ : state) {
        state.PauseTiming();
        fleet.make_due(at, state.range(1));
        state.ResumeTiming();
        fleet.pass();
        at += state.range(1);
    }
    state.SetItemsProcessed(state.iterations() * state.range(1));
}
BENCHMARK(pass_by_hosts_and_due)
    ->Args({100'000, 278})
    ->Args({100'000, 2'000})
    ->Unit(benchmark::kMillisecond)
    ->Iterations(10);

}  // namespace
}  // namespace thimble::server
