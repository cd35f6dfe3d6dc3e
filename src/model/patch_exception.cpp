#include "thimble/model/patch_exception.hpp"

#include "thimble/base/faults.hpp"
#include "thimble/model/selectable_name.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace thimble::model {
namespace {

using Kind = ExceptionTurn::Kind;

constexpr std::array<std::string_view, 8> kReasons{
    "no_fix_from_vendor",
    "eol_os",
    "vendor_certified_version",
    "fix_breaks_app",
    "no_reboot_allowed",
    "device_unmanaged",
    "fix_not_in_repos",
    "licence"};
constexpr std::array<std::string_view, 5> kStates{
    "requested", "active", "refused", "revoked", "expired"};
constexpr std::array<std::string_view, 4> kActs{"approve", "refuse", "revoke", "renew"};
constexpr std::array<std::int64_t, 3> kReminders{1, 7, 14};  // days before the end

template <class Value, std::size_t Count>
std::optional<Value> named(
    const std::array<std::string_view, Count>& names, std::string_view name) {
    const auto* const at = std::ranges::find(names, name);
    return at == names.end() ? std::nullopt : std::optional(static_cast<Value>(at - names.begin()));
}

Error broken(std::string rule) {
    return failure(ErrorKind::Invalid, "model.bad_exception", std::move(rule));
}

Error not_so(std::string what) {
    return failure(ErrorKind::Conflict, "model.not_so", std::move(what));
}

bool names(const std::vector<std::string>& list, std::string_view name) {
    return list.empty() || std::ranges::find(list, name) != list.end();
}

bool are_names(const std::vector<std::string>& list) {
    return list.size() <= kMostScoped && std::ranges::all_of(list, is_selectable_name);
}

Result<void> check_time(Instant from, Instant until, bool is_exploited) {
    if (until <= from) {
        return broken("an exception must end in the future");
    }
    if (until - from > kLongestException) {
        return broken("an exception lasts 90 days at most; it can be renewed");
    }
    if (is_exploited && until - from > kLongestExploitedException) {
        return broken("what it covers is being exploited: it lasts 14 days at most");
    }
    return {};
}

/// 14, 7 or 1; 0: its end is farther away.
std::int64_t reminder_due(const PatchException& exception, Instant now) {
    const auto* const due = std::ranges::find_if(
        kReminders, [&](std::int64_t days) { return exception.expires_at - now <= Days(days); });
    return due == kReminders.end() ? 0 : *due;
}

Result<void> check_date(const PatchException& exception, Instant named) {
    const bool is_renewal = exception.state == ExceptionState::Active;
    const Instant asked = is_renewal ? exception.renewal_until : exception.expires_at;
    if (is_renewal && named == Instant{}) {
        return broken("who agrees to more time names until when: " + format_instant(asked));
    }
    return named == Instant{} || named == asked
        ? Result<void>()
        : Result<void>(failure(
              ErrorKind::Conflict,
              "model.not_that_date",
              "the end that is asked for is " + format_instant(asked)));
}

Result<PatchException> approved(
    PatchException exception, const ExceptionAct& act, bool is_exploited, Instant now) {
    const bool is_renewal = exception.state == ExceptionState::Active;
    if (act.person == (is_renewal ? exception.renewal_by : exception.requester)) {
        return failure(
            ErrorKind::Denied,
            "model.second_person",
            "who asks for an exception cannot approve it: somebody else must");
    }
    THIMBLE_TRY(check_date(exception, act.until));
    THIMBLE_TRY(
        check_time(now, is_renewal ? exception.renewal_until : exception.expires_at, is_exploited));
    if (is_renewal) {
        exception.expires_at = exception.renewal_until;
        ++exception.renewals;
    }
    exception.state = ExceptionState::Active;
    exception.approver = act.person;
    exception.approved_at = now;
    exception.reminded_days = reminder_due(exception, now);  // who approves knows the end
    return exception;
}

}  // namespace

std::string_view exception_reason_name(ExceptionReason reason) {
    return kReasons.at(static_cast<std::size_t>(reason));
}
std::optional<ExceptionReason> exception_reason_named(std::string_view name) {
    return named<ExceptionReason>(kReasons, name);
}
std::string exception_reason_names() {
    std::string text;
    for (const std::string_view name : kReasons) {
        text.append(text.empty() ? "" : ", ").append(name);
    }
    return text;
}
std::string exception_reason_names(bool needs) {
    std::string text;
    for (const std::string_view name : kReasons) {
        const auto reason = exception_reason_named(name);
        if (reason && needs_control(*reason) == needs) {
            text.append(text.empty() ? "" : ", ").append(name);
        }
    }
    return text;
}
std::string_view exception_state_name(ExceptionState state) {
    return kStates.at(static_cast<std::size_t>(state));
}
std::optional<ExceptionState> exception_state_named(std::string_view name) {
    return named<ExceptionState>(kStates, name);
}
std::optional<ExceptionAct::Kind> exception_act_named(std::string_view name) {
    return named<ExceptionAct::Kind>(kActs, name);
}

bool needs_control(ExceptionReason reason) {
    return reason <= ExceptionReason::NoRebootAllowed;
}

bool keeps_patch_away(ExceptionReason reason) {
    return reason == ExceptionReason::VendorCertifiedVersion
        || reason == ExceptionReason::FixBreaksApplication
        || reason == ExceptionReason::NoRebootAllowed;
}

