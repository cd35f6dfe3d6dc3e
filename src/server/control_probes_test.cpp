// What hosts outside say of a control, and what the server makes of it.
#include "thimble/store/control_probes.hpp"

#include "thimble/server/outside_places.hpp"
#include "thimble/server/outside_scene_test.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace thimble::server {
namespace {

TEST(ControlProbes, AskTheNamedHostsForWhatTheDocumentNamesAndCountWhenBothSayWell) {
    OutsideScene scene;
    const Instant original = scene.due();
    scene.begin(both());
    scene.end_well("deployed");
    EXPECT_FALSE(scene.question_of("friend")) << "its own host has not shown that it holds";
    scene.end_well("holding");
    EXPECT_EQ(scene.host().state, "verified");
    EXPECT_EQ(scene.host().outside, "asked");
    EXPECT_EQ(scene.due(), original) << "nobody outside has said anything";

    const auto question = scene.question_of("stranger");
    ASSERT_TRUE(question);
    const protocol::Job content = ControlScene::content_of(*question);
    EXPECT_EQ(content.probe, (protocol::JobProbe{false, "10.0.0.1", 80}));
    EXPECT_EQ(content.control, (protocol::JobControl{scene.id, scene.record().digest, ""}));
    EXPECT_TRUE(ControlScene::content_of(*scene.question_of("friend")).probe->from_allowed);

    scene.answer("stranger", false, "10.0.3.7");
    EXPECT_EQ(scene.due(), original) << "a service that is down refuses everybody";
    scene.answer("friend", true, "10.0.2.7");
    EXPECT_EQ(scene.host().outside, "held");
    EXPECT_GT(scene.due(), original);
    const auto checks = *scene.database.look([&](store::Connection& connection) {
        return store::checks_of_control(connection, scene.id, "web1");
    });
    ASSERT_EQ(checks.size(), 4U);
    EXPECT_EQ(checks.back().action, "probe");
    EXPECT_EQ(checks.back().said, "connected");
    EXPECT_EQ(checks.back().actor, "host:friend");
    EXPECT_FALSE(checks.back().document.empty()) << "it is evidence";

    scene.look_well();
    EXPECT_EQ(scene.host().outside, "held") << "while they are asked again";
    EXPECT_TRUE(scene.question_of("friend"));
}

TEST(ControlProbes, ARefusedPlaceThatGetsThroughMakesItLapseUntilItIsRefused) {
    OutsideScene scene;
    const Instant original = scene.due();
    scene.begin(both());
    scene.prove();
    scene.answer_well();
    scene.look_well();

    scene.answer("stranger", true, "10.0.3.7");

    EXPECT_EQ(scene.host().state, "lapsed");
    EXPECT_EQ(scene.host().outside, "open");
    EXPECT_EQ(scene.host().why, "stranger (10.0.3.7), which is not allowed, reaches 10.0.0.1:80");
    EXPECT_EQ(scene.due(), original);
    EXPECT_EQ(scene.audited("control.lapsed"), 1U);

    scene.answer("friend", true, "10.0.2.7");
    scene.look_well();
    EXPECT_EQ(scene.host().state, "lapsed") << "whatever its own host says";
    scene.answer("friend", true, "10.0.2.7");
    EXPECT_EQ(scene.host().state, "lapsed");
    scene.answer("stranger", false, "10.0.3.7");
    EXPECT_EQ(scene.host().state, "verified");
    EXPECT_GT(scene.due(), original);
}

TEST(ControlProbes, DoNotSpeakForAHostThatSaysItselfThatItDoesNotHold) {
    OutsideScene scene;
    scene.begin(both());
    scene.prove();
    scene.answer("stranger", true, "10.0.3.7");
    scene.answer("friend", true, "10.0.2.7");
    scene.look_well();
    scene.clock.go(std::chrono::seconds(30));
    ASSERT_TRUE(scene.act("verify"));
    scene.watch();
    scene.end(*scene.job(), scene.report_of(*scene.job(), "broken", "false"), 1);

    ASSERT_TRUE(scene.act("verify"));
    scene.answer_well();

    EXPECT_EQ(scene.host().outside, "held");
    EXPECT_EQ(scene.host().state, "lapsed") << "though it is to be asked again";
}

TEST(ControlProbes, AnAllowedPlaceThatDoesNotGetThroughIsSaidAndProvesNothing) {
    OutsideScene scene;
    const Instant original = scene.due();
    scene.begin(both());
    scene.prove();
    scene.answer("friend", false, "10.0.2.7");
    scene.answer("stranger", false, "10.0.3.7");

    EXPECT_EQ(scene.host().outside, "shut");
    EXPECT_EQ(
        scene.host().outside_why,
        "friend (10.0.2.7), which is allowed, does not reach 10.0.0.1:80: no answer");
    EXPECT_EQ(scene.host().state, "verified") << "the rules stand";
    EXPECT_EQ(scene.due(), original);
    EXPECT_EQ(scene.audited("control.outside"), 2U);
}

TEST(ControlProbes, WhoCannotBeAskedIsNamedAndIsNeverFine) {
    const auto nothing = [](OutsideScene&) {
    };
    const auto silence = [](OutsideScene& scene) {
        scene.rows("UPDATE host SET silent_at = 0 WHERE id = 'stranger'");
    };
    const auto revoke = [](OutsideScene& scene) {
        scene.remove_host("stranger");
    };
    const auto why = [](const std::string& document, const auto& what_happens) {
        OutsideScene scene;
        const Instant original = scene.due();
        scene.begin(document);
        what_happens(scene);
        scene.prove();
        EXPECT_EQ(scene.host().outside, "unknown");
        EXPECT_EQ(scene.host().state, "verified");
        EXPECT_EQ(scene.due(), original);
        return scene.host().outside_why;
    };
    const std::string no = "not probed from outside: ";
    const std::string by_stranger = fence(probe("refused", "stranger"));
    EXPECT_EQ(why(by_stranger, revoke), no + "there is no host stranger");
    EXPECT_EQ(why(fence(probe("refused", "web1")), nothing), no + "web1 is the host itself");
    EXPECT_EQ(why(by_stranger, silence), no + "stranger is not heard of");
}

TEST(ControlProbes, OfAHostThatIsRevokedOrMovedProveNothingAnyMore) {
    const auto outside_after = [](const auto& change_stranger, bool is_asked_again) {
        OutsideScene scene;
        const Instant original = scene.due();
        scene.begin(both());
        scene.prove();
        scene.watch();
        scene.answer_well();
        EXPECT_EQ(scene.host().outside, "held");
        if (is_asked_again) {
            scene.look_well();
            EXPECT_EQ(scene.host().outside, "held");
        }
        change_stranger(scene);
        scene.watch();
        EXPECT_EQ(scene.due(), original);
        EXPECT_EQ(scene.question_of("stranger"), std::nullopt);
        return scene.host().outside_why;
    };
    const auto revoke = [](OutsideScene& scene) {
        scene.remove_host("stranger");
    };
    const std::string gone = "not probed from outside: there is no host stranger";
    EXPECT_EQ(outside_after(revoke, false), gone);
    EXPECT_EQ(outside_after(revoke, true), gone) << "also while it is asked";
}

/// A request for one host alone, by somebody who is limited to the group web.

TEST(ControlProbes, AreMadeByNoHostThatTheAskersRightsDoNotReach) {
    OutsideScene scene;
    EXPECT_EQ(ask_within_web(scene, both()).error().code, "server.no_host");

    scene.move_host("friend", "web");
    scene.move_host("stranger", "web");
    ASSERT_TRUE(ask_within_web(scene, both()));
    ASSERT_TRUE(scene.approve());
    scene.watch();
    scene.prove();
    scene.answer_well();
    EXPECT_EQ(scene.host().outside, "held");
    scene.move_host("friend", "office");
    scene.watch();

    EXPECT_FALSE(scene.question_of("friend"));
    EXPECT_EQ(scene.host().outside_why, "not probed from outside: friend is not of the group web");
}

TEST(ControlProbes, OfAHostThatMovedIntoTheAllowedSourcesProveNothingAnyMore) {
    OutsideScene scene;
    const Instant original = scene.due();
    scene.begin(both());
    scene.prove();
    scene.answer_well();
    ASSERT_EQ(scene.host().outside, "held");

    scene.look_well();
    scene.answer("friend", true, "10.0.2.7");
    scene.answer("stranger", false, "10.0.2.99");

    EXPECT_EQ(scene.host().outside, "unknown");
    EXPECT_EQ(
        scene.host().outside_why,
        "not probed from outside: stranger (10.0.2.99) was to be refused, and its address is "
        "allowed");
    EXPECT_EQ(scene.due(), original);
}

TEST(ControlProbes, AreThoseOfTheSameHostsHoweverTheyAreCalledLater) {
    OutsideScene scene;
    scene.rename("web1", "shop");
    scene.rename("friend", "office-pc");
    scene.rename("stranger", "laptop");
    const std::string of = R"(,"of":"shop")";
    scene.begin(fence(probe("allowed", "office-pc", of) + "," + probe("refused", "laptop", of)));
    EXPECT_TRUE(scene.record().document.contains(R"("host":"stranger","of":"web1")"))
        << scene.record().document;
    scene.rename("web1", "shop-old");
    scene.rename("friend", "office-old");
    scene.rename("stranger", "laptop-old");
    scene.watch();
    scene.prove();
    EXPECT_EQ(scene.host().outside, "asked");

    scene.answer_well();
    EXPECT_EQ(scene.host().outside, "held") << "by their ids";
    scene.look_well();
    scene.rename("stranger", "laptop-new");
    scene.watch();
    EXPECT_EQ(scene.host().outside, "held") << "a host that is called otherwise is no other one";
    scene.answer("stranger", true, "10.0.3.7");
    EXPECT_EQ(scene.host().why, "laptop-new (10.0.3.7), which is not allowed, reaches 10.0.0.1:80");
}

TEST(ControlProbes, AHostThatIsNotWhereItWasToBeProvesNothing) {
    OutsideScene scene;
    scene.begin(both());
    scene.prove();
    scene.answer("friend", true, "192.168.0.9");  // behind a translation of addresses
    scene.answer("stranger", true, "10.0.2.9");
    EXPECT_EQ(scene.host().outside, "unknown");
    EXPECT_EQ(scene.host().state, "verified");
    EXPECT_EQ(
        scene.host().outside_why,
        "not probed from outside: stranger (10.0.2.9) was to be refused, and its address is "
        "allowed");

    OutsideScene lost;
    lost.begin(both());
    lost.prove();
    lost.answer("friend", true, "10.0.2.7");
    lost.answer("stranger", false, "");
    EXPECT_EQ(lost.host().outside, "unknown") << "it had no way there, or does not say which";
}

TEST(ControlProbes, OfWhichNothingIsHeardLeaveItUnknown) {
    OutsideScene scene;
    scene.begin(both());
    scene.prove();
    scene.answer_well();
    scene.look_well();
    scene.answer("friend", true, "10.0.2.7");
    scene.clock.go(std::chrono::minutes(61));
    ASSERT_TRUE(change(scene.context, scene.clock.now(), [&](auto& connection, Trail& trail) {
        return lose_overdue_jobs(scene.context, connection, trail);
    }));

    EXPECT_EQ(scene.host().outside, "unknown");
    EXPECT_EQ(scene.host().outside_why, "not probed from outside: stranger said nothing");
}

TEST(ControlProbes, AreNotAskedAgainAndAgain) {
    OutsideScene scene;
    scene.begin(both());
    scene.prove();
    const std::string first = scene.question_of("friend")->id;
    scene.answer("stranger", false, "10.0.3.7");
    const auto verify = [&] {
        ASSERT_TRUE(scene.act("verify"));
        scene.watch();
        scene.end_well("holding");
    };
    verify();
    EXPECT_EQ(scene.question_of("friend")->id, first) << "it has not answered yet";
    EXPECT_FALSE(scene.question_of("stranger")) << "it was asked just now";
    scene.clock.go(std::chrono::seconds(30));
    scene.hear();
    verify();
    EXPECT_TRUE(scene.question_of("stranger"));
}

TEST(ControlProbes, AreForgottenWhenTheControlIsPutUpAnewOrTakenAway) {
    OutsideScene scene;
    scene.begin(both());
    scene.prove();
    const auto late = scene.question_of("stranger");
    ASSERT_TRUE(scene.act("deploy"));
    scene.end_well("deployed");
    EXPECT_EQ(scene.host().outside, "");
    scene.answer("stranger", true, "10.0.3.7");
    EXPECT_EQ(scene.host().state, "deployed") << "of what stood before";

    scene.end_well("holding");
    EXPECT_EQ(scene.host().outside, "asked");
    ASSERT_TRUE(scene.act("retire"));
    scene.answer("stranger", true, "10.0.3.7");
    EXPECT_EQ(scene.host().state, "retiring");
}

/// A fence whose document names nobody.

TEST(ControlProbes, AreSaidToBeMissingWhereNobodyIsKnown) {
    ControlScene scene;
    const Instant original = scene.due();
    scene.begin();
    scene.prove();

    EXPECT_EQ(scene.host().outside, "not-probed");
    EXPECT_EQ(
        scene.host().outside_why,
        "not probed from outside: the server does not know its address: something in between lends "
        "it another one, or its agent does not say it");
    EXPECT_GT(scene.due(), original) << "it counts by its rules, as its host says";
}

TEST(ControlProbes, OfSeveralHostsSayWhoseAddressItIs) {
    const NamedHost web1{"id-1", "web1"};
    const std::string document = fence(
        probe("allowed", "friend", R"(,"of":"web1")") + ","
        + probe("refused", "friend", R"(,"of":"web2")") + "," + probe("refused", "friend"));
    const OutsidePlan alone = outside_plan(document, web1, false);
    ASSERT_EQ(alone.places.size(), 2U);
    EXPECT_EQ(alone.places[0].number, 0);
    EXPECT_EQ(alone.places[1].number, 2);
    EXPECT_FALSE(alone.places[1].is_whose_unclear);
    const OutsidePlan one_of_many = outside_plan(document, web1, true);
    EXPECT_FALSE(one_of_many.places[0].is_whose_unclear);
    EXPECT_TRUE(one_of_many.places[1].is_whose_unclear);
    const OutsidePlan renamed = outside_plan(document, {"id-1", "x"}, false);
    EXPECT_EQ(renamed.places.size(), 1U);
    const std::vector<std::string> before{"web1"};
    EXPECT_EQ(outside_plan(document, {"id-2", "x", before}, false).places.size(), 2U)
        << "it has replaced that one";
    EXPECT_TRUE(is_allowed_in(alone, "10.0.2.9"));
    EXPECT_FALSE(is_allowed_in(alone, "10.0.3.9"));
    EXPECT_FALSE(is_allowed_in(alone, ""));
    EXPECT_FALSE(
        outside_plan(R"({"kind":"external","settings":{"what":"x"}})", web1, false).is_filter);
    EXPECT_FALSE(outside_plan("{", web1, false).is_filter);
}

}  // namespace
}  // namespace thimble::server
