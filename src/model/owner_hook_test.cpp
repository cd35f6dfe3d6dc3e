#include "thimble/model/owner_hook.hpp"

#include <gtest/gtest.h>

namespace thimble::model {
namespace {

TEST(OwnerHook, HasANameThatIsNoPathAndNoOption) {
    EXPECT_TRUE(is_hook_name("drain-lb"));
    EXPECT_TRUE(is_hook_name("2nd"));
    for (const char* name : {"", "-x", "../x", "a/b", "a.b", "A", "a b", "a\nb", "a_b"}) {
        EXPECT_FALSE(is_hook_name(name)) << name;
    }
    EXPECT_FALSE(is_hook_name(std::string(65, 'a')));
}

TEST(OwnerHooks, AreOneForEachStepInTheirOrder) {
    const OwnerHook drain{HookStep::Drain, "d", std::chrono::seconds(1), HookFailure::SkipHost};
    const OwnerHook undrain{HookStep::Undrain, "u", std::chrono::seconds(1), HookFailure::HaltRing};

    EXPECT_EQ(why_no_hooks(std::vector{drain, undrain}), "");
    EXPECT_NE(why_no_hooks(std::vector{undrain, drain}), "");
    EXPECT_NE(why_no_hooks(std::vector{drain, drain}), "");
    EXPECT_EQ(time_before_change(std::vector{drain, undrain}), std::chrono::seconds(1));
}

TEST(OwnerHooks, FailInAWayThatTheirStepCan) {
    OwnerHook hook{HookStep::Pre, "p", std::chrono::seconds(1), HookFailure::FailHost};
    EXPECT_NE(why_no_hooks({&hook, 1}), "");
    hook = {HookStep::Post, "p", std::chrono::seconds(1), HookFailure::SkipHost};
    EXPECT_NE(why_no_hooks({&hook, 1}), "");
    hook.on_failure = HookFailure::Ignore;
    EXPECT_EQ(why_no_hooks({&hook, 1}), "");
    hook.limit = std::chrono::hours(1);
    EXPECT_NE(why_no_hooks({&hook, 1}), "");
}

TEST(OwnerHook, WordsAreReadBack) {
    for (int at = 0; at < 4; ++at) {
        const auto step = static_cast<HookStep>(at);
        const auto failure = static_cast<HookFailure>(at);
        EXPECT_EQ(hook_step_named(hook_step_name(step)), step);
        EXPECT_EQ(hook_failure_named(hook_failure_name(failure)), failure);
    }
    EXPECT_EQ(hook_step_named("shell"), std::nullopt);
}

}  // namespace
}  // namespace thimble::model
