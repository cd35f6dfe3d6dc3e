#include "thimble/server/make_job.hpp"

#include "thimble/server/random.hpp"

namespace thimble::server {
namespace {

/// A host whose clock is a little behind takes its job all the same.
constexpr std::chrono::minutes kClockSlack{5};

}  // namespace

Result<store::Job> make_job(
    store::Connection& connection, const Authority& authority, const JobOrder& order, Instant now) {
    THIMBLE_TRY(
        const std::int64_t sequence, store::next_job_sequence(connection, order.host_id, now));
    const protocol::Job job{
        .kind = order.kind,
        .id = random_id(),
        .host = order.host_id,
        .plan_digest = order.plan_digest,
        .run = order.run,
        .selection = order.selection,
        .health = order.health,
        .hooks = order.hooks,
        .control = order.control,
        .probe = order.probe,
        .lease = protocol::needs_lease(order.kind) ? random_id() : std::string(),
        .not_before = now - kClockSlack,
        .expires_at = now + order.good_for,
        .sequence = static_cast<std::uint64_t>(sequence)};
    const std::string content = protocol::format_job(job);
    // What a host would not take is not signed.
    if (const auto read = protocol::parse_job(content); !read) {
        return failure(ErrorKind::Invalid, "server.bad_job", read.error().text());
    }
    const protocol::Envelope envelope = authority.seal(content);
    store::Job kept{
        job.id,
        order.host_id,
        protocol::format_envelope(envelope),
        order.created_by,
        now,
        job.expires_at,
        std::string(protocol::job_kind_name(order.kind)),
        order.plan_digest,
        order.run,
        order.deployment_id};
    THIMBLE_TRY(store::add_job(connection, kept));
    return kept;
}

}  // namespace thimble::server
