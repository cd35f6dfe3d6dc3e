#include "thimble/server/control_acts.hpp"

#include "thimble/model/patch_exception.hpp"
#include "thimble/server/control_facts.hpp"
#include "thimble/server/request_body.hpp"

#include <algorithm>
#include <utility>

namespace thimble::server {
namespace {

using rollout::ControlEvent;
using rollout::ControlState;

/// One control, and what is done to it.
class Acting {
public:
    Acting(
        Context& context,
        store::Connection& connection,
        ControlCourse& course,
        const ControlAct& act,
        Instant now)
        : context_(context), connection_(connection), course_(course), act_(act), now_(now) {}

    Result<void> run() {
        std::optional<store::ControlHost> host;
        if (!act_.host_id.empty()) {
            THIMBLE_TRY(host, store::control_host_of(connection_, record().id, act_.host_id));
            if (!host) {
                return failure(
                    ErrorKind::NotFound,
                    "server.no_host",
                    "the control is not on that host: thimble control show CONTROL lists its "
                    "hosts");
            }
        }
        if (act_.act == "retire") {
            return retire(std::move(host));
        }
        if (record().approved_at == Instant{}) {
            return not_so(
                "nobody has approved the control yet: somebody else does, thimble control approve "
                "CONTROL");
        }
        if (act_.act == "attest") {
            return attest(std::move(host));
        }
        const bool is_of_hosts = act_.act == "deploy" || act_.act == "verify";
        if (is_of_hosts && !has_control_jobs(record())) {
            return not_so(
                "no host has it: look where it is, then thimble control attest CONTROL --why "
                "EVIDENCE");
        }
        if (act_.act == "deploy") {
            return deploy(std::move(host));
        }
        if (act_.act == "verify") {
            return verify(std::move(host));
        }
        return host ? no_such_act() : run_on_all();
    }

private:
    static Error no_such_act() {
        return bad_body(
            "act must be deploy, verify, attest or retire, and without host_id also resume or "
            "renew");
    }

    Result<void> run_on_all() {
        if (act_.act == "resume") {
            return resume();
        }
        return act_.act == "renew" ? renew() : no_such_act();
    }

    Result<void> retire(std::optional<store::ControlHost> host) {
        if (!host) {
            return course_.retire(word());
        }
        host->left_scope = false;  // a person's word: it does not come back
        return course_.happen(*host, ControlEvent::WasRetired, word());
    }

    [[nodiscard]] const store::ControlRecord& record() const { return course_.record(); }
    [[nodiscard]] ControlWord word() const { return {act_.actor, "", "", "", act_.why}; }

    /// What was put up is forgotten, so that it is put up again, the first host first.
    Result<void> deploy(std::optional<store::ControlHost> host) {
        if (host) {
            return deploy_on(*host);
        }
        course_.change().stopped_why.clear();
        THIMBLE_TRY(store::forget_control_digests(connection_, record().id));
        return store::retry_control_hosts(connection_, record().id, record().digest, now_);
    }

    /// A person answers for that host alone: what stopped the others stays, and this one does not wait for them.
    Result<void> deploy_on(store::ControlHost& host) {
        const ControlState state = control_state_of(host.state);
        if (state == ControlState::Retiring || state == ControlState::Retired) {
            return not_so(
                "on that host it is " + host.state
                + ": ask for another one, thimble control request FILE");
        }
        const bool is_stopped = !record().stopped_why.empty();
        if (is_stopped && !host.job_id.empty()) {
            return not_so(
                "that host has a job of it: wait for its end, thimble control show CONTROL");
        }
        host.digest.clear();
        host.tries = 0;
        THIMBLE_TRY(course_.happen(host, std::nullopt, word()));
        return is_stopped ? course_.give_turn_alone(host) : Result<void>();
    }

    /// It goes on where it was stopped.
    Result<void> resume() {
        if (record().stopped_why.empty()) {
            return not_so(
                "nothing has stopped it: thimble control show CONTROL says where it stands");
        }
        course_.change().stopped_why.clear();
        THIMBLE_TRY(store::forget_unproven_digests(connection_, record().id));
        return store::retry_control_hosts(connection_, record().id, record().digest, now_);
    }

    Result<void> verify(std::optional<store::ControlHost> host) {
        if (!host) {
            return store::look_at_control_hosts(connection_, record().id, now_);
        }
        if (is_control_up(control_state_of(host->state))) {
            host->tried_at = Instant{};
        }
        THIMBLE_TRY(course_.happen(*host, std::nullopt, word()));
        return course_.settle_host(*host);
    }

    /// Until when an attestation is good.
    Result<Instant> attested_until() const {
        if (has_control_jobs(record())) {
            return not_so(
                "only what is outside of the hosts is attested; hosts prove the rest: thimble "
                "control "
                "verify CONTROL");
        }
        constexpr std::chrono::seconds kMost(kMostVerifySeconds);
        const Instant until = act_.until.value_or(std::min(now_ + kMost, record().expires_at));
        if (until <= now_ || until > record().expires_at || until > now_ + kMost) {
            return bad_body("until is ahead, at most 30 days, and before the end of the control");
        }
        return until;
    }

    /// Somebody saw that it is there; until then nobody else has to.
    Result<void> attest(std::optional<store::ControlHost> one) {
        THIMBLE_TRY(const Instant until, attested_until());
        if (one) {
            return attest_host(*one, until);
        }
        THIMBLE_TRY(auto hosts, store::hosts_of_control(connection_, record().id));
        for (store::ControlHost& host : hosts) {
            THIMBLE_TRY(attest_host(host, until));
        }
        return {};
    }

    Result<void> attest_host(store::ControlHost& host, Instant until) {
        host.installed_at = host.installed_at == Instant{} ? now_ : host.installed_at;
        host.last_verified = now_;
        host.attested_until = until;
        if (control_state_of(host.state) == ControlState::Approved) {
            THIMBLE_TRY(course_.happen(host, ControlEvent::WasDeployed, word()));
        }
        return course_.happen(
            host, ControlEvent::Holds, {act_.actor, "attest", "holding", "", act_.why});
    }

    Result<void> renew() {
        if (!act_.until) {
            return bad_body("until says how long it is to last now");
        }
        if (now_ >= record().expires_at) {
            return not_so("it has expired: ask for another one, thimble control request FILE");
        }
        if (*act_.until <= record().expires_at) {
            return bad_body("until is later than its end is now");
        }
        THIMBLE_TRY(check_control_end(context_, record(), *act_.until, now_));
        course_.change().renewal_by = act_.person;
        course_.change().renewal_until = *act_.until;
        return {};
    }

    Context& context_;
    store::Connection& connection_;
    ControlCourse& course_;
    const ControlAct& act_;
    Instant now_;
};

}  // namespace

Error not_so(std::string what) {
    return failure(ErrorKind::Conflict, "server.not_so", std::move(what));
}

Result<void> check_control_end(
    const Context& context, const store::ControlRecord& record, Instant end, Instant now) {
    THIMBLE_TRY(const bool is_exploited, covers_kev(context, record));
    const Days most = is_exploited ? model::kLongestExploitedException : model::kLongestException;
    if (end <= now || end > now + most) {
        return bad_body(
            is_exploited ? "its end is at most 14 days ahead: it covers one of KEV"
                         : "its end is at most 90 days ahead");
    }
    return {};
}

Result<void> act_on(
    Context& context,
    store::Connection& connection,
    ControlCourse& course,
    const ControlAct& act,
    Instant now) {
    return Acting(context, connection, course, act, now).run();
}

}  // namespace thimble::server
