#include "thimble/model/patch_exception.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <array>

namespace thimble::model {
namespace {

using Words = std::vector<std::string>;
using Act = ExceptionAct::Kind;
using Turn = ExceptionTurn::Kind;

const Instant kNow = *parse_instant("2026-12-01T00:00:00Z");

PatchException requested() {
    PatchException exception;
    exception.id = "x";
    exception.reason = ExceptionReason::FixBreaksApplication;
    exception.scope = {"*", "", {}, {"curl"}, {}};
    exception.owner = "ada";
    exception.requester = "user:ada";
    exception.controls = {"c"};
    exception.requested_at = kNow;
    exception.expires_at = kNow + Days(30);
    return exception;
}

PatchException active() {
    return *after_act(requested(), {Act::Approve, "user:bob", {}}, false, kNow);
}

}  // namespace

TEST(ExceptionScope, IsMetInEveryPart) {
    const ExceptionScope scope{"web", "env=prod", {"h1", "h2"}, {"curl"}, {}};
    const Words tags{"db", "env=prod"};
    EXPECT_TRUE(covers_host(scope, {"h1", "web", tags}));
    EXPECT_FALSE(covers_host(scope, {"h3", "web", tags}));
    EXPECT_FALSE(covers_host(scope, {"h1", "db", tags}));
    EXPECT_FALSE(covers_host(scope, {"h1", "web", {}}));
    EXPECT_TRUE(covers_host({"*", "", {}, {}, {}}, {"h9", "any", {}}));
}

TEST(ExceptionScope, CoversAPatchOnlyWithEverythingThatItCloses) {
    const ExceptionScope by_vulnerability{"*", "", {}, {}, {"CVE-1", "CVE-2"}};
    EXPECT_TRUE(covers_patch(by_vulnerability, "curl", Words{"CVE-2"}));
    EXPECT_FALSE(covers_patch(by_vulnerability, "curl", Words{"CVE-2", "CVE-3"}));
    EXPECT_FALSE(covers_patch(by_vulnerability, "curl", Words{}));  // nobody knows what it closes
    const ExceptionScope by_package{"*", "", {}, {"curl"}, {}};
    EXPECT_TRUE(covers_patch(by_package, "curl", Words{"CVE-9"}));
    EXPECT_FALSE(covers_patch(by_package, "nginx", Words{"CVE-9"}));
    EXPECT_FALSE(covers_patch({"*", "", {}, {"curl"}, {"CVE-1"}}, "curl", Words{"CVE-2"}));
}

TEST(CheckException, NamesTheRuleThatIsBroken) {
    EXPECT_TRUE(check_exception(requested(), false));
    const auto refused = [](auto&& alter, bool is_exploited = false) {
        PatchException wanted = requested();
        alter(wanted);
        const auto checked = check_exception(wanted, is_exploited);
        return checked ? std::string() : checked.error().text();
    };
    EXPECT_NE(refused([](auto& wanted) { wanted.scope.packages.clear(); }).find("names"), -1UL);
    EXPECT_NE(refused([](auto& wanted) { wanted.scope.packages = {"-o"}; }), "");
    EXPECT_NE(refused([](auto& wanted) { wanted.scope.hosts.resize(201); }), "");
    EXPECT_NE(refused([](auto& wanted) { wanted.scope.host_tag = "a b"; }), "");
    EXPECT_NE(refused([](auto& wanted) { wanted.controls.clear(); }).find("control"), -1UL);
    EXPECT_NE(refused([](auto& wanted) { wanted.expires_at = kNow; }), "");
    EXPECT_NE(refused([](auto& wanted) { wanted.expires_at = kNow + Days(91); }), "");
    EXPECT_NE(refused([](auto& wanted) { wanted.expires_at = kNow + Days(15); }, true), "");
    EXPECT_EQ(refused([](auto& wanted) { wanted.expires_at = kNow + Days(14); }, true), "");
    EXPECT_EQ(
        refused([](auto& wanted) {
            wanted.reason = ExceptionReason::Licence;
            wanted.controls.clear();
        }),
        "");
}

TEST(CheckException, NamesEveryRuleThatIsBroken) {
    PatchException wanted = requested();
    wanted.scope.packages.clear();
    wanted.controls.clear();
    wanted.expires_at = kNow;

    const std::string told = check_exception(wanted, false).error().text();

    EXPECT_TRUE(told.starts_with("an exception names packages")) << told;
    EXPECT_TRUE(told.contains("; what is left open for the reason fix_breaks_app needs a control"));
    EXPECT_TRUE(told.contains("these need none: device_unmanaged, fix_not_in_repos, licence; "));
    EXPECT_TRUE(told.ends_with("must end in the future")) << told;
}

TEST(CoversScope, NeedsEveryPartToReachAsFar) {
    const ExceptionScope web{"web", "env=prod", {"h1", "h2"}, {"curl"}, {"CVE-1", "CVE-2"}};
    EXPECT_TRUE(covers_scope(web, web));
    const auto of = [&web](auto&& alter) {
        ExceptionScope other = web;
        alter(other);
        return std::pair(covers_scope(other, web), covers_scope(web, other));
    };
    const std::pair wider(true, false);
    EXPECT_EQ(of([](auto& scope) { scope.host_group = "*"; }), wider);
    EXPECT_EQ(of([](auto& scope) { scope.host_tag.clear(); }), wider);
    EXPECT_EQ(of([](auto& scope) { scope.hosts.clear(); }), wider);
    EXPECT_EQ(of([](auto& scope) { scope.packages.clear(); }), wider);
    EXPECT_EQ(of([](auto& scope) { scope.vulnerabilities.emplace_back("CVE-3"); }), wider);
    EXPECT_EQ(of([](auto& scope) { scope.host_group = "db"; }), std::pair(false, false));
    EXPECT_EQ(of([](auto& scope) { scope.hosts = {"h2", "h1"}; }), std::pair(true, true));
}

TEST(AfterAct, NeedsASecondPerson) {
    const auto alone = after_act(requested(), {Act::Approve, "user:ada", {}}, false, kNow);
    EXPECT_EQ(alone.error().code, "model.second_person");
    EXPECT_EQ(active().state, ExceptionState::Active);
    EXPECT_EQ(active().approver, "user:bob");
    auto renewed = *after_act(active(), {Act::Renew, "user:bob", kNow + Days(60)}, false, kNow);
    EXPECT_EQ(renewed.expires_at, kNow + Days(30));  // until somebody agrees
    EXPECT_FALSE(after_act(renewed, {Act::Approve, "user:bob", {}}, false, kNow));
    renewed = *after_act(renewed, {Act::Approve, "user:ada", kNow + Days(60)}, false, kNow);
    EXPECT_EQ(renewed.expires_at, kNow + Days(60));
    EXPECT_EQ(renewed.renewals, 1);
    EXPECT_EQ(renewed.renewal_by, "");
}

TEST(AfterAct, WhoAgreesNamesTheEndThatIsAskedFor) {
    const auto code = [](const PatchException& exception, Instant named) {
        const auto after = after_act(exception, {Act::Approve, "user:eve", named}, false, kNow);
        return after ? std::string() : after.error().code;
    };
    EXPECT_EQ(code(requested(), {}), "");
    EXPECT_EQ(code(requested(), kNow + Days(31)), "model.not_that_date");
    auto asked = *after_act(active(), {Act::Renew, "user:ada", kNow + Days(60)}, false, kNow);
    EXPECT_EQ(code(asked, {}), "model.bad_exception");
    EXPECT_EQ(code(asked, kNow + Days(60)), "");
    asked = *after_act(asked, {Act::Renew, "user:ada", kNow + Days(80)}, false, kNow);
    EXPECT_EQ(code(asked, kNow + Days(60)), "model.not_that_date");
}

TEST(AfterAct, LeavesAnActiveOneAsItIsWhenMoreTimeIsRefused) {
    const auto asked = *after_act(active(), {Act::Renew, "user:ada", kNow + Days(60)}, false, kNow);
    const auto refused = *after_act(asked, {Act::Refuse, "user:bob", {}}, false, kNow);
    EXPECT_EQ(refused, active());
    EXPECT_FALSE(after_act(refused, {Act::Refuse, "user:bob", {}}, false, kNow));
}

TEST(AfterAct, DoesNothingToWhatIsOver) {
    for (const Act end : {Act::Refuse, Act::Revoke}) {
        const auto over = *after_act(requested(), {end, "user:bob", {}}, false, kNow);
        for (const Act act : {Act::Approve, Act::Refuse, Act::Revoke, Act::Renew}) {
            EXPECT_EQ(
                after_act(over, {act, "user:eve", kNow + Days(60)}, false, kNow).error().code,
                "model.not_so");
        }
    }
}

TEST(AfterTime, RemindsOnceBeforeEachStep) {
    PatchException exception = active();
    std::vector<std::int64_t> reminders;
    for (int hour = 0; hour < 30 * 24; ++hour) {
        ExceptionTurn turn = after_time(exception, false, kNow + std::chrono::hours(hour));
        exception = turn.exception;
        if (turn.kind == Turn::Reminder) {
            reminders.push_back(exception.reminded_days);
        } else {
            EXPECT_EQ(turn.kind, Turn::None);
        }
    }
    EXPECT_EQ(reminders, (std::vector<std::int64_t>{14, 7, 1}));
    const auto expired = after_time(exception, false, kNow + Days(30));
    EXPECT_EQ(expired.kind, Turn::Expired);
    EXPECT_EQ(after_time(expired.exception, false, kNow + Days(31)).kind, Turn::None);
}

TEST(AfterTime, LeavesFourteenDaysWhenItIsExploited) {
    const auto turn = after_time(active(), true, kNow + Days(2));
    EXPECT_EQ(turn.kind, Turn::Shortened);
    EXPECT_EQ(turn.exception.expires_at, kNow + Days(16));
    EXPECT_EQ(after_time(turn.exception, true, kNow + Days(2)).kind, Turn::Reminder);
}

// Whatever people and time do, in whatever order.
RC_GTEST_PROP(PatchException, IsNeverInForceLongerThanWasAgreedByTwo, ()) {
    PatchException exception = requested();
    Instant now = kNow;
    const auto steps = *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 60));
    static constexpr std::array<const char*, 2> kPeople{"user:ada", "user:bob"};
    for (const int step : steps) {
        now += std::chrono::hours(7 * (step % 11));
        const bool is_exploited = step % 5 == 0;
        const auto act = static_cast<Act>(step % 4);
        const bool is_renewal =
            act == Act::Approve && exception.state == ExceptionState::Active && step % 3 != 0;
        const Instant until = is_renewal ? exception.renewal_until : now + Days(step * 2);
        const ExceptionAct wish{
            act, kPeople.at(step % 2), act == Act::Approve && !is_renewal ? Instant{} : until};
        if (auto after = after_act(exception, wish, is_exploited, now)) {
            exception = *after;
        }
        exception = after_time(exception, is_exploited, now).exception;
        if (exception.state == ExceptionState::Active) {
            RC_ASSERT(exception.expires_at > now);
            RC_ASSERT(exception.expires_at - now <= kLongestException);
            RC_ASSERT(!is_exploited || exception.expires_at - now <= kLongestExploitedException);
            RC_ASSERT(!exception.approver.empty());
        }
        if (exception.state == ExceptionState::Active && exception.renewals == 0) {
            RC_ASSERT(exception.approver != exception.requester);
        }
    }
}

TEST(ExceptionNames, SayWhichNeedAControl) {
    EXPECT_EQ(exception_reason_names(false), "device_unmanaged, fix_not_in_repos, licence");
    EXPECT_TRUE(exception_reason_names(true).starts_with("no_fix_from_vendor, eol_os, "));
    EXPECT_FALSE(exception_reason_names(true).contains("licence"));
}

TEST(ExceptionNames, AreReadBack) {
    for (const char* name :
         {"no_fix_from_vendor",
          "eol_os",
          "vendor_certified_version",
          "fix_breaks_app",
          "no_reboot_allowed",
          "device_unmanaged",
          "fix_not_in_repos",
          "licence"}) {
        EXPECT_EQ(exception_reason_name(*exception_reason_named(name)), name);
        EXPECT_NE(exception_reason_names().find(name), std::string::npos);
    }
    EXPECT_FALSE(exception_reason_named("because"));
    EXPECT_EQ(exception_state_named("expired"), ExceptionState::Expired);
    EXPECT_FALSE(exception_act_named("extend"));
}

}  // namespace thimble::model
