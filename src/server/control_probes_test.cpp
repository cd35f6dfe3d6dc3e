// What hosts outside say of a control, and what the server makes of it.
#include "thimble/store/control_probes.hpp"

#include "thimble/model/control_report.hpp"
#include "thimble/server/control_scene_test.hpp"
#include "thimble/server/outside_places.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace thimble::server {
namespace {

std::string fence(const std::string& probes, const std::string& allow = R"("10.0.2.0/24")") {
    return R"({"kind":"segmentation","settings":{"listeners":[{"port":80}],"allow":[)" + allow
        + R"(],"probes":[)" + probes + "]}}";
}
std::string probe(const std::string& from, const std::string& host, const std::string& more = "") {
    return R"({"from":")" + from + R"(","address":"10.0.0.1","port":80,"host":")" + host + "\""
        + more + "}";
}
std::string both() {
    return fence(probe("allowed", "friend") + "," + probe("refused", "stranger"));
}

/// A shielded host, and two that try it.
struct OutsideScene : ControlScene {
    OutsideScene() {
        add_host("friend", keep_nginx("2"), "office");
        add_host("stranger", keep_nginx("2"), "guests");
    }
    /// Hosts are asked from those addresses; others are not known.
    void locate(const std::string& host_id, const std::string& from) {
        ASSERT_TRUE(database.transact([&](store::Connection& connection) {
            return connection.execute(
                "UPDATE host SET address = :address WHERE id = :id", {from, host_id});
        }));
    }
    void locate_all() {
        locate("web1", "10.0.0.1");
        locate("friend", "10.0.2.7");
        locate("stranger", "10.0.3.7");
    }
    void rename(const std::string& host_id, const std::string& name) {
        ASSERT_TRUE(change(
            context, clock.now(), [&](store::Connection& connection, Trail& trail) -> Result<void> {
                THIMBLE_TRY(connection.execute(
                    "UPDATE host SET name = :name WHERE id = :id", {name, host_id}));
                return trail.note({"user:ada", "host.change", host_id, "", "", ""});
            }));
    }
    /// The question that a host has; none: it has none.
    std::optional<store::Job> question_of(const std::string& host_id) {
        const auto jobs = *database.look([&](store::Connection& connection) {
            return store::waiting_jobs(connection, clock.now());
        });
        const auto found = std::ranges::find_if(jobs, [&](const store::Job& job) {
            return job.host_id == host_id && job.kind == "probe-control";
        });
        return found == jobs.end() ? std::nullopt : std::optional(*found);
    }
    void answer(const std::string& host_id, bool is_connected, const std::string& source) {
        const auto question = question_of(host_id);
        ASSERT_TRUE(question) << host_id;
        const protocol::Job content = content_of(*question);
        const bool passed = content.probe->from_allowed == is_connected;
        model::ControlReport report;
        report.id = content.control->id;
        report.digest = content.control->digest;
        report.action = model::ControlAction::Probe;
        report.state = passed ? model::ControlOutcome::Holding : model::ControlOutcome::Broken;
        report.at = clock.now();
        report.checks = {{"probe", "x", is_connected ? "connected" : "no answer", passed}};
        report.job = question->id;
        report.source = source;
        end(*question, model::format_control_report(report), passed ? 0 : 1);
    }
    void answer_well() {
        answer("friend", true, "10.0.2.7");
        answer("stranger", false, "10.0.3.7");
    }
    /// The next look of the host itself says that all is well.
    void look_well() {
        clock.go(std::chrono::hours(1));
        watch();
        end_well("holding");
    }
};

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
Result<std::string> ask_within_web(OutsideScene& scene, const std::string& document) {
    std::string request = ControlScene::request_for(document);
    const std::string groups = R"({"groups":["web"]})";
    request.replace(request.find(groups), groups.size(), R"({"hosts":["web1"]})");
    THIMBLE_TRY(const std::string made, scene.ask(propose_control, "ada", request, {}, "web"));
    THIMBLE_TRY(const JsonValue answer, parse_json(made));
    scene.id = JsonMembers(answer).text("id");
    return made;
}

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
