#include "thimble/server/fleet_thread.hpp"

#include "thimble/server/deployment_course.hpp"
#include "thimble/server/lead.hpp"
#include "thimble/server/sign_in_limit.hpp"
#include "thimble/store/repeated_requests.hpp"

#include <chrono>
#include <utility>

namespace thimble::server {
namespace {

/// How late a host is known to be silent.
constexpr std::chrono::seconds kPeriod{15};
/// How late a replaced catalog is seen.
constexpr std::chrono::milliseconds kLook{500};
constexpr std::chrono::minutes kTidyPeriod{10};
/// Who was away for longer reads everything.
constexpr std::int64_t kKeptChanges = 100'000;

}  // namespace

FleetThread::FleetThread(
    Context& context,
    const Clock& clock,
    const std::filesystem::path& catalog,
    RetentionTimes times,
    std::function<void(const std::string&)> complain)
    : context_(context),
      clock_(clock),
      complain_(std::move(complain)),
      reconciler_(context, clock, catalog, complain_),
      retention_(context, clock, times) {
    context_.documents_changed.set([this] {
        const std::scoped_lock lock(mutex_);
        is_nudged_ = true;
        bell_.notify_one();
    });
    thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

FleetThread::~FleetThread() {
    context_.documents_changed.set({});
}

Result<void> FleetThread::lose_overdue() {
    const Instant now = clock_.now();
    return change(context_, now, [&](store::Connection& connection, Trail& trail) -> Result<void> {
        THIMBLE_TRY(check_lead(context_, connection));
        THIMBLE_TRY(JobChanges changes, lose_overdue_jobs(context_, connection, trail));
        trail.tell(std::move(changes));
        return {};
    });
}

void FleetThread::run(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
        const bool leads = context_.leads();
        if (missed_inventories(leads)) {
            reconciler_.doubt_index();
        }
        if (leads) {
            tell(reconciler_.pass(stop));
            tell(lose_overdue());
            tell(tidy_up());
            tell(retention_.pass(stop));
        } else {
            tell(reconciler_.follow(stop));
        }
        context_.hosts_moved();
        rest(stop);
    }
}

/// Who leads relies on judging what is due and does not note what others take in: when another server has led in
/// between, or the database was away, the index may lack something.
bool FleetThread::missed_inventories(bool leads) {
    const std::int64_t terms =
        context_.leadership.with([](const Leadership& known) { return known.terms(); });
    const bool has_lost = led_term_ != 0 && (!leads || terms != led_term_);
    led_term_ = leads ? terms : 0;
    const bool has_gap = !leads
        && context_.heard.with([](Heard& heard) { return std::exchange(heard.has_gap, false); });
    return has_lost || has_gap;
}

void FleetThread::tell(const Result<void>& done) const {
    // The next pass finds the same to do; who leads no more leaves it to who does.
    if (!done && done.error().code != "server.not_leading") {
        complain_(done.error().text());
    }
}

/// What nobody asks for any more.
Result<void> FleetThread::tidy_up() {
    const Instant now = clock_.now();
    if (now < tidy_at_) {
        return {};
    }
    THIMBLE_TRY(context_.database.transact([&](store::Connection& connection) -> Result<void> {
        THIMBLE_TRY(check_lead(context_, connection));
        THIMBLE_TRY(store::forget_old_sign_in_failures(connection, now - kSignInMemory));
        THIMBLE_TRY(store::forget_old_requests(connection, now - kRequestMemory));
        return store::forget_server_changes(connection, kKeptChanges);
    }));
    tidy_at_ = now + kTidyPeriod;
    return {};
}

/// Until there may be something to do.
void FleetThread::rest(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    for (auto left = std::chrono::milliseconds(kPeriod); left.count() > 0; left -= kLook) {
        const bool is_called = bell_.wait_for(lock, stop, kLook, [this] { return is_nudged_; });
        if (is_called || stop.stop_requested() || reconciler_.has_new_catalog()) {
            break;
        }
    }
    is_nudged_ = false;
}

}  // namespace thimble::server
