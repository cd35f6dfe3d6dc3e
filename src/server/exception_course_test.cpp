#include "thimble/server/exception_course.hpp"

#include "thimble/server/control_scene_test.hpp"
#include "thimble/server/rollout_scene_test.hpp"
#include "thimble/store/controls.hpp"
#include "thimble/store/exceptions.hpp"
#include "thimble/store/fleet.hpp"

#include <gtest/gtest.h>

namespace thimble::server {
namespace {

using Act = model::ExceptionAct::Kind;

/// Host b misses curl and nginx.
struct ExceptionScene : Scene {
    ExceptionScene() {
        judge(false);
        EXPECT_TRUE(change(context, now, [](auto& connection, Trail&) {
            return add_shield(connection, "c", {"CVE-curl", "CVE-nginx"});
        }));
    }

    /// A control on host b.
    static Result<void> add_shield(
        store::Connection& connection,
        const std::string& id,
        const std::vector<std::string>& covers,
        const std::vector<std::string>& sources = {}) {
        store::ControlRecord control;
        control.id = id;
        control.state = "verified";
        control.approved_at = Instant(std::chrono::seconds(1));
        control.expires_at = store::kNever;
        control.covers = covers;
        control.sources = sources;
        THIMBLE_TRY(store::add_control(connection, control));
        return store::set_control_host(connection, {id, "b", "verified", control.approved_at});
    }

