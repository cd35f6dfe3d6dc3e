// Hosts outside that the server chose itself, since the document of a control names nobody.
#include "thimble/server/outside_scene_test.hpp"

#include <gtest/gtest.h>

#include <string>

namespace thimble::server {
namespace {

std::string unnamed(const std::string& allow = R"("10.0.2.0/24")") {
    return R"({"kind":"segmentation","settings":{"listeners":[{"port":80},{"protocol":"udp",)"
           R"("port":53}],"allow":[)"
        + allow + "]}}";
}
const std::string kUdp = "; UDP port 53: rule is loaded, not probed";

TEST(ChosenProbes, AreMadeByOneRefusedAndOneAllowedHostWhereTheDocumentNamesNone) {
    OutsideScene scene;
    const Instant original = scene.due();
    scene.locate_all();
    scene.begin(unnamed());
    scene.prove();
    EXPECT_EQ(scene.host().outside, "not-probed");
    EXPECT_EQ(
        scene.host().outside_why,
        "not probed from outside: the server chose stranger, which has not answered yet" + kUdp);
    EXPECT_GT(scene.due(), original) << "it counts as its own host says, as it did before";
    const auto question = scene.question_of("stranger");
    ASSERT_TRUE(question);
    EXPECT_EQ(
        ControlScene::content_of(*question).probe, (protocol::JobProbe{false, "10.0.0.1", 80}));
    EXPECT_TRUE(ControlScene::content_of(*scene.question_of("friend")).probe->from_allowed);

    scene.answer_well();

    EXPECT_EQ(scene.host().outside, "held");
    EXPECT_EQ(
        scene.host().outside_why,
        "the server chose stranger, which is not allowed and does not get through, and friend, "
        "which is allowed and does"
            + kUdp);
    scene.look_well();
    EXPECT_TRUE(scene.question_of("stranger")) << "the same, from then on";
    scene.answer("stranger", true, "10.0.3.7");
    EXPECT_EQ(scene.host().state, "lapsed");
    EXPECT_EQ(scene.host().outside, "open");
    EXPECT_EQ(scene.due(), original);
    scene.answer("friend", true, "10.0.2.7");
    scene.locate("web1", "");
    scene.look_well();
    EXPECT_EQ(scene.host().state, "lapsed") << "whatever its own host says, or hides";
    scene.locate("web1", "10.0.0.1");
    scene.look_well();
    EXPECT_EQ(scene.host().state, "lapsed");
    scene.answer("stranger", false, "10.0.3.7");
    EXPECT_EQ(scene.host().state, "verified");
}

TEST(ChosenProbes, AreMadeByAnotherWhenOneIsRevokedSilentOrCannotTell) {
    const auto others = [](const auto& what_happens) {
        OutsideScene scene;
        scene.locate_all();
        scene.begin(unnamed());
        scene.prove();
        scene.answer_well();
        scene.add_host("other", scene.keep_nginx("2"), "guests");
        scene.locate("other", "10.0.3.8");
        what_happens(scene);
        scene.clock.go(std::chrono::hours(1));
        scene.watch();
        scene.end_well("holding");
        EXPECT_TRUE(scene.question_of("other")) << scene.host().outside_why;
        EXPECT_FALSE(scene.question_of("stranger"));
        EXPECT_NE(scene.host().outside, "held") << "nobody answers for another one";
    };
    others([](OutsideScene& scene) { scene.remove_host("stranger"); });
    others([](OutsideScene& scene) { scene.locate("stranger", "10.0.2.8"); });
    others([](OutsideScene& scene) { scene.locate("stranger", ""); });
    others([](OutsideScene& scene) {
        scene.clock.go(std::chrono::seconds(30));
        scene.hear();
        ASSERT_TRUE(scene.act("verify"));
        scene.watch();
        scene.end_well("holding");
        scene.answer("stranger", false, "");  // it does not know its way
    });
}

TEST(ChosenProbes, ThatProveNothingTakeNothingAndAreNeverSaidToHold) {
    const auto why = [](const std::string& document, const auto& prepare) {
        OutsideScene scene;
        const Instant original = scene.due();
        scene.locate_all();
        prepare(scene);
        scene.begin(document);
        scene.prove();
        for (const char* const host : {"stranger", "friend"}) {
            if (scene.question_of(host)) {
                scene.answer(host, false, host == std::string("friend") ? "10.0.2.7" : "10.0.3.7");
            }
        }
        EXPECT_EQ(scene.host().outside, "not-probed");
        EXPECT_EQ(scene.host().state, "verified");
        EXPECT_GT(scene.due(), original);
        return scene.host().outside_why;
    };
    const std::string no = "not probed from outside: ";
    EXPECT_EQ(
        why(unnamed(), [](OutsideScene& scene) { scene.locate("web1", ""); }),
        no
            + "the server does not know its address: something in between lends it another one, or "
              "its agent does not say it"
            + kUdp);
    EXPECT_EQ(
        why(unnamed(), [](OutsideScene& scene) { scene.locate("stranger", ""); }),
        no + "no host that could ask has an address that is not allowed (1 looked at)" + kUdp);
    EXPECT_EQ(
        why(unnamed(), [](OutsideScene& scene) { scene.locate("friend", ""); }),
        no + "no allowed place asks 10.0.0.1:80, and a service that is down refuses everybody"
            + kUdp);
    EXPECT_EQ(
        why(unnamed(), [](OutsideScene&) {}),
        no + "friend (10.0.2.7), which is allowed, does not reach 10.0.0.1:80: no answer" + kUdp);
    EXPECT_EQ(
        why(R"({"kind":"segmentation","settings":{"listeners":[{"protocol":"udp","port":53}]}})",
            [](OutsideScene&) {}),
        no + "its document has no TCP port that another host could try" + kUdp);
}

TEST(ChosenProbes, SayNothingOfAnotherAddressOfTheHost) {
    OutsideScene scene;
    scene.locate_all();
    scene.begin(unnamed());
    scene.prove();
    scene.answer_well();
    ASSERT_EQ(scene.host().outside, "held");
    scene.clock.go(std::chrono::minutes(1));

    scene.check_in_from("web1", "10.0.0.9");
    scene.watch();

    EXPECT_NE(scene.host().outside, "held") << "nobody has tried that address";
    const auto question = scene.question_of("stranger");
    ASSERT_TRUE(question) << "it is asked at once, not with the next look";
    EXPECT_EQ(ControlScene::content_of(*question).probe->address, "10.0.0.9");
    scene.answer_well();
    EXPECT_EQ(scene.host().outside, "held");
}

TEST(ChosenProbes, OfWhichTheAddressWasNotKeptCountUntilTheyAreAskedAgain) {
    OutsideScene scene;
    scene.locate_all();
    scene.begin(unnamed());
    scene.prove();
    scene.answer("friend", true, "10.0.2.7");
    ASSERT_FALSE(scene.rows("UPDATE control_probe SET target = '' RETURNING number").empty());

    scene.answer("stranger", false, "10.0.3.7");

    EXPECT_EQ(scene.host().outside, "held") << scene.host().outside_why;
    scene.look_well();
    EXPECT_EQ(scene.host().outside, "held") << "until the next answer the last one counts";
    ASSERT_TRUE(scene.question_of("friend"));
    EXPECT_TRUE(scene.rows("SELECT number FROM control_probe WHERE target = ''").empty());
    scene.answer("friend", false, "10.0.2.7");
    EXPECT_NE(scene.host().outside, "held");
}

TEST(ChosenProbes, AreForgottenWhereTheAddressIsNotKnownAnyMore) {
    OutsideScene scene;
    scene.locate_all();
    scene.begin(unnamed());
    scene.prove();
    scene.answer_well();

    scene.check_in_from("web1", "");
    scene.watch();

    EXPECT_EQ(scene.host().outside, "not-probed");
    EXPECT_TRUE(scene.rows("SELECT number FROM control_probe").empty());
    EXPECT_NE(
        scene.host().outside_why.find("the server does not know its address"), std::string::npos);
}

TEST(ChosenProbes, AreMadeByNoHostThatIsIsolatedOrBeyondTheRightsOfWhoAsked) {
    OutsideScene scene;
    scene.locate_all();
    store::ControlRecord isolation;
    isolation.id = "i";
    isolation.kind = "isolation";
    isolation.state = "verified";
    ASSERT_TRUE(scene.database.transact([&](store::Connection& connection) -> Result<void> {
        THIMBLE_TRY(store::add_control(connection, isolation));
        return store::set_control_host(
            connection, {"i", "stranger", "verified", scene.clock.now()});
    }));
    scene.begin(unnamed());
    scene.prove();
    EXPECT_FALSE(scene.question_of("stranger")) << "it reaches nothing, whatever the fence does";

    OutsideScene limited;
    limited.locate_all();
    ASSERT_TRUE(ask_within_web(limited, unnamed()));
    ASSERT_TRUE(limited.approve());
    limited.prove();
    EXPECT_FALSE(limited.question_of("stranger"));
    EXPECT_FALSE(limited.question_of("friend"));
}

}  // namespace
}  // namespace thimble::server
