#pragma once
/// @file Exceptions: why a patch may be missing for a while, who answers for it, who agreed, and until when. Pure.

#include "thimble/base/instant.hpp"
#include "thimble/base/result.hpp"
#include "thimble/model/host_tags.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace thimble::model {

/// Why something cannot be patched.
enum class ExceptionReason : std::uint8_t {
    NoFixFromVendor,
    EndOfLife,
    VendorCertifiedVersion,  ///< the vendor stands by one version alone
    FixBreaksApplication,
    NoRebootAllowed,
    DeviceUnmanaged,
    FixNotInRepositories,
    Licence,  ///< the fix is for who pays for longer support
};

/// "no_fix_from_vendor", "eol_os", "vendor_certified_version", "fix_breaks_app", "no_reboot_allowed",
/// "device_unmanaged", "fix_not_in_repos", "licence".
std::string_view exception_reason_name(ExceptionReason reason);
std::optional<ExceptionReason> exception_reason_named(std::string_view name);
/// All of them, comma separated.
std::string exception_reason_names();
/// A person's decision, which something else has to shield; the others are found by machines, too.
bool needs_control(ExceptionReason reason);
/// Those that do, or those that do not; comma separated.
std::string exception_reason_names(bool needs);
/// A fix exists and must stay away.
bool keeps_patch_away(ExceptionReason reason);

enum class ExceptionState : std::uint8_t { Requested, Active, Refused, Revoked, Expired };
/// "requested", "active", "refused", "revoked", "expired".
std::string_view exception_state_name(ExceptionState state);
std::optional<ExceptionState> exception_state_named(std::string_view name);

/// Which patches of which hosts: all that is named must fit.
struct ExceptionScope {
    std::string host_group;                    ///< or "*"
    std::string host_tag;                      ///< empty: any
    std::vector<std::string> hosts;            ///< ids; empty: any
    std::vector<std::string> packages;         ///< source packages; empty: any
    std::vector<std::string> vulnerabilities;  ///< ids; empty: any
    bool operator==(const ExceptionScope&) const = default;
};

struct ScopedHost {
    std::string_view id;
    std::string_view host_group;
    std::span<const std::string> tags;
};
bool covers_host(const ExceptionScope& scope, const ScopedHost& host);
/// A patch is covered when its package is, and each vulnerability that is open for want of it.
bool covers_patch(
    const ExceptionScope& scope,
    std::string_view source,
    std::span<const std::string> vulnerabilities);

/// Whether every patch of a host that the second one covers is covered by the first one, whatever hosts there are.
bool covers_scope(const ExceptionScope& wider, const ExceptionScope& narrower);

struct PatchException {
    std::string id;
    ExceptionState state = ExceptionState::Requested;
    ExceptionReason reason = ExceptionReason::NoFixFromVendor;
    ExceptionScope scope;
    std::string owner;  ///< who answers for the risk
    std::string why;
    std::string requester;              ///< "user:NAME"
    std::string approver;               ///< empty: nobody yet
    std::vector<std::string> controls;  ///< ids of what shields it meanwhile
    Instant requested_at;
    Instant approved_at;
    Instant expires_at;
    std::int64_t renewals = 0;
    std::string renewal_by;  ///< who asks for more time; empty: nobody
    Instant renewal_until;
    Instant ended_at;
    std::int64_t reminded_days =
        0;  ///< the last reminder came that many days before the end; 0: none came
    bool operator==(const PatchException&) const = default;
};

inline constexpr Days kLongestException{90};
inline constexpr Days kLongestExploitedException{14};
inline constexpr std::size_t kMostScoped = 200;  ///< names in each list of a scope

/// @param is_exploited  whether a vulnerability within its scope is known to be exploited
/// @error Invalid "model.bad_exception"  names every rule that the request breaks
/// @source workflow: an exception has an owner and an end, at most 90 days away, 14 when exploited
Result<void> check_exception(const PatchException& wanted, bool is_exploited);

/// What a person does to an exception.
struct ExceptionAct {
    enum class Kind : std::uint8_t { Approve, Refuse, Revoke, Renew };
    Kind kind = Kind::Approve;
    std::string person;  ///< "user:NAME"
    Instant
        until;  ///< of Renew the end that is asked for, of Approve the end that is meant; 0: none is named
};
/// "approve", "refuse", "revoke", "renew".
std::optional<ExceptionAct::Kind> exception_act_named(std::string_view name);

/// The exception after it. Approve and Refuse answer the request, or the wish for more time: an active one stays
/// as it is when more time is refused. Who agrees to more time names until when: it may have been asked for anew.
/// @error Denied "model.second_person"  who asked cannot approve;
///        Conflict "model.not_that_date"  another end is asked for than the one that is named;
///        Conflict "model.not_so"  there is nothing to answer, or it is over;
///        Invalid "model.bad_exception"  more time than the rules allow
Result<PatchException> after_act(
    PatchException exception, const ExceptionAct& act, bool is_exploited, Instant now);

/// What time does to an exception.
struct ExceptionTurn {
    enum class Kind : std::uint8_t {
        None,
        Expired,    ///< what it covered is open again, due when it always was
        Shortened,  ///< it is exploited now: at most 14 days are left
        Reminder,   ///< 14, 7 or 1 days before its end
    };
    Kind kind = Kind::None;
    PatchException exception;  ///< after it
};
/// One turn at a time: to be asked again until there is none.
ExceptionTurn after_time(PatchException exception, bool is_exploited, Instant now);

}  // namespace thimble::model
