#include "thimble/server/exception_course.hpp"

#include "thimble/base/json_writer.hpp"
#include "thimble/fleet/judge_host.hpp"
#include "thimble/model/vendor_statement.hpp"
#include "thimble/server/exception_controls.hpp"
#include "thimble/server/lead.hpp"
#include "thimble/server/stored_document.hpp"
#include "thimble/store/exceptions.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>
#include <utility>

namespace thimble::server {
namespace {

using model::ExceptionTurn;
using model::PatchException;

constexpr std::size_t kMostRehearsals = 500;  // that are looked at
constexpr std::size_t kMostEvidence = 20;     // that is kept
constexpr std::size_t kMostSaid = 1000;       // bytes of a vendor's sentence

store::ExceptionRow row_of(const PatchException& exception) {
    return {
        .id = exception.id,
        .state = std::string(model::exception_state_name(exception.state)),
        .reason = std::string(model::exception_reason_name(exception.reason)),
        .host_group = exception.scope.host_group,
        .host_tag = exception.scope.host_tag,
        .hosts = exception.scope.hosts,
        .packages = exception.scope.packages,
        .vulnerabilities = exception.scope.vulnerabilities,
        .owner = exception.owner,
        .why = exception.why,
        .requester = exception.requester,
        .approver = exception.approver,
        .controls = exception.controls,
        .requested_at = exception.requested_at,
        .approved_at = exception.approved_at,
        .expires_at = exception.expires_at,
        .renewals = exception.renewals,
        .renewal_by = exception.renewal_by,
        .renewal_until = exception.renewal_until,
        .ended_at = exception.ended_at,
        .reminded_days = exception.reminded_days};
}

/// A word that this version does not know is of a database of a later one: nothing is excepted by it.
PatchException exception_of(const store::ExceptionRow& row) {
    return {
        .id = row.id,
        .state = model::exception_state_named(row.state).value_or(model::ExceptionState::Expired),
        .reason = model::exception_reason_named(row.reason)
                      .value_or(model::ExceptionReason::NoFixFromVendor),
        .scope = {row.host_group, row.host_tag, row.hosts, row.packages, row.vulnerabilities},
        .owner = row.owner,
        .why = row.why,
        .requester = row.requester,
        .approver = row.approver,
        .controls = row.controls,
        .requested_at = row.requested_at,
        .approved_at = row.approved_at,
        .expires_at = row.expires_at,
        .renewals = row.renewals,
        .renewal_by = row.renewal_by,
        .renewal_until = row.renewal_until,
        .ended_at = row.ended_at,
        .reminded_days = row.reminded_days};
}

std::string json_of(const PatchException& exception) {
    std::string text;
    JsonWriter json(text);
    json.open_object().member("state", model::exception_state_name(exception.state));
    json.member("reason", model::exception_reason_name(exception.reason));
    json.member("expires_at", format_instant(exception.expires_at));
    json.member_or_null("renewal_by", exception.renewal_by).close_object();
    return text;
}

bool covers(const PatchException& exception, const store::MissedPatch& patch) {
    const model::HostTags tags = model::parse_tags(patch.tags);
    return model::covers_host(exception.scope, {patch.host_id, patch.host_group, tags})
        && model::covers_patch(exception.scope, patch.source, patch.vulnerabilities);
}

store::ExceptedPatch excepted(const PatchException& exception, const store::MissedPatch& patch) {
    return {
        patch.host_id,
        patch.source,
        patch.to_version,
        exception.id,
        exception.expires_at,
        model::keeps_patch_away(exception.reason)};
}

Result<std::vector<store::MissedPatch>> covered_by(
    store::Connection& connection, const PatchException& exception) {
    THIMBLE_TRY(
        auto patches,
        store::missed_patches(
            connection,
            {.host_id = {},
             .host_group = exception.scope.host_group,
             .sources = exception.scope.packages}));
    std::erase_if(
        patches, [&](const store::MissedPatch& patch) { return !covers(exception, patch); });
    return patches;
}

bool is_exploited(const std::vector<store::MissedPatch>& patches) {
    return std::ranges::any_of(
        patches, [](const store::MissedPatch& patch) { return patch.kev || patch.exploited; });
}

/// Keeps it, and what it covers from now on.
Result<void> keep(
    store::Connection& connection,
    const PatchException& exception,
    const std::vector<store::MissedPatch>& patches) {
    THIMBLE_TRY(store::put_exception(connection, row_of(exception)));
    std::vector<store::ExceptedPatch> rows;
    if (exception.state == model::ExceptionState::Active) {
        rows.reserve(patches.size());
        for (const store::MissedPatch& patch : patches) {
            rows.push_back(excepted(exception, patch));
        }
    }
    return store::set_excepted_patches(connection, exception.id, rows);
}

/// Those that it names; else those of the patches that it is about.
Result<std::set<std::string>> vulnerabilities_of(
    store::Connection& connection, const PatchException& exception) {
    const auto& named = exception.scope.vulnerabilities;
    std::set<std::string> ids(named.begin(), named.end());
    if (ids.empty()) {
        THIMBLE_TRY(const auto patches, covered_by(connection, exception));
        for (const store::MissedPatch& patch : patches) {
            ids.insert(patch.vulnerabilities.begin(), patch.vulnerabilities.end());
        }
    }
    return ids;
}

/// Whether a plan is about something within the scope.
bool is_about(const PatchException& exception, const store::FailedRehearsal& rehearsal) {
    const model::HostTags tags = model::parse_tags(rehearsal.tags);
    const auto& packages = exception.scope.packages;
    return model::covers_host(exception.scope, {rehearsal.host_id, rehearsal.host_group, tags})
        && std::ranges::any_of(rehearsal.patches, [&](const std::string& patch) {
               return std::ranges::find(packages, patch.substr(0, patch.find(' ')))
                   != packages.end();
           });
}

/// The last of each host.
Result<std::vector<store::ExceptionEvidence>> rehearsals_for(
    store::Connection& connection, const PatchException& exception) {
    THIMBLE_TRY(const auto failed, store::failed_rehearsals(connection, kMostRehearsals));
    std::vector<store::ExceptionEvidence> evidence;
    for (const store::FailedRehearsal& rehearsal : failed) {
        const bool is_known =
            std::ranges::find(evidence, rehearsal.host_id, &store::ExceptionEvidence::host_id)
            != evidence.end();
        if (!is_known && evidence.size() < kMostEvidence && is_about(exception, rehearsal)) {
            evidence.push_back(
                {"rehearsal",
                 rehearsal.host_id,
                 rehearsal.document,
                 fmt::format("of {}", fmt::join(rehearsal.patches, ", ")) + ", failed at "
                     + format_instant(rehearsal.at) + ": " + rehearsal.why});
        }
    }
    return evidence;
}

constexpr std::string_view action_of(ExceptionTurn::Kind kind) {
    switch (kind) {
        case ExceptionTurn::Kind::Expired: return "exception.expire";
        case ExceptionTurn::Kind::Shortened: return "exception.shorten";
        case ExceptionTurn::Kind::Reminder: return "exception.remind";
        case ExceptionTurn::Kind::None: break;
    }
    return {};
}

std::string reason_of(const ExceptionTurn& turn, std::size_t patches) {
    switch (turn.kind) {
        case ExceptionTurn::Kind::Expired:
            return fmt::format("{} missing patches are open again, due as they were", patches);
        case ExceptionTurn::Kind::Shortened:
            return "what it covers is being exploited: 14 days at most are left";
        case ExceptionTurn::Kind::Reminder:
            return fmt::format(
                "it ends within {} day{}: renew it, or patch",
                turn.exception.reminded_days,
                turn.exception.reminded_days == 1 ? "" : "s");
        case ExceptionTurn::Kind::None: break;
    }
    return {};
}

/// Whether a vulnerability that it names is exploited, on whatever host.
Result<bool> names_exploited(const Context& context, const PatchException& exception) {
    const auto catalog =
        context.fleet.with([](const IndexedFleet& fleet) { return fleet.catalog(); });
    for (const std::string& id : exception.scope.vulnerabilities) {
        THIMBLE_TRY(const auto facts, fleet::facts_of(catalog.get(), id));
        if (facts.kev) {
            return true;
        }
    }
    return false;
}

/// "exception 4f1c… (active, until 2026-12-20T00:00:00Z)"
std::string words_of(const PatchException& exception) {
    return "exception " + exception.id + " ("
        + std::string(model::exception_state_name(exception.state)) + ", until "
        + format_instant(exception.expires_at) + ")";
}

/// Two for the same would each have to be approved, renewed and revoked.
/// @error Conflict "server.same_exception"
Result<void> check_is_new(
    const std::vector<store::ExceptionRow>& open, const PatchException& wanted) {
    for (const store::ExceptionRow& row : open) {
        const PatchException other = exception_of(row);
        if (!model::covers_scope(other.scope, wanted.scope)
            || !model::covers_scope(wanted.scope, other.scope)) {
            continue;
        }
        const bool is_active = other.state == model::ExceptionState::Active;
        return failure(
            ErrorKind::Conflict,
            "server.same_exception",
            words_of(other) + " is for the same already: "
                + (is_active ? "thimble exception renew asks for more time"
                             : "somebody else can approve it")
                + "; thimble exception revoke ends it");
    }
    return {};
}

/// Those in force that reach as far and farther.
std::vector<std::string> doubts_about_need(
    const std::vector<store::ExceptionRow>& open, const PatchException& wanted) {
    std::vector<std::string> doubts;
    for (const store::ExceptionRow& row : open) {
        const PatchException other = exception_of(row);
        if (model::covers_scope(other.scope, wanted.scope)) {
            doubts.push_back(words_of(other) + " covers all of this, and more");
        }
    }
    return doubts;
}

/// What time has done to it since it was last looked at.
Result<ExceptionTurn> turn_of(
    const Context& context,
    store::Connection& connection,
    const PatchException& exception,
    Instant now) {
    THIMBLE_TRY(const bool is_known, names_exploited(context, exception));
    THIMBLE_TRY(const bool is_found, store::is_exploited_exception(connection, exception.id));
    return model::after_time(exception, is_known || is_found, now);
}

/// @return whether there may be more to do for it
Result<bool> turn_one(
    const Context& context,
    store::Connection& connection,
    Trail& trail,
    const std::string& id,
    Instant now) {
    THIMBLE_TRY(const PatchException before, exception_named(connection, id));
    THIMBLE_TRY(const ExceptionTurn turn, turn_of(context, connection, before, now));
    if (turn.kind == ExceptionTurn::Kind::None) {
        return false;
    }
    THIMBLE_TRY(const auto patches, covered_by(connection, before));
    THIMBLE_TRY(keep(connection, turn.exception, patches));
    THIMBLE_TRY(trail.note(
        {"server",
         std::string(action_of(turn.kind)),
         id,
         json_of(before),
         json_of(turn.exception),
         reason_of(turn, patches.size())}));
    return true;
}

/// Ids of those to which time has done something.
Result<std::vector<std::string>> turning(
    const Context& context, store::Connection& connection, Instant now) {
    THIMBLE_TRY(const auto rows, store::exceptions_in(connection, {"requested", "active"}));
    std::vector<std::string> ids;
    for (const store::ExceptionRow& row : rows) {
        THIMBLE_TRY(const ExceptionTurn turn, turn_of(context, connection, exception_of(row), now));
        if (turn.kind != ExceptionTurn::Kind::None) {
            ids.push_back(row.id);
        }
    }
    return ids;
}

}  // namespace

Result<RequestedException> request_exception(
    const Context& context,
    store::Connection& connection,
    Trail& trail,
    const ExceptionRequest& request) {
    const PatchException& wanted = request.wanted;
    Faults faults = request.faults;
    THIMBLE_TRY(const auto patches, covered_by(connection, wanted));
    THIMBLE_TRY(faults.note(check_controls(connection, wanted, patches, trail.now())));
    THIMBLE_TRY(const bool is_known, names_exploited(context, wanted));
    THIMBLE_TRY(faults.note(model::check_exception(wanted, is_known || is_exploited(patches))));
    THIMBLE_TRY(const auto open, store::exceptions_in(connection, {"requested", "active"}));
    THIMBLE_TRY(faults.note(check_is_new(open, wanted)));
    THIMBLE_TRY(faults.verdict());
    THIMBLE_TRY(store::put_exception(connection, row_of(wanted)));
    THIMBLE_TRY(const auto evidence, rehearsals_for(connection, wanted));
    THIMBLE_TRY(store::add_evidence(connection, wanted.id, evidence, trail.now()));
    THIMBLE_TRY(trail.note(
        {request.actor, "exception.request", wanted.id, "", json_of(wanted), wanted.why}));
    return RequestedException{patches.size(), doubts_about_need(open, wanted)};
}

Result<void> act_on_exception(
    const Context& context,
    store::Connection& connection,
    Trail& trail,
    const ExceptionOrder& order) {
    THIMBLE_TRY(const PatchException before, exception_named(connection, order.id));
    THIMBLE_TRY(const auto patches, covered_by(connection, before));
    if (order.what.kind == model::ExceptionAct::Kind::Approve) {
        THIMBLE_TRY(check_controls(connection, before, patches, trail.now()));
    }
    THIMBLE_TRY(const bool is_known, names_exploited(context, before));
    THIMBLE_TRY(
        const PatchException after,
        model::after_act(before, order.what, is_known || is_exploited(patches), trail.now()));
    THIMBLE_TRY(keep(connection, after, patches));
    return trail.note(
        {order.actor,
         "exception." + order.act,
         order.id,
         json_of(before),
         json_of(after),
         order.why});
}

Result<void> keep_vendor_document(
    store::Connection& connection,
    Trail& trail,
    const PatchException& exception,
    const std::string& text,
    const std::string& actor) {
    THIMBLE_TRY(const auto document, model::parse_vendor_document(text));
    THIMBLE_TRY(const auto about, vulnerabilities_of(connection, exception));
    THIMBLE_TRY(const std::string digest, keep_document(connection, text, trail.now()));
    std::vector<store::ExceptionEvidence> evidence;
    for (const model::VendorStatement& statement : document.statements) {
        if (evidence.size() < kMostEvidence && about.contains(statement.vulnerability)) {
            evidence.push_back(
                {"vex", "", digest, model::sentence_of(document, statement).substr(0, kMostSaid)});
        }
    }
    if (evidence.empty()) {
        return failure(
            ErrorKind::Invalid,
            "model.bad_vex",
            "it says nothing of the vulnerabilities that this exception is about");
    }
    THIMBLE_TRY(store::add_evidence(connection, exception.id, evidence, trail.now()));
    return trail.note({actor, "exception.evidence", exception.id, "", "", digest});
}

Result<PatchException> exception_named(store::Connection& connection, const std::string& id) {
    THIMBLE_TRY(const auto row, store::exception_of(connection, id));
    if (!row) {
        return failure(
            ErrorKind::NotFound, "server.no_exception", "there is no exception \"" + id + "\"");
    }
    return exception_of(*row);
}

Result<std::vector<PatchException>> active_exceptions(store::Connection& connection) {
    THIMBLE_TRY(const auto rows, store::exceptions_in(connection, {"active"}));
    std::vector<PatchException> exceptions;
    exceptions.reserve(rows.size());
    std::ranges::transform(rows, std::back_inserter(exceptions), exception_of);
    return exceptions;
}

Result<void> cover_host(
    store::Connection& connection,
    const std::string& host_id,
    std::span<const PatchException> active) {
    if (active.empty()) {
        return {};  // what is over covers nothing already
    }
    THIMBLE_TRY(
        const auto patches,
        store::missed_patches(connection, {.host_id = host_id, .host_group = {}, .sources = {}}));
    std::vector<store::ExceptedPatch> rows;
    for (const PatchException& exception : active) {
        for (const store::MissedPatch& patch : patches) {
            if (covers(exception, patch)) {
                rows.push_back(excepted(exception, patch));
            }
        }
    }
    return store::set_excepted_patches_of_host(connection, host_id, rows);
}

Result<void> turn_exceptions(Context& context, Instant now) {
    THIMBLE_TRY(const auto ids, context.database.look([&](store::Connection& connection) {
        return turning(context, connection, now);
    }));
    for (const std::string& id : ids) {
        const auto turn = [&](store::Connection& connection, Trail& trail) -> Result<bool> {
            THIMBLE_TRY(check_lead(context, connection));
            return turn_one(context, connection, trail, id, now);
        };
        for (bool is_turning = true; is_turning;) {
            THIMBLE_TRY(is_turning, change(context, now, turn));
        }
    }
    return {};
}

}  // namespace thimble::server