bool covers_host(const ExceptionScope& scope, const ScopedHost& host) {
    return (scope.host_group == "*" || scope.host_group == host.host_group)
        && names(scope.hosts, host.id)
        && (scope.host_tag.empty()
            || std::ranges::find(host.tags, scope.host_tag) != host.tags.end());
}

bool covers_patch(
    const ExceptionScope& scope,
    std::string_view source,
    std::span<const std::string> vulnerabilities) {
    const bool is_named = scope.vulnerabilities.empty()
        || (!vulnerabilities.empty()
            && std::ranges::all_of(vulnerabilities, [&](const std::string& id) {
                   return names(scope.vulnerabilities, id);
               }));
    return names(scope.packages, source) && is_named;
}

bool covers_scope(const ExceptionScope& wider, const ExceptionScope& narrower) {
    const auto has_all = [](const std::vector<std::string>& all,
                            const std::vector<std::string>& some) {
        return all.empty() || (!some.empty() && std::ranges::all_of(some, [&](const auto& one) {
                   return names(all, one);
               }));
    };
    return (wider.host_group == "*" || wider.host_group == narrower.host_group)
        && (wider.host_tag.empty() || wider.host_tag == narrower.host_tag)
        && has_all(wider.hosts, narrower.hosts) && has_all(wider.packages, narrower.packages)
        && has_all(wider.vulnerabilities, narrower.vulnerabilities);
}

Result<void> check_exception(const PatchException& wanted, bool is_exploited) {
    const ExceptionScope& scope = wanted.scope;
    Faults faults;
    if (scope.packages.empty() && scope.vulnerabilities.empty()) {
        THIMBLE_TRY(faults.note(broken("an exception names packages, vulnerabilities or both")));
    }
    if (!are_names(scope.packages) || !are_names(scope.vulnerabilities)
        || scope.hosts.size() > kMostScoped) {
        THIMBLE_TRY(
            faults.note(broken("packages, vulnerabilities and hosts are at most 200 names each")));
    }
    if (!scope.host_tag.empty()) {
        THIMBLE_TRY(faults.note(check_tag(scope.host_tag)));
    }
    if (needs_control(wanted.reason) && wanted.controls.empty()) {
        THIMBLE_TRY(faults.note(broken(
            "what is left open for the reason " + std::string(exception_reason_name(wanted.reason))
            + " needs a control that shields it meanwhile; these need none: "
            + exception_reason_names(false))));
    }
    THIMBLE_TRY(faults.note(check_time(wanted.requested_at, wanted.expires_at, is_exploited)));
    return faults.verdict();
}

Result<PatchException> after_act(
    PatchException exception, const ExceptionAct& act, bool is_exploited, Instant now) {
    const bool is_requested = exception.state == ExceptionState::Requested;
    const bool is_active = exception.state == ExceptionState::Active;
    if (!is_requested && !is_active) {
        return not_so(
            "the exception is " + std::string(exception_state_name(exception.state))
            + ": request another one");
    }
    const bool is_asked = is_requested || !exception.renewal_by.empty();
    switch (act.kind) {
        case ExceptionAct::Kind::Renew:
            if (!is_active) {
                return not_so("it is not active yet: revoke it, and request another one");
            }
            THIMBLE_TRY(check_time(now, act.until, is_exploited));
            if (act.until <= exception.expires_at) {
                return broken("a renewal ends later than the exception does now");
            }
            exception.renewal_by = act.person;
            exception.renewal_until = act.until;
            return exception;
        case ExceptionAct::Kind::Revoke:
            exception.state = ExceptionState::Revoked;
            exception.ended_at = now;
            break;
        case ExceptionAct::Kind::Approve:
        case ExceptionAct::Kind::Refuse:
            if (!is_asked) {
                return not_so("it is active, and nobody has asked for more time");
            }
            if (act.kind == ExceptionAct::Kind::Approve) {
                THIMBLE_TRY(exception, approved(std::move(exception), act, is_exploited, now));
            } else if (is_requested) {
                exception.state = ExceptionState::Refused;
                exception.ended_at = now;
            }
            break;
    }
    exception.renewal_by.clear();
    exception.renewal_until = Instant();
    return exception;
}

ExceptionTurn after_time(PatchException exception, bool is_exploited, Instant now) {
    const bool is_open =
        exception.state == ExceptionState::Active || exception.state == ExceptionState::Requested;
    if (!is_open) {
        return {Kind::None, std::move(exception)};
    }
    if (now >= exception.expires_at) {
        exception.state = ExceptionState::Expired;
        exception.ended_at = now;
        exception.renewal_by.clear();
        exception.renewal_until = Instant();
        return {Kind::Expired, std::move(exception)};
    }
    if (exception.state == ExceptionState::Requested) {
        return {Kind::None, std::move(exception)};
    }
    // From when its exploitation is noticed: what was agreed before did not know of it.
    if (is_exploited && exception.expires_at - now > kLongestExploitedException) {
        exception.expires_at = now + kLongestExploitedException;
        return {Kind::Shortened, std::move(exception)};
    }
    const std::int64_t due = reminder_due(exception, now);
    if (due != 0 && (exception.reminded_days == 0 || due < exception.reminded_days)) {
        exception.reminded_days = due;
        return {Kind::Reminder, std::move(exception)};
    }
    return {Kind::None, std::move(exception)};
}

}  // namespace thimble::model