    void judge(bool is_exploited) {
        ASSERT_TRUE(change(context, now, [&](auto& connection, Trail&) -> Result<void> {
            store::FleetJudgement judgement;
            judgement.host.host_id = "b";
            judgement.can_be_tracked = true;
            for (const char* source : {"curl", "nginx"}) {
                store::FleetPatch patch;
                patch.source = source;
                patch.to_version = "2";
                patch.state = "ready";
                patch.exploited = is_exploited;
                patch.vulnerabilities = {std::string("CVE-") + source};
                judgement.patches.push_back(patch);
            }
            THIMBLE_TRY(store::write_judgement(connection, judgement));
            THIMBLE_TRY(const auto active, active_exceptions(connection));
            return cover_host(connection, "b", active);
        }));
    }
    Result<std::size_t> request(
        const model::ExceptionScope& scope,
        int days = 30,
        const std::vector<std::string>& controls = {"c"}) {
        model::PatchException wanted;
        wanted.id = "x";
        wanted.reason = model::ExceptionReason::FixBreaksApplication;
        wanted.scope = scope;
        wanted.requester = "user:ada";
        wanted.controls = controls;
        wanted.requested_at = now;
        wanted.expires_at = now + Days(days);
        return change(context, now, [&](auto& connection, Trail& trail) -> Result<std::size_t> {
            THIMBLE_TRY(
                const auto requested,
                request_exception(context, connection, trail, {wanted, "user:ada", {}}));
            return requested.patches;
        });
    }
    Result<void> act(Act kind, const std::string& person, int days = 0) {
        return change(context, now, [&](auto& connection, Trail& trail) {
            const ExceptionOrder order{
                "x",
                "act",
                person,
                "because",
                {kind, person, days == 0 ? Instant{} : now + Days(days)}};
            return act_on_exception(context, connection, trail, order);
        });
    }
    std::string covered() {
        std::string text;
        for (const store::Row& row :
             rows("SELECT host_id, source FROM excepted_patch ORDER BY host_id, source")) {
            text += store::text_at(row, 0) + " " + store::text_at(row, 1) + ";";
        }
        return text;
    }
    std::string audited() {
        std::string text;
        for (const store::Row& row :
             rows("SELECT action FROM audit WHERE subject = 'x' ORDER BY sequence")) {
            text += store::text_at(row, 0) + ";";
        }
        return text;
    }
};

}  // namespace

TEST(ExceptionCourse, NamesOnlyControlsThatAreThere) {
    ExceptionScene scene;
    ASSERT_TRUE(change(scene.context, scene.now, [](auto& connection, Trail&) -> Result<void> {
        THIMBLE_TRY(connection.execute("UPDATE control SET state = 'retired'"));
        return {};
    }));
    EXPECT_EQ(scene.request({"broad", "", {}, {"curl"}, {}}).error().code, "model.bad_exception");
}

TEST(ExceptionCourse, NamesNoControlThatIsOver) {
    ExceptionScene scene;
    ASSERT_TRUE(scene.request({"broad", "", {}, {"curl"}, {}}));
    ASSERT_TRUE(change(scene.context, scene.now, [&](auto& connection, Trail&) -> Result<void> {
        const std::int64_t now = scene.now.time_since_epoch().count();
        THIMBLE_TRY(connection.execute("UPDATE control SET expires_at = :now", {now}));
        return {};
    }));

    EXPECT_NE(
        scene.request({"broad", "", {}, {"curl"}, {}}).error().text().find("\"c\" is over"),
        std::string::npos);
    EXPECT_EQ(scene.act(Act::Approve, "user:bob").error().code, "model.bad_exception")
        << "nor when it is agreed to";
}

TEST(ExceptionCourse, NamesWhatItsControlsDoNotCover) {
    ExceptionScene scene;
    ASSERT_TRUE(change(scene.context, scene.now, [](auto& connection, Trail&) -> Result<void> {
        THIMBLE_TRY(ExceptionScene::add_shield(connection, "curl", {"CVE-curl"}));
        return ExceptionScene::add_shield(connection, "nginx", {"CVE-nginx"}, {"nginx"});
    }));
    const auto refused = [&](const model::ExceptionScope& scope,
                             const std::vector<std::string>& controls) {
        const auto asked = scene.request(scope, 30, controls);
        return asked ? std::string() : asked.error().text();
    };
    const model::ExceptionScope both{"broad", "", {}, {"curl", "nginx"}, {}};

    EXPECT_NE(
        refused(both, {"curl"}).find("vulnerabilities: CVE-nginx in nginx"), std::string::npos);
    EXPECT_NE(refused(both, {"nginx"}).find("packages: curl"), std::string::npos);
    EXPECT_EQ(refused(both, {"curl", "nginx"}), "");
    EXPECT_NE(
        refused({"*", "", {}, {}, {"CVE-elsewhere"}}, {"curl"}).find("CVE-elsewhere"),
        std::string::npos);
    EXPECT_NE(
        refused({"*", "", {"b", "c"}, {"curl"}, {}}, {"curl"}).find("hosts without any of them: c"),
        std::string::npos);

    ASSERT_TRUE(change(scene.context, scene.now, [](auto& connection, Trail&) -> Result<void> {
        THIMBLE_TRY(connection.execute("UPDATE control_host SET state = 'retired'"));
        return {};
    }));
    EXPECT_NE(scene.act(Act::Approve, "user:bob").error().text().find("hosts"), std::string::npos)
        << "not what it was when it was asked for";
}

TEST(ExceptionCourse, CoversNothingBeforeASecondPersonAgrees) {
    ExceptionScene scene;
    const auto asked = scene.request({"broad", "", {}, {"curl"}, {}});
    ASSERT_TRUE(asked);
    EXPECT_EQ(*asked, 1U);
    EXPECT_EQ(scene.covered(), "");
    EXPECT_EQ(scene.act(Act::Approve, "user:ada").error().code, "model.second_person");
    EXPECT_EQ(scene.covered(), "");
    ASSERT_TRUE(scene.act(Act::Approve, "user:bob"));
    EXPECT_EQ(scene.covered(), "b curl;");
    ASSERT_TRUE(scene.act(Act::Revoke, "user:bob"));
    EXPECT_EQ(scene.covered(), "");
}

TEST(ExceptionCourse, FollowsWhatIsFoundLater) {
    ExceptionScene scene;
    ASSERT_TRUE(scene.request({"*", "", {}, {}, {"CVE-curl", "CVE-nginx"}}));
    ASSERT_TRUE(scene.act(Act::Approve, "user:bob"));
    EXPECT_EQ(scene.covered(), "b curl;b nginx;");
    ASSERT_TRUE(change(scene.context, scene.now, [](auto& connection, Trail&) -> Result<void> {
        THIMBLE_TRY(connection.execute(
            "UPDATE fleet_patch SET vulnerability_ids = 'CVE-curl,CVE-new' WHERE source = 'curl'"));
        THIMBLE_TRY(const auto active, active_exceptions(connection));
        return cover_host(connection, "b", active);
    }));
    EXPECT_EQ(scene.covered(), "b nginx;");  // nobody has agreed to the new one
}

TEST(ExceptionCourse, AsksTheCatalogWhatIsExploited) {
    ControlScene scene;
    model::PatchException wanted;
    wanted.id = "x";
    wanted.reason = model::ExceptionReason::Licence;
    wanted.scope = {"nobody-yet", "", {}, {}, {"CVE-2026-1"}};
    wanted.requested_at = scene.clock.now();
    const auto request = [&](Days lasts) {
        wanted.expires_at = scene.clock.now() + lasts;
        return change(scene.context, scene.clock.now(), [&](auto& connection, Trail& trail) {
            return request_exception(scene.context, connection, trail, {wanted, "user:ada", {}});
        });
    };
    EXPECT_EQ(request(Days(15)).error().code, "model.bad_exception");
    EXPECT_TRUE(request(Days(14)));
}

TEST(ExceptionCourse, EndsWhenItsTimeHasCome) {
    ExceptionScene scene;
    ASSERT_TRUE(scene.request({"*", "", {"b"}, {"curl"}, {}}));
    ASSERT_TRUE(scene.act(Act::Approve, "user:bob"));
    scene.now += Days(16);
    ASSERT_TRUE(turn_exceptions(scene.context, scene.now));
    ASSERT_TRUE(turn_exceptions(scene.context, scene.now));
    EXPECT_EQ(scene.covered(), "b curl;");
    scene.now += Days(14);
    ASSERT_TRUE(turn_exceptions(scene.context, scene.now));
    EXPECT_EQ(scene.covered(), "");
    EXPECT_EQ(
        scene.audited(), "exception.request;exception.act;exception.remind;exception.expire;");
}

TEST(ExceptionCourse, IsShortenedWhenItIsExploited) {
    ExceptionScene scene;
    ASSERT_TRUE(scene.request({"*", "", {}, {"curl"}, {}}, 90));
    ASSERT_TRUE(scene.act(Act::Approve, "user:bob"));
    scene.judge(true);
    ASSERT_TRUE(turn_exceptions(scene.context, scene.now));
    const auto rows = scene.rows("SELECT expires_at FROM patch_exception");
    EXPECT_EQ(store::number_at(rows.front(), 0), (scene.now + Days(14)).time_since_epoch().count());
    EXPECT_EQ(
        store::number_at(scene.rows("SELECT until FROM excepted_patch").front(), 0),
        (scene.now + Days(14)).time_since_epoch().count());
    EXPECT_FALSE(scene.act(Act::Renew, "user:ada", 60));
}

TEST(ExceptionCourse, KeepsThePatchOutOfPlans) {
    ExceptionScene scene;
    ASSERT_TRUE(scene.request({"*", "", {}, {"curl"}, {}}));
    ASSERT_TRUE(scene.act(Act::Approve, "user:bob"));
    ASSERT_TRUE(scene.begin("r", true));
    EXPECT_EQ(scene.job("s").envelope.find(R"(\"excluded\":[\"curl\"])"), std::string::npos);
    ASSERT_TRUE(change(scene.context, scene.now, [](auto& connection, Trail&) {
        return store::set_excepted_patches(
            connection, "x", std::vector<store::ExceptedPatch>{{"c", "curl", "2", "x", {}, true}});
    }));
    scene.prepare("s", "2");
    scene.finish("s");
    scene.now += std::chrono::hours(1);
    scene.drive();
    EXPECT_NE(scene.job("c").envelope.find(R"(\"excluded\":[\"curl\"])"), std::string::npos);
}

TEST(ExceptionCourse, AttachesTheRehearsalThatFailed) {
    ExceptionScene scene;
    ASSERT_TRUE(scene.begin("r", true));
    scene.prepare("s", "2");
    EXPECT_EQ(scene.phase("s"), "applying");
    ASSERT_TRUE(change(scene.context, scene.now, [](auto& connection, Trail&) -> Result<void> {
        THIMBLE_TRY(connection.execute("UPDATE job SET state = 'failed' WHERE kind = 'rehearse'"));
        return {};
    }));
    ASSERT_TRUE(scene.request({"*", "", {}, {"nginx"}, {}}));
    EXPECT_TRUE(scene.rows("SELECT 1 FROM exception_evidence").empty());
    ASSERT_TRUE(change(scene.context, scene.now, [](auto& connection, Trail&) -> Result<void> {
        THIMBLE_TRY(connection.execute("DELETE FROM patch_exception"));
        return {};
    }));
    ASSERT_TRUE(scene.request({"*", "", {}, {"curl"}, {}}));
    const auto rows = scene.rows("SELECT kind, host_id, summary FROM exception_evidence");
    ASSERT_EQ(rows.size(), 1U);
    EXPECT_EQ(store::text_at(rows.front(), 1), "s");
    EXPECT_NE(store::text_at(rows.front(), 2).find("curl 2"), std::string::npos);
}

}  // namespace thimble::server
