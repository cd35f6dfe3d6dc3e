#include "thimble/server/retention.hpp"

#include "thimble/base/json_writer.hpp"
#include "thimble/inventory/inventory_document.hpp"
#include "thimble/server/lead.hpp"
#include "thimble/server/stored_document.hpp"
#include "thimble/store/hosts.hpp"

#include <fmt/format.h>

namespace thimble::server {
namespace {

constexpr std::chrono::hours kEvery{1};
constexpr std::int64_t kBatch = 1000;
constexpr std::int64_t kDocumentBatch = 50;
// In an hour; what is left then waits for the next. Package lists are looked at again and again.
constexpr int kMostBatches = 100;
constexpr int kMostDocumentBatches = 20;

std::string json_of(const store::ForgottenRecords& forgotten) {
    return fmt::format(
        R"({{"jobs":{},"reports":{},"runs":{},"plans":{},"proofs":{}}})",
        forgotten.jobs,
        forgotten.reports,
        forgotten.runs,
        forgotten.plans,
        forgotten.proofs);
}

Result<void> remember_if_there(
    Context& context, store::Connection& connection, const std::string& digest) {
    THIMBLE_TRY(const bool is_there, store::has_document(connection, digest));
    if (is_there) {
        context.roster.with([&](Roster& roster) { roster.add_document(digest); });
    }
    return {};
}

}  // namespace

Retention::Retention(Context& context, const Clock& clock, RetentionTimes times)
    : context_(context), clock_(clock), times_(times) {}

/// @return whether there may be more
Result<bool> Retention::forget_batch(Instant now) {
    return change(context_, now, [&](store::Connection& connection, Trail& trail) -> Result<bool> {
        THIMBLE_TRY(check_lead(context_, connection));
        THIMBLE_TRY(
            const store::ForgottenRecords forgotten,
            store::forget_records(connection, now - times_.records, kBatch));
        if (forgotten.all() == 0) {
            return false;
        }
        THIMBLE_TRY(trail.note(
            {"server",
             "records.forget",
             "",
             json_of(forgotten),
             "",
             fmt::format("older than {} days", times_.records.count())}));
        return true;
    });
}

/// Package lists are named by inventories alone: they stay. So does what is damaged.
Result<bool> Retention::is_package_list(const std::string& digest) {
    const auto text = context_.database.look(
        [&](store::Connection& connection) { return stored_document(connection, digest); });
    if (!text && text.error().kind == ErrorKind::Unavailable) {
        return text.error();
    }
    return !text || inventory::parse_package_list(*text).has_value();
}

/// Those of the next batch that may go.
/// @return none: all were looked at
Result<std::optional<std::vector<std::string>>> Retention::due_documents(Instant before) {
    THIMBLE_TRY(const auto digests, context_.database.look([&](store::Connection& connection) {
        return store::unnamed_documents(connection, before, after_, kDocumentBatch);
    }));
    after_ = digests.empty() ? "" : digests.back();
    if (digests.empty()) {
        return std::optional<std::vector<std::string>>();
    }
    std::vector<std::string> due;
    for (const std::string& digest : digests) {
        THIMBLE_TRY(const bool stays, is_package_list(digest));
        if (!stays) {
            due.push_back(digest);
        }
    }
    return std::optional(std::move(due));
}

/// @return whether there may be more
Result<bool> Retention::forget_documents(Instant now) {
    THIMBLE_TRY(const auto due, due_documents(now - times_.documents));
    if (!due || due->empty()) {
        return due.has_value();
    }
    THIMBLE_TRY(let_go(*due, now));
    return true;
}

Result<void> Retention::let_go(const std::vector<std::string>& due, Instant now) {
    // First in memory: a host that comes back to one from now on is asked for it again.
    context_.roster.with([&](Roster& roster) {
        for (const std::string& digest : due) {
            roster.forget_document(digest);
        }
    });
    std::size_t gone = 0;
    auto done =
        change(context_, now, [&](store::Connection& connection, Trail& trail) -> Result<void> {
            THIMBLE_TRY(check_lead(context_, connection));
            for (const std::string& digest : due) {
                THIMBLE_TRY(
                    const bool is_gone,
                    store::forget_document(connection, digest, now - times_.documents));
                if (is_gone) {
                    trail.tell_others({store::ServerNews::Kind::Document, digest});
                    ++gone;
                }
            }
            if (gone == 0) {
                return {};
            }
            return trail.note(
                {"server",
                 "records.forget",
                 "",
                 fmt::format(R"({{"documents":{}}})", gone),
                 "",
                 fmt::format("named by nothing, older than {} days", times_.documents.count())});
        });
    // Even when it failed: another server that leads now may have let them go, or the commit was not heard of.
    auto known = remember_those_there(due);
    if (!done) {
        return std::move(done).error();
    }
    return known;
}

/// Within one look, so that what other servers tell comes before or after it.
Result<void> Retention::remember_those_there(const std::vector<std::string>& digests) {
    return context_.database.look([&](store::Connection& connection) -> Result<void> {
        for (const std::string& digest : digests) {
            THIMBLE_TRY(remember_if_there(context_, connection, digest));
        }
        return {};
    });
}

Result<void> Retention::pass(const std::stop_token& stop) {
    const Instant now = clock_.now();
    if (now < next_) {
        return {};
    }
    next_ = now + kEvery;
    bool has_more = true;
    for (int batch = 0; has_more && batch < kMostBatches && !stop.stop_requested(); ++batch) {
        THIMBLE_TRY(has_more, forget_batch(now));
    }
    has_more = true;
    for (int batch = 0; has_more && batch < kMostDocumentBatches && !stop.stop_requested();
         ++batch) {
        THIMBLE_TRY(has_more, forget_documents(now));
    }
    return {};
}

}  // namespace thimble::server
