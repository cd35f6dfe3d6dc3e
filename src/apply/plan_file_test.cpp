#include "thimble/apply/plan_file.hpp"

#include "thimble/apply/plan_builder_test.hpp"

#include <gtest/gtest.h>

#include <string>

namespace thimble::apply {
namespace {

std::string replaced(std::string text, std::string_view what, std::string_view by) {
    const std::size_t at = text.find(what);
    EXPECT_NE(at, std::string::npos) << what;
    return text.replace(at, what.size(), by);
}

TEST(PlanFile, ReadsBackWhatItWrote) {
    model::Plan plan = small_plan();
    plan.steps[0].unpacked_bytes = 54'321;
    plan.root = model::RootPlace{.path = "/srv/a", .inode = 7, .machine_id = ""};
    plan.held = {"kept"};

    const auto read = parse_plan(format_plan(plan));

    ASSERT_TRUE(read.has_value()) << read.error().text();
    EXPECT_EQ(*read, plan);
}

TEST(PlanFile, RefusesAnAlteredPlan) {
    const std::string text = format_plan(small_plan());

    EXPECT_EQ(
        parse_plan(replaced(text, R"("to_version":"1-2")", R"("to_version":"1-3")")).error().code,
        "apply.altered_plan");
    EXPECT_EQ(
        parse_plan(replaced(text, R"("allow_removals":false)", R"("allow_removals":true)"))
            .error()
            .code,
        "apply.altered_plan");
}

TEST(PlanFile, TellsHowFarAHostIsOfWhichNothingNewerIsOffered) {
    model::Plan plan = small_plan();
    plan.left_out = {{"curl", "nothing_newer", "is up to date", "7.88.1-10", "deb"}};

    const std::string text = format_plan(plan);

    EXPECT_TRUE(text.contains(R"("installed":"7.88.1-10","type":"deb"})")) << text;
    EXPECT_EQ(*parse_plan(text), plan);
    plan.left_out[0].installed = "7 ; no version";
    EXPECT_FALSE(parse_plan(format_plan(plan)).has_value());
}

TEST(PlanFile, WritesRulesAndOmissionsOnlyWhereThereAreSome) {
    model::Plan plan = small_plan();
    plan.left_out.clear();
    plan.policy.origins.clear();

    const std::string text = format_plan(plan);

    EXPECT_FALSE(
        text.contains("left_out") || text.contains("origins") || text.contains(R"("root")")
        || text.contains(R"("held")"))
        << "plans from before keep their digests";
    EXPECT_EQ(*parse_plan(text), plan);
}

TEST(PlanFile, GivesEveryContentItsOwnDigest) {
    model::Plan other = small_plan();
    other.policy.origins = {"origin=*"};
    EXPECT_NE(plan_digest(other), plan_digest(small_plan()));
    other = small_plan();
    other.root = model::RootPlace{.path = "/srv/a", .inode = 7, .machine_id = ""};
    EXPECT_NE(plan_digest(other), plan_digest(small_plan()));
    other = small_plan();
    other.held.emplace();
    EXPECT_NE(plan_digest(other), plan_digest(small_plan()));
    other = small_plan();
    other.left_out[0].why = "is not";
    EXPECT_NE(plan_digest(other), plan_digest(small_plan()));
    other = small_plan();
    other.steps[0].archive->sha256[0] = 'c';

    EXPECT_EQ(plan_digest(small_plan()), plan_digest(small_plan()));
    EXPECT_NE(plan_digest(other), plan_digest(small_plan()));
}

TEST(PlanFile, RefusesNamesThatWouldBeOptionsOrPaths) {
    for (const char* name : {"-o", "../x", "a/b", "a b", "a\nb", "$(x)", ""}) {
        model::Plan plan = small_plan();
        plan.steps[0].name = name;
        EXPECT_EQ(parse_plan(format_plan(plan)).error().code, "apply.bad_plan") << name;
    }
    for (const char* file : {"../x.deb", "/x.deb", "-x.deb", ".deb", "a b.deb"}) {
        model::Plan plan = small_plan();
        plan.steps[0].archive->file_name = file;
        EXPECT_EQ(parse_plan(format_plan(plan)).error().code, "apply.bad_plan") << file;
    }
}

TEST(PlanFile, RefusesPatchesWhoseNamesCouldBeTakenForSeveral) {
    model::Plan plan;
    plan.manager = "apt";
    plan.patches = {{"curl", "1", "2", {}}};
    ASSERT_TRUE(parse_plan(format_plan(plan))) << parse_plan(format_plan(plan)).error().text();

    for (const char* source : {"", "curl 1, zlib", "--option", "../x"}) {
        plan.patches.front().source = source;
        EXPECT_EQ(parse_plan(format_plan(plan)).error().code, "apply.bad_plan") << source;
    }
}

TEST(PlanFile, RefusesAnInstallationWithoutItsArchive) {
    model::Plan plan = small_plan();
    plan.steps[0].archive.reset();

    EXPECT_EQ(parse_plan(format_plan(plan)).error().code, "apply.bad_plan");
}

TEST(PlanFile, TellsOtherFormatsApart) {
    EXPECT_EQ(parse_plan("{}").error().code, "apply.bad_plan");
    EXPECT_EQ(parse_plan("no json").error().code, "apply.bad_plan");
    EXPECT_EQ(
        parse_plan(replaced(format_plan(small_plan()), "thimble.plan/1", "thimble.plan/2"))
            .error()
            .code,
        "apply.plan_format");
}

}  // namespace
}  // namespace thimble::apply
